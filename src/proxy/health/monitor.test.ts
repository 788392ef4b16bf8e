/** Probes over real sockets: every field of the active checks, and the rhythm. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createTlsServer, TLSSocket, type Server as TlsServer } from 'node:tls';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { status, type Metadata, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { generate } from 'selfsigned';
import { deferred } from '../../../test/support/deferred.ts';
import { HEALTH_SERVICE, startGrpcOrigin } from '../../../test/support/grpc.ts';
import { deadPort } from '../../../test/support/origin.ts';
import type { Upstream } from '../../config/types.ts';
import { SILENT } from '../../log.ts';
import { Balancer } from '../balancer/balancer.ts';
import { resolverOf, targetOf, UPSTREAM } from '../balancer/balancer.test.fixture.ts';
import type { UpstreamTls } from '../types.ts';
import { createHealthBoard, type Health } from './board.ts';
import { createHealthMonitor, type HealthMonitor } from './monitor.ts';

type Active = Upstream['healthchecks']['active'];

const ONE = { tcp_failures: 1, timeouts: 1, http_failures: 1 };
const ACTIVE: Active = {
  ...UPSTREAM.healthchecks.active,
  healthy: { interval: 0.01, successes: 1, http_statuses: [200] },
  unhealthy: { interval: 0.01, http_statuses: [500], ...ONE },
};

interface Watched {
  readonly monitor: HealthMonitor;
  readonly balancer: Balancer;
  /** Resolves at the next change of health. */
  readonly changed: () => Promise<Health>;
}

interface WatchOptions {
  readonly active?: Partial<Active>;
  readonly tls?: UpstreamTls;
  readonly upstream?: Partial<Upstream>;
}

function balancerOf(ports: readonly number[], options: WatchOptions): Balancer {
  const healthchecks = {
    ...UPSTREAM.healthchecks,
    active: { ...ACTIVE, ...options.active },
  };
  return new Balancer({
    upstream: { ...UPSTREAM, ...options.upstream, healthchecks },
    targets: ports.map((port) => targetOf(`127.0.0.1:${port}`)),
    resolver: resolverOf(new Map()),
    health: BOARD,
    probeTls: options.tls,
  });
}

const BOARD = createHealthBoard({ log: SILENT });

function watch(t: TestContext, ports: readonly number[], options: WatchOptions = {}): Watched {
  const balancer = balancerOf(ports, options);
  const monitor = createHealthMonitor();
  // The monitor's own clocks keep no process alive.
  const awake = setInterval(() => {}, 60_000);
  t.after(() => {
    clearInterval(awake);
    monitor.close();
    balancer.close();
  });
  monitor.watch([balancer]);
  const waiting = new Set<(health: Health) => void>();
  BOARD.subscribe(({ key, health }) => {
    if (!ports.some((port) => key.includes(`:${port} `))) return;
    for (const resolve of waiting) resolve(health);
    waiting.clear();
  });
  return { monitor, balancer, changed: () => new Promise((resolve) => waiting.add(resolve)) };
}

async function serve(t: TestContext, server: Server | TlsServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  });
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return portOf(server);
}

function portOf(server: Server | TlsServer): number {
  const address: AddressInfo | string | null = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  return address.port;
}

/** Answers every probe with the line that is set, or not at all while it is empty. */
async function peerWith(t: TestContext, first = '') {
  const state = { line: first, probes: 0 };
  const requests: string[] = [];
  const port = await serve(
    t,
    createServer((socket) => {
      state.probes++;
      socket.on('data', (chunk) => {
        requests.push(chunk.toString('latin1'));
        if (state.line !== '') socket.end(`${state.line}\r\n\r\n`);
      });
    }),
  );
  return { port, state, requests };
}

for (const [line, health] of [
  ['HTTP/1.1 500 x', 'unhealthy'],
  ['nonsense', 'unhealthy'],
] as const) {
  test(`a probe answered ${line} finds the target ${health}, and 200 brings it back`, async (t) => {
    const peer = await peerWith(t, line);
    const { changed, balancer } = watch(t, [peer.port]);
    assert.equal(await changed(), health);
    assert.equal(balancer.status().healthy, false);
    const back = changed();
    peer.state.line = 'HTTP/1.1 200 OK';
    assert.equal(await back, 'healthy');
    assert.equal(balancer.status().healthy, true);
  });
}

test('an address where nothing listens counts as a TCP failure', async (t) => {
  const { changed } = watch(t, [await deadPort()], {
    active: { unhealthy: { ...ACTIVE.unhealthy, timeouts: 0, http_failures: 0 } },
  });
  assert.equal(await changed(), 'unhealthy');
});

test('an answer that does not come in time counts as a timeout', async (t) => {
  const peer = await peerWith(t);
  const { changed } = watch(t, [peer.port], {
    active: { timeout: 0.05, unhealthy: { ...ACTIVE.unhealthy, tcp_failures: 0 } },
  });
  assert.equal(await changed(), 'unhealthy');
});

test('a probe over TCP is content with a connection', async (t) => {
  const peer = await peerWith(t);
  const { changed, balancer } = watch(t, [peer.port], { active: { type: 'tcp' } });
  const [address] = balancer.addresses();
  assert.ok(address);
  const back = changed();
  balancer.board.mark(address.record, false);
  assert.equal(await back, 'unhealthy');
  assert.equal(await changed(), 'healthy');
  assert.deepEqual(peer.requests, []);
});

