/**
 * Measures what becomes of upgrades that go wrong, through node-http-proxy and through our tunnel:
 * `node --import tsx test/support/measure-http-proxy-upgrades.ts [http-proxy|tunnel] [upgrades]`.
 * Prints sockets still open, clients still waiting and errors nobody handled, after all is over.
 */
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import httpProxy from 'http-proxy';
import { requestUpgrade } from '../../src/proxy/tunnel.ts';

const SWITCH =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const REFUSAL =
  'HTTP/1.1 401 Unauthorized\r\nContent-Length: 6\r\nContent-Type: text/plain\r\n\r\ndenied';
const GRACE_MS = 3_000;
const SETTLE_MS = 1_000;
const AT_ONCE = 50;

/** How many clients ended how. */
interface Outcomes {
  fine: number;
  stuck: number;
  wrong: number;
}

/** What the two ends do; `upstream` runs on the request's arrival, `client` on its connection. */
interface Scenario {
  readonly upstream: (socket: Socket) => void;
  readonly client: (socket: Socket) => void;
  /** The status line the client has to see before the end, if any. */
  readonly expects?: string;
}

const onFirstData = (socket: Socket, then: () => void): void => void socket.once('data', then);

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'echo, client closes': {
    upstream(socket) {
      socket.write(SWITCH);
      socket.pipe(socket);
    },
    client(socket) {
      onFirstData(socket, () => {
        socket.write('ping');
        onFirstData(socket, () => void socket.end());
      });
    },
    expects: '101',
  },
  'client resets before the answer': {
    upstream() {},
    client: (socket) => void setTimeout(() => socket.resetAndDestroy(), 20),
  },
  'client resets at once': {
    upstream: (socket) => void socket.write(SWITCH),
    client: (socket) => void setImmediate(() => socket.resetAndDestroy()),
  },
  'client resets in the tunnel': {
    upstream(socket) {
      socket.write(SWITCH);
      socket.write(Buffer.alloc(1_000_000));
    },
    client: (socket) => onFirstData(socket, () => socket.resetAndDestroy()),
  },
  'upstream resets before the answer': {
    upstream: (socket) => void socket.resetAndDestroy(),
    client() {},
  },
  'upstream closes inside its head': {
    upstream: (socket) => void socket.end(SWITCH.slice(0, 30)),
    client() {},
  },
  'upstream resets in the tunnel': {
    upstream(socket) {
      socket.write(SWITCH);
      setTimeout(() => socket.resetAndDestroy(), 20);
    },
    client: (socket) => void socket.on('data', () => socket.write(Buffer.alloc(100_000))),
    expects: '101',
  },
  'upstream refuses the connection': { upstream() {}, client() {} },
  'upstream answers 401': {
    upstream: (socket) => void socket.write(REFUSAL),
    client() {},
    expects: '401',
  },
  'client half-closes': {
    upstream(socket) {
      socket.write(SWITCH);
      socket.resume().once('end', () => socket.end('late answer'));
    },
    client: (socket) => onFirstData(socket, () => void socket.end()),
    expects: '101',
  },
  'upstream half-closes': {
    upstream(socket) {
      socket.end(SWITCH);
      socket.resume();
    },
    client: (socket) => void socket.once('end', () => socket.end('late words')),
    expects: '101',
  },
};

/* oxlint-disable no-await-in-loop -- scenarios and batches run one after the other */
const NAMES = Object.keys(SCENARIOS);

interface Ports {
  readonly upstream: number;
  readonly dead: number;
}

type StartProxy = (ports: Ports) => Server;

/** The path says which scenario runs: `/3`. */
function scenarioOf(path: string): { readonly name: string; readonly scenario: Scenario } {
  const name = NAMES[Number(path.slice(1)) % NAMES.length] ?? '';
  const scenario = SCENARIOS[name];
  if (scenario === undefined) throw new Error(`no scenario at ${path}`);
  return { name, scenario };
}

function portFor(req: IncomingMessage, ports: Ports): number {
  const { name } = scenarioOf(req.url ?? '');
  return name === 'upstream refuses the connection' ? ports.dead : ports.upstream;
}

const throughHttpProxy: StartProxy = (ports) => {
  const proxy = httpProxy.createProxyServer({ agent: false });
  proxy.on('error', (_error, _req, socket) => {
    if ('destroy' in socket) socket.destroy();
  });
  return createHttpServer().on('upgrade', (req, socket, head) => {
    const target = `http://127.0.0.1:${portFor(req, ports)}`;
    proxy.ws(req, socket, head, { target });
  });
};

