/** Upgrades with real WebSocket clients and servers, and with ends that misbehave. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import type { TunnelEnd } from './tunnel-join.ts';
import { requestUpgrade, type UpgradeRequest } from './tunnel.ts';

const SWITCH =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const MILLION = 1_000_000;

function portOf(server: Server | WebSocketServer): number {
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

async function listen(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return portOf(server);
}

/** An upstream that reads one request head and then does what it is told. */
async function rawUpstream(
  t: TestContext,
  act: (socket: Socket) => void,
): Promise<{ port: number; server: Server }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {}).once('close', () => open.delete(socket));
    socket.once('data', () => act(socket));
  });
  const port = await listen(t, server);
  t.after(() => open.forEach((socket) => socket.destroy()));
  return { port, server };
}

function upgradeOf(port: number, rest: Partial<UpgradeRequest> = {}): UpgradeRequest {
  return {
    peer: { ip: '127.0.0.1', port, hostname: 'up.test' },
    method: 'GET',
    target: '/chat?x=1',
    headers: ['Host', 'up.test', 'Connection', 'keep-alive, Upgrade', 'Upgrade', 'websocket'],
    connectTimeoutMs: 5_000,
    readTimeoutMs: 5_000,
    writeTimeoutMs: 5_000,
    headBytesMax: 16_384,
    ...rest,
  };
}

interface Gateway {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** How each tunnel ended. */
  readonly ends: Promise<TunnelEnd>[];
}

/** A bare gateway: every upgrade goes to `upstreamPort` as it came. */
async function startGateway(
  t: TestContext,
  upstreamPort: number,
  rest: Partial<UpgradeRequest> = {},
): Promise<Gateway> {
  const ends: Promise<TunnelEnd>[] = [];
  async function forward(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const gone = new AbortController();
    const leave = (): void => gone.abort();
    socket.on('error', leave).once('close', leave).once('end', leave);
    const headers = req.rawHeaders;
    const { signal } = gone;
    try {
      const request = upgradeOf(upstreamPort, { headers, signal, ...rest });
      const answer = await requestUpgrade(request);
      assert.ok(answer.kind === 'switched');
      ends.push(answer.join(socket, head, [...answer.headers, 'X-Edited', 'yes']));
    } catch {
      socket.destroy();
    }
  }
  const server = createHttpServer().on('upgrade', (req, socket, head) => {
    void forward(req, socket, head);
  });
  const port = await listen(t, server);
  return { url: `ws://127.0.0.1:${port}`, port, server, ends };
}

async function startEcho(t: TestContext): Promise<WebSocketServer> {
  const echo = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: () => 'chat.v2',
  });
  await once(echo, 'listening');
  echo.on('connection', (peer) => {
    peer.on('message', (data, binary) => peer.send(data, { binary }));
  });
  t.after(() => {
    for (const peer of echo.clients) peer.terminate();
    echo.close();
  });
  return echo;
}

/** The first end of a tunnel, once there is one. */
async function firstEnd(gateway: Gateway): Promise<TunnelEnd> {
  while (gateway.ends[0] === undefined) await new Promise((resolve) => setImmediate(resolve));
  return gateway.ends[0];
}

