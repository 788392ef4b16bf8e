/** Upstream pools over real connections: reuse, limits, poisoning, server identity, leaks. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { test, type TestContext } from 'node:test';
import { generate } from 'selfsigned';
import type { Dispatcher } from 'undici';
import { SILENT } from '../log.ts';
import { createPools, type PoolSettings, type ConnectionPools } from './pools.ts';
import type { Peer, UpstreamTls } from './types.ts';

const SETTINGS: PoolSettings = {
  upstreamKeepalivePoolSize: 512,
  upstreamKeepaliveMaxRequests: 10_000,
  upstreamKeepaliveIdleTimeoutMs: 60_000,
};
const CONNECT_MS = 5_000;

function makePools(
  t: TestContext,
  rest: Partial<PoolSettings> = {},
  sweepMs?: number,
): ConnectionPools {
  const pools = createPools({ ...SETTINGS, ...rest }, SILENT, sweepMs);
  t.after(() => pools.close());
  return pools;
}

function portOf(server: Server): number {
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

async function listen(t: TestContext, server: Server): Promise<Peer> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { ip: '127.0.0.1', port: portOf(server), hostname: 'up.test' };
}

/** The body of a GET; rejects with what the handler got. */
function get(dispatcher: Dispatcher): Promise<string> {
  return new Promise((resolve, reject) => {
    let body = '';
    dispatcher.dispatch(
      { method: 'GET', path: '/', headers: ['host', 'up.test'] },
      {
        onConnect() {},
        onHeaders: () => true,
        onData(chunk) {
          body += chunk.toString();
          return true;
        },
        onComplete: () => resolve(body),
        onError: reject,
      },
    );
  });
}

/** Answers every request with the number of its connection. */
async function countingServer(
  t: TestContext,
): Promise<{ peer: Peer; server: Server; made: () => number }> {
  let made = 0;
  const numbers = new WeakMap<object, number>();
  const server = createHttpServer((req, res) => res.end(String(numbers.get(req.socket))));
  server.on('connection', (socket: Socket) => numbers.set(socket, (made += 1)));
  return { peer: await listen(t, server), server, made: () => made };
}