const throughTunnel: StartProxy = (ports) =>
  createHttpServer().on('upgrade', (req, socket, head) => {
    void forward(req, { socket, head }, portFor(req, ports));
  });

async function forward(
  req: IncomingMessage,
  client: { readonly socket: Duplex; readonly head: Buffer },
  port: number,
): Promise<void> {
  const { socket, head } = client;
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  // A client that closes its side while it waits is taken for gone, as nginx does.
  socket.on('error', leave).once('close', leave).once('end', leave);
  try {
    const answer = await requestUpgrade({
      peer: { ip: '127.0.0.1', port, hostname: '127.0.0.1' },
      method: 'GET',
      target: req.url ?? '/',
      headers: req.rawHeaders,
      connectTimeoutMs: 10_000,
      readTimeoutMs: 10_000,
      writeTimeoutMs: 10_000,
      headBytesMax: 16_384,
      signal: gone.signal,
    });
    if (answer.kind === 'switched') {
      await answer.join(socket, head, answer.headers);
      return;
    }
    socket.write(`HTTP/1.1 ${answer.status} \r\nConnection: close\r\n\r\n`);
    answer.body.pipe(socket);
  } catch {
    socket.end('HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n');
    socket.resume();
  }
}

/** One upgrade; resolves with whether the client saw its end and what it had to see before. */
function runClient(port: number, index: number): Promise<keyof Outcomes> {
  const { scenario } = scenarioOf(`/${index}`);
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let seen = '';
    const stuck = setTimeout(() => {
      resolve('stuck');
      socket.destroy();
    }, GRACE_MS);
    socket.on('data', (chunk) => (seen += seen.length < 100 ? chunk.toString('latin1') : ''));
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.once('close', () => {
      clearTimeout(stuck);
      const asExpected = seen.startsWith(`HTTP/1.1 ${scenario.expects ?? ''}`);
      resolve(scenario.expects === undefined || asExpected ? 'fine' : 'wrong');
    });
    socket.write(
      `GET /${index} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`,
    );
    socket.write(
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    socket.once('connect', () => scenario.client(socket));
  });
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return address.port;
}

function startUpstream(): Server {
  return createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', (head) => {
      const [, path = ''] = head.toString('latin1').split(' ');
      scenarioOf(path).scenario.upstream(socket);
    });
    socket.once('end', () => {
      // Scenarios that say nothing about it close when the other side does.
      if (!socket.writableEnded) setImmediate(() => socket.end());
    });
  });
}

function openSockets(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

async function measure(start: StartProxy, upgrades: number): Promise<readonly object[]> {
  let unhandled = 0;
  process.on('uncaughtException', () => (unhandled += 1));
  process.on('unhandledRejection', () => (unhandled += 1));
  const upstream = startUpstream();
  const gone = createServer();
  const ports = { upstream: await listen(upstream), dead: await listen(gone) };
  gone.close();
  const proxy = start(ports);
  const port = await listen(proxy);
  const each = Math.ceil(upgrades / (NAMES.length + 1));
  const rows: object[] = [];
  for (const [index, name] of [...NAMES, 'all of them mixed'].entries()) {
    const before = { unhandled, client: await openSockets(proxy), up: await openSockets(upstream) };
    const outcomes = await runScenario(port, index, each);
    await wait(SETTLE_MS);
    rows.push({
      name,
      ...outcomes,
      leakedClientSockets: (await openSockets(proxy)) - before.client,
      leakedUpstreamSockets: (await openSockets(upstream)) - before.up,
      unhandledErrors: unhandled - before.unhandled,
    });
  }
  return rows;
}

async function runScenario(port: number, index: number, count: number): Promise<Outcomes> {
  const outcomes: Outcomes = { fine: 0, stuck: 0, wrong: 0 };
  for (let done = 0; done < count; done += AT_ONCE) {
    const size = Math.min(AT_ONCE, count - done);
    const batch = Array.from({ length: size }, (_, i) =>
      runClient(port, index < NAMES.length ? index : i),
    );
    for (const outcome of await Promise.all(batch)) outcomes[outcome] += 1;
  }
  return outcomes;
}

const [, , which = 'http-proxy', upgrades = '2000'] = process.argv;
const result = await measure(
  which === 'tunnel' ? throughTunnel : throughHttpProxy,
  Number(upgrades),
);
process.stdout.write(`${which}\n${result.map((row) => `${JSON.stringify(row)}\n`).join('')}`);
process.exit(0);