/** Resolves when the server has no connection left. */
async function whenIdle(server: Server): Promise<void> {
  for (;;) {
    const count = await new Promise<number>((resolve, reject) => {
      server.getConnections((error, open) => (error ? reject(error) : resolve(open)));
    });
    if (count === 0) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('frames of all sizes, the subprotocol, edited headers and close codes pass', async (t) => {
  const echo = await startEcho(t);
  const gateway = await startGateway(t, portOf(echo));
  const client = new WebSocket(gateway.url, ['chat.v1', 'chat.v2']);
  t.after(() => client.terminate());
  const [[response]] = await Promise.all([once(client, 'upgrade'), once(client, 'open')]);
  assert.equal(response.headers['x-edited'], 'yes');
  assert.equal(client.protocol, 'chat.v2');
  for (const size of [0, 1, 125, 126, 65_535, 65_536, 5 * MILLION]) {
    const sent = Buffer.alloc(size, 'frame ');
    client.send(sent);
    const [received] = await once(client, 'message');
    assert.ok(sent.equals(received), `${size} bytes`);
  }
  const closedUpstream = new Promise((resolve) => {
    for (const peer of echo.clients) peer.once('close', (code) => resolve(code));
  });
  const closed = once(client, 'close');
  client.close(4001, 'done');
  assert.equal(await closedUpstream, 4001);
  assert.equal((await closed)[0], 4001);
  const end = await firstEnd(gateway);
  assert.equal(end.reason, 'closed');
  assert.ok(end.upstreamBytes > 5 * MILLION && end.clientBytes > 5 * MILLION);
});

test('bytes that either side sends together with its head are not lost', async (t) => {
  const { port } = await rawUpstream(t, (socket) => {
    socket.write(`${SWITCH}early `);
    socket.pipe(socket);
  });
  const gateway = await startGateway(t, port);
  const client = connect(gateway.port, '127.0.0.1');
  t.after(() => client.destroy());
  client.write(
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nbird',
  );
  let received = '';
  while (!received.endsWith('\r\n\r\nearly bird')) {
    received += String((await once(client, 'data'))[0]);
  }
});

test('a refusal comes back as an ordinary response with its body', async (t) => {
  const { port, server } = await rawUpstream(t, (socket) => {
    socket.write('HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\n\r\n');
    socket.write('6\r\ndenied\r\n0\r\n\r\n');
  });
  const answer = await requestUpgrade(upgradeOf(port));
  assert.ok(answer.kind === 'refused');
  assert.equal(answer.status, 401);
  assert.deepEqual(answer.headers, ['Transfer-Encoding', 'chunked', 'X-A', '1']);
  assert.equal(await text(answer.body), 'denied');
  await whenIdle(server);
});

const failures: {
  name: string;
  act: (socket: Socket) => void;
  code: string;
  rest?: Partial<UpgradeRequest>;
}[] = [
  { name: 'closes without an answer', act: (s) => void s.end(), code: 'ERR_UPSTREAM_RESPONSE' },
  { name: 'resets', act: (s) => void s.resetAndDestroy(), code: 'ERR_UPSTREAM_RESPONSE' },
  {
    name: 'is cut off in its head',
    act: (s) => void s.end('HTTP/1.1 101'),
    code: 'ERR_UPSTREAM_RESPONSE',
  },
  {
    name: 'speaks nonsense',
    act: (s) => void s.write('SSH-2.0-x\r\n'),
    code: 'ERR_UPSTREAM_RESPONSE',
  },
  {
    name: 'says 101 without Upgrade',
    act: (s) => void s.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
    code: 'ERR_UPSTREAM_RESPONSE',
  },
  {
    name: 'sends an endless head',
    act: (s) => void s.write(`HTTP/1.1 101 x\r\nA: ${'a'.repeat(20_000)}`),
    code: 'ERR_UPSTREAM_RESPONSE',
  },
  { name: 'is silent', act: () => {}, code: 'ERR_UPSTREAM_TIMEOUT', rest: { readTimeoutMs: 20 } },
];
for (const { name, act, code, rest } of failures) {
  test(`an upstream that ${name} is ${code} and leaves no connection`, async (t) => {
    const { port, server } = await rawUpstream(t, act);
    await assert.rejects(requestUpgrade(upgradeOf(port, rest)), { code });
    await whenIdle(server);
  });
}

test('a dead upstream is ERR_UPSTREAM_CONNECT', async (t) => {
  const server = createServer();
  const port = await listen(t, server);
  server.close();
  await once(server, 'close');
  await assert.rejects(requestUpgrade(upgradeOf(port)), { code: 'ERR_UPSTREAM_CONNECT' });
});

test('a client that goes before the answer takes the upstream connection with it', async (t) => {
  const arrival = new EventEmitter();
  const { port, server } = await rawUpstream(t, () => void arrival.emit('asked'));
  const gone = new AbortController();
  const attempt = requestUpgrade(upgradeOf(port, { signal: gone.signal }));
  await once(arrival, 'asked');
  gone.abort();
  await assert.rejects(attempt, { code: 'ERR_CLIENT_ABORTED' });
  await whenIdle(server);
  await assert.rejects(requestUpgrade(upgradeOf(port, { signal: gone.signal })), {
    code: 'ERR_CLIENT_ABORTED',
  });
});

test('a silent tunnel is closed after the read timeout, on both sides', async (t) => {
  const { port, server } = await rawUpstream(t, (socket) => void socket.write(SWITCH));
  const gateway = await startGateway(t, port, { readTimeoutMs: 50 });
  const client = connect(gateway.port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await once(client.resume(), 'close');
  assert.equal((await firstEnd(gateway)).reason, 'timeout');
  await whenIdle(server);
});

test('a reset on one side is a reset on the other', async (t) => {
  const { port } = await rawUpstream(t, (socket) => {
    socket.write(SWITCH);
    socket.once('data', () => socket.resetAndDestroy());
  });
  const gateway = await startGateway(t, port);
  const client = connect(gateway.port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await once(client, 'data');
  client.write('now');
  const [error] = await once(client, 'error').catch((cause: unknown) => [cause]);
  assert.equal(error.code, 'ECONNRESET');
  assert.equal((await firstEnd(gateway)).reason, 'upstream-reset');
});

test('a reader that stops holds the sender back', async (t) => {
  let upstream: Socket | undefined;
  const { port } = await rawUpstream(t, (socket) => {
    upstream = socket;
    socket.write(SWITCH);
    for (let i = 0; i < 64; i++) socket.write(Buffer.alloc(MILLION));
  });
  const gateway = await startGateway(t, port);
  const client = connect(gateway.port, '127.0.0.1');
  t.after(() => client.destroy());
  client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await once(client, 'readable');
  let before = -1;
  // Until a whole round of turns moves nothing any more: all buffers between the two are full.
  for (let pending = upstream?.writableLength ?? 0; pending !== before;) {
    before = pending;
    for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
    pending = upstream?.writableLength ?? 0;
  }
  assert.ok(before > 32 * MILLION, `${before} bytes wait in the sender`);
});

test('500 tunnels leave nothing behind', async (t) => {
  const echo = await startEcho(t);
  const gateway = await startGateway(t, portOf(echo));
  for (let batch = 0; batch < 10; batch++) {
    await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const client = new WebSocket(gateway.url);
        await once(client, 'open');
        if (i % 2 === 0) client.close();
        else client.terminate();
        await once(client, 'close');
      }),
    );
  }
  assert.equal((await Promise.all(gateway.ends)).length, 500);
  while (echo.clients.size > 0) await new Promise((resolve) => setImmediate(resolve));
  await whenIdle(gateway.server);
});
