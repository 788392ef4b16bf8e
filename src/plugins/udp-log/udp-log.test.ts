/** The udp-log plugin against a UDP socket: each field of its config. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { fakeBuild } from '../../gateway/fake-context.test.fixture.ts';
import { compileLog, keepingLogger, logOne, until } from '../../gateway/log-run.test.fixture.ts';
import { problemsOf } from '../../gateway/plugin-run.test.fixture.ts';
import { udpLog } from './index.ts';

async function startServer(t: TestContext) {
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const next = async (): Promise<string> => {
    const [bytes]: unknown[] = await once(socket, 'message');
    return String(bytes);
  };
  return { port: socket.address().port, next };
}

test('host, port: each record is one datagram of JSON without a line end', async (t) => {
  const server = await startServer(t);
  const phases = compileLog(t, udpLog, { host: '127.0.0.1', port: server.port });
  const arrived = server.next();
  logOne(phases, { target: '/one?a=1' });
  const text = await arrived;
  assert.ok(!text.endsWith('\n'));
  const record: unknown = JSON.parse(text);
  assert.equal(Reflect.get(Object(record), 'upstream_uri'), '/upstream');
});

test('timeout: a name that is not found in time costs the record, and the log says so', async (t) => {
  const { log, lines } = keepingLogger();
  const never = new Promise<never>(() => {});
  const services = { ...fakeBuild().services, resolve: () => never };
  const config = { host: 'slow.test', port: 9, timeout: 20 };
  logOne(compileLog(t, udpLog, config, { log, services }));
  const line = await until(() => lines.at(0));
  assert.equal(line.message, 'log records were lost: not sent in time');
  assert.deepEqual(line.fields, { dropped: 1 });
});

test('custom_fields_by_lua: no Lua is run', () => {
  const config = { host: '127.0.0.1', port: 9, custom_fields_by_lua: { a: 'return 1' } };
  assert.deepEqual(problemsOf(udpLog, config), [
    'config.custom_fields_by_lua: Lua code is not run by this version; remove the field',
  ]);
  assert.deepEqual(problemsOf(udpLog, { ...config, custom_fields_by_lua: {} }), []);
});
