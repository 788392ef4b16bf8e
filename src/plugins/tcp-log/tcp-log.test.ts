/** The tcp-log plugin against TCP and TLS servers: each field of its config, and connections that end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { fakeBuild } from '../../gateway/fake-context.test.fixture.ts';
import { compileLog, keepingLogger, logOne, until } from '../../gateway/log-run.test.fixture.ts';
import { problemsOf } from '../../gateway/plugin-run.test.fixture.ts';
import { tcpLog } from './index.ts';

interface Collector {
  readonly port: number;
  readonly sockets: readonly Socket[];
  /** Whole lines so far, of all connections. */
  readonly lines: () => readonly string[];
}

async function collect(t: TestContext, server: Server): Promise<Collector> {
  const sockets: Socket[] = [];
  let text = '';
  const event = server.listenerCount('secureConnection') >= 0 && 'setSecureContext' in server;
  server.on(event ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.push(socket);
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', () => {});
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  const { port } = server.address() as AddressInfo;
  return { port, sockets, lines: () => text.split('\n').slice(0, -1) };
}

const resolve = () => [{ ip: '127.0.0.1' }];

const linesOf = (collector: Collector, count: number): Promise<readonly string[]> =>
  until(() => (collector.lines().length >= count ? collector.lines() : undefined));

test('host, port: one JSON object a line, over one connection', async (t) => {
  const collector = await collect(t, createServer());
  const phases = compileLog(t, tcpLog, { host: '127.0.0.1', port: collector.port });
  for (let i = 1; i <= 3; i++) {
    logOne(phases, { target: `/${i}` });
    // oxlint-disable-next-line no-await-in-loop -- the connection is idle between them
    await linesOf(collector, i);
  }
  const uris = collector.lines().map((line) => {
    const { request }: { request: { uri: string } } = JSON.parse(line);
    return request.uri;
  });
  assert.deepEqual(uris, ['/1', '/2', '/3']);
  assert.equal(collector.sockets.length, 1);
});

test('a connection that the server closed is replaced', async (t) => {
  const collector = await collect(t, createServer());
  const phases = compileLog(t, tcpLog, { host: '127.0.0.1', port: collector.port });
  logOne(phases);
  await linesOf(collector, 1);
  const socket = await until(() => collector.sockets.at(0));
  socket.end();
  await once(socket, 'close');
  logOne(phases);
  await linesOf(collector, 2);
  assert.equal(collector.sockets.length, 2);
});

test('keepalive: an idle connection is given up after it', async (t) => {
  const collector = await collect(t, createServer());
  const phases = compileLog(t, tcpLog, { host: '127.0.0.1', port: collector.port, keepalive: 20 });
  logOne(phases);
  const socket = await until(() => collector.sockets.at(0));
  await once(socket, 'end');
  assert.equal(collector.lines().length, 1);
});

test('timeout: what cannot be connected in time is lost, and the log says so', async (t) => {
  const { log, lines } = keepingLogger();
  // It takes the connection and never answers the handshake.
  const collector = await collect(t, createServer());
  const config = { host: '127.0.0.1', port: collector.port, tls: true, timeout: 30 };
  logOne(compileLog(t, tcpLog, config, { log }));
  const line = await until(() => lines.at(0));
  assert.equal(line.message, 'log records were lost: no connection in time');
});

test('tls, tls_sni: the name is asked for, the certificate is taken unseen', async (t) => {
  const pair = await generate([{ name: 'commonName', value: 'logs.test' }]);
  const collector = await collect(t, createTlsServer({ cert: pair.cert, key: pair.private }));
  const { services } = fakeBuild();
  for (const [host, sni, expected] of [
    ['logs.test', undefined, 'logs.test'],
    ['logs.test', 'other.test', 'other.test'],
  ] as const) {
    const config = { host, port: collector.port, tls: true, ...(sni && { tls_sni: sni }) };
    const phases = compileLog(t, tcpLog, config, { services: { ...services, resolve } });
    const before = collector.lines().length;
    logOne(phases);
    // oxlint-disable-next-line no-await-in-loop -- one after another
    await linesOf(collector, before + 1);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TLS server's
    assert.equal((collector.sockets.at(-1) as TLSSocket).servername, expected);
  }
});

test('custom_fields_by_lua: no Lua is run', () => {
  const config = { host: '127.0.0.1', port: 9, custom_fields_by_lua: { a: 'return 1' } };
  assert.match(problemsOf(tcpLog, config).join(), /custom_fields_by_lua: Lua code is not run/);
});