test('a probe asks for http_path with its headers, under host_header or the name of the target', async (t) => {
  const peer = await peerWith(t, 'HTTP/1.0 500 x');
  const active = { http_path: '/up?x', headers: { 'X-Probe': ['a', 'b'] } };
  const first = watch(t, [peer.port], { active });
  await first.changed();
  first.monitor.close();
  const head = 'GET /up?x HTTP/1.0\r\nX-Probe: a\r\nX-Probe: b\r\n';
  assert.equal(peer.requests[0], `${head}Host: 127.0.0.1\r\n\r\n`);
  const seen = peer.requests.length;
  const upstream = { name: 'other.test', host_header: 'api.test' };
  const second = watch(t, [peer.port], { active, upstream });
  await second.changed();
  assert.equal(peer.requests[seen], `${head}Host: api.test\r\n\r\n`);
});

test('concurrency is how many probes run at the same time', async (t) => {
  const peers = [await peerWith(t), await peerWith(t), await peerWith(t)];
  const ports = peers.map(({ port }) => port);
  const { changed } = watch(t, ports, { active: { concurrency: 2, timeout: 0.2 } });
  await changed();
  // Two of them stood open until they timed out; the third only comes now.
  assert.equal(
    peers.reduce((sum, { state }) => sum + state.probes, 0),
    2,
  );
});

test('an interval of 0 probes nobody of that state', async (t) => {
  const peer = await peerWith(t, 'HTTP/1.1 500 x');
  const { changed } = watch(t, [peer.port], {
    active: { unhealthy: { ...ACTIVE.unhealthy, interval: 0 } },
  });
  await changed();
  const { probes } = peer.state;
  const other = await peerWith(t, 'HTTP/1.1 500 x');
  await watch(t, [other.port], { upstream: { name: 'later.test' } }).changed();
  assert.equal(peer.state.probes, probes, 'it is unhealthy, and nobody asks any more');
});

test('a reload that leaves the checks alone leaves their rhythm alone', async (t) => {
  const peer = await peerWith(t, 'HTTP/1.1 200 OK');
  const active = { healthy: { ...ACTIVE.healthy, interval: 0.3 } };
  const { monitor } = watch(t, [peer.port], { active });
  const probed = deferred<void>();
  const poll = setInterval(() => {
    // A reload every 50 ms: were the clock set back each time, no probe would ever come.
    const next = balancerOf([peer.port], { active });
    t.after(() => next.close());
    monitor.watch([next]);
    if (peer.state.probes > 0) probed.resolve();
  }, 50);
  t.after(() => clearInterval(poll));
  await probed.promise;
});

async function tlsPeer(t: TestContext) {
  const pems = await generate([{ name: 'commonName', value: 'probe.test' }], {
    keySize: 2048,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'probe.test' }] }],
  });
  const names: unknown[] = [];
  const server = createTlsServer({ key: pems.private, cert: pems.cert }, (socket) => {
    names.push(socket.servername);
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
    socket.on('error', () => socket.destroy());
  });
  server.on('tlsClientError', (_error, socket: TLSSocket) => socket.destroy());
  return { port: await serve(t, server), names, cert: pems.cert };
}

test('a probe over TLS asks for https_sni and verifies the certificate when it is told to', async (t) => {
  const peer = await tlsPeer(t);
  const tls: UpstreamTls = {
    id: 'probe',
    rejectUnauthorized: true,
    ca: [peer.cert],
    cert: undefined,
    key: undefined,
    verifyDepth: undefined,
  };
  const https = { type: 'https', https_sni: 'probe.test' } as const;
  const good = watch(t, [peer.port], { active: https, tls });
  const [address] = good.balancer.addresses();
  assert.ok(address);
  good.balancer.board.mark(address.record, false);
  assert.equal(await good.changed(), 'healthy');
  assert.equal(peer.names[0], 'probe.test');
  good.monitor.close();
  const bad = watch(t, [peer.port], {
    active: { ...https, https_sni: 'other.test' },
    tls,
    upstream: { name: 'wrong.test' },
  });
  assert.equal(await bad.changed(), 'unhealthy');
});

for (const [answer, health] of [
  [{ status: 1 }, 'healthy'],
  [{ status: 2 }, 'unhealthy'],
  [{ error: status.UNIMPLEMENTED }, 'unhealthy'],
] as const) {
  test(`a probe over gRPC that is answered ${JSON.stringify(answer)} finds the target ${health}`, async (t) => {
    const asked: Metadata[] = [];
    const check = (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>): void => {
      asked.push(call.metadata);
      if ('error' in answer) done({ code: answer.error });
      else done(null, Buffer.from([0x08, answer.status]));
    };
    const { port } = await startGrpcOrigin(t, { check }, { service: HEALTH_SERVICE });
    const { changed, balancer } = watch(t, [port], {
      active: { type: 'grpc', headers: { 'x-probe': ['yes'] } },
      upstream: { name: `grpc-${health}.test` },
    });
    const [address] = balancer.addresses();
    assert.ok(address);
    if (health === 'healthy') balancer.board.mark(address.record, false);
    assert.equal(await changed(), health);
    assert.deepEqual(asked[0]?.get('x-probe'), ['yes']);
  });
}