function openSockets(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

async function whenIdle(server: Server): Promise<void> {
  while ((await openSockets(server)) > 0) await new Promise((resolve) => setImmediate(resolve));
}

const reuse: { name: string; rest: Partial<PoolSettings>; connections: string[] }[] = [
  { name: 'as usual', rest: {}, connections: ['1', '1', '1', '1', '1'] },
  {
    name: 'pool size 0',
    rest: { upstreamKeepalivePoolSize: 0 },
    connections: ['1', '2', '3', '4', '5'],
  },
  {
    name: '1 request each',
    rest: { upstreamKeepaliveMaxRequests: 1 },
    connections: ['1', '2', '3', '4', '5'],
  },
  {
    name: 'no limit',
    rest: { upstreamKeepaliveMaxRequests: 0, upstreamKeepaliveIdleTimeoutMs: 0 },
    connections: ['1', '1', '1', '1', '1'],
  },
];
for (const { name, rest, connections } of reuse) {
  test(`connections are reused within their limits: ${name}`, async (t) => {
    const { peer } = await countingServer(t);
    const pools = makePools(t, rest);
    const used: string[] = [];
    for (let i = 0; i < 5; i++) {
      used.push(await get(pools.get(peer, CONNECT_MS)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(used, connections);
  });
}

test('no connection serves more than its number of requests', async (t) => {
  const { peer } = await countingServer(t);
  const pools = makePools(t, { upstreamKeepaliveMaxRequests: 2 });
  const used = new Map<string, number>();
  for (let i = 0; i < 20; i++) {
    const connection = await get(pools.get(peer, CONNECT_MS));
    used.set(connection, (used.get(connection) ?? 0) + 1);
  }
  assert.ok([...used.values()].every((count) => count <= 2));
  assert.ok([...used.values()].includes(2));
});

test('the pool size limits what is kept, not what is used', async (t) => {
  const held: (() => void)[] = [];
  const server = createHttpServer((_req, res) => void held.push(() => res.end('ok')));
  const peer = await listen(t, server);
  const pools = makePools(t, { upstreamKeepalivePoolSize: 2 });
  const requests = Array.from({ length: 6 }, () => get(pools.get(peer, CONNECT_MS)));
  while (held.length < 6) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await openSockets(server), 6);
  const free = once(pools.get(peer, CONNECT_MS), 'drain');
  for (const answer of held) answer();
  assert.deepEqual(
    await Promise.all(requests),
    Array.from({ length: 6 }, () => 'ok'),
  );
  while ((await openSockets(server)) > 2) await new Promise((resolve) => setImmediate(resolve));
  await free;
  held.length = 0;
  const later = get(pools.get(peer, CONNECT_MS));
  while (held.length < 1) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await openSockets(server), 2, 'a kept connection was free again');
  held[0]?.();
  await later;
});

test('an idle connection is closed after its time', async (t) => {
  const { peer, server } = await countingServer(t);
  const pools = makePools(t, { upstreamKeepaliveIdleTimeoutMs: 50 });
  await get(pools.get(peer, CONNECT_MS));
  await whenIdle(server);
});

test('what nobody uses is closed; 1,000 pools leave no connection', async (t) => {
  const { peer, server, made } = await countingServer(t);
  const pools = makePools(t, {}, 100);
  for (let batch = 0; batch < 10; batch++) {
    await Promise.all(
      // The connect timeout is part of the identity: a cheap way to another pool.
      Array.from({ length: 100 }, (_, i) => get(pools.get(peer, CONNECT_MS + batch * 100 + i))),
    );
  }
  assert.equal(made(), 1_000);
  await pools.close();
  await whenIdle(server);
});

test('an unused pool goes, a used one stays', async (t) => {
  const { peer } = await countingServer(t);
  const pools = makePools(t, { upstreamKeepalivePoolSize: 0 }, 10);
  const first = pools.get(peer, CONNECT_MS);
  assert.equal(pools.get(peer, CONNECT_MS), first);
  await get(first);
  const isClosed = (): boolean => 'closed' in first && first.closed === true;
  while (!isClosed()) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.notEqual(pools.get(peer, CONNECT_MS), first);
});

test('a refused connection is ERR_UPSTREAM_CONNECT, a slow one ERR_UPSTREAM_TIMEOUT', async (t) => {
  const server = createServer();
  const peer = await listen(t, server);
  const pools = makePools(t);
  // Connected by the kernel, but the handshake is never answered.
  const silent = get(pools.get(peer, 30, tlsOf({ rejectUnauthorized: false }), 'up.test'));
  await assert.rejects(silent, { code: 'ERR_UPSTREAM_TIMEOUT' });
  server.close();
  await assert.rejects(get(pools.get(peer, CONNECT_MS)), { code: 'ERR_UPSTREAM_CONNECT' });
});

const reply = (body: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

function blockLoop(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

for (const { name, blocked } of [
  { name: 'while idle', blocked: false },
  { name: 'while the event loop is busy', blocked: true },
]) {
  test(`an unsolicited second response is delivered to nobody: ${name}`, async (t) => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      socket.on('data', () => socket.write(reply('good')));
    });
    t.after(() => sockets.forEach((socket) => socket.destroy()));
    const peer = await listen(t, server);
    const pools = makePools(t);
    for (let round = 0; round < 20; round++) {
      assert.equal(await get(pools.get(peer, CONNECT_MS)), 'good');
      sockets.at(-1)?.write(reply('evil'));
      if (blocked) blockLoop(5);
      else await new Promise((resolve) => setImmediate(resolve));
      const outcome = await get(pools.get(peer, CONNECT_MS)).catch(() => 'error');
      assert.notEqual(outcome, 'evil');
    }
  });
}

interface Authority {
  readonly root: string;
  issue(name: string): Promise<{ cert: string; key: string }>;
}

async function makeAuthority(): Promise<Authority> {
  const ca = await generate([{ name: 'commonName', value: 'test root' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true },
    ],
  });
  return {
    root: ca.cert,
    async issue(name) {
      const pair = await generate([{ name: 'commonName', value: name }], {
        keySize: 2048,
        algorithm: 'sha256',
        ca: { key: ca.private, cert: ca.cert },
        extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
      });
      return { cert: pair.cert, key: pair.private };
    },
  };
}

function tlsOf(options: Partial<UpstreamTls>): UpstreamTls {
  return {
    id: JSON.stringify(options),
    rejectUnauthorized: true,
    ca: undefined,
    cert: undefined,
    key: undefined,
    verifyDepth: 1,
    ...options,
  };
}

test('TLS: the certificate has to carry the name and lead to a trusted root', async (t) => {
  const authority = await makeAuthority();
  const stranger = await makeAuthority();
  const pair = await authority.issue('up.test');
  const names: unknown[] = [];
  const server = createTlsServer(pair, (socket: TLSSocket) => {
    names.push(socket.servername);
    socket.on('error', () => {});
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  });
  const peer = await listen(t, server);
  const pools = makePools(t);
  const trusted = tlsOf({ ca: [authority.root] });
  for (const { name, tls, serverName, ok } of [
    { name: 'right', tls: trusted, serverName: 'up.test', ok: true },
    { name: 'other name', tls: trusted, serverName: 'other.test', ok: false },
    { name: 'an address', tls: trusted, serverName: '127.0.0.1', ok: false },
    { name: 'other root', tls: tlsOf({ ca: [stranger.root] }), serverName: 'up.test', ok: false },
    { name: 'default roots', tls: tlsOf({}), serverName: 'up.test', ok: false },
    {
      name: 'unverified',
      tls: tlsOf({ rejectUnauthorized: false }),
      serverName: 'other.test',
      ok: true,
    },
    { name: 'right again', tls: trusted, serverName: 'up.test', ok: true },
    {
      name: 'no intermediates allowed, none there',
      tls: tlsOf({ ca: [authority.root], verifyDepth: 0 }),
      serverName: 'up.test',
      ok: true,
    },
  ]) {
    const attempt = get(pools.get(peer, CONNECT_MS, tls, serverName));
    if (ok) assert.equal(await attempt, 'ok', name);
    else await assert.rejects(attempt, { code: 'ERR_UPSTREAM_CONNECT' }, name);
  }
  assert.ok(names.includes('up.test'));
  assert.ok(!names.includes('127.0.0.1'), 'no address as server name');
});
