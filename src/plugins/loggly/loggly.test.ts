/** The loggly plugin against a UDP socket: the form of its datagrams, and each field of its config. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import type { LogglyConfig } from '../../config/schema-types.ts';
import { fakeBuild, fakeOutcome } from '../../gateway/fake-context.test.fixture.ts';
import { compileLog, keepingLogger, logOne, until } from '../../gateway/log-run.test.fixture.ts';
import { problemsOf } from '../../gateway/plugin-run.test.fixture.ts';
import type { PluginBuild } from '../../plugin.ts';
import { loggly } from './index.ts';

const BUILD: Partial<PluginBuild> = {
  hostname: 'gw.example',
  now: () => Date.parse('2026-11-25T13:30:15.500Z'),
  reveal: (text) => text.replace('{vault://env/loggly}', 'secret-key'),
};

interface Server {
  readonly port: number;
  readonly packets: readonly string[];
}

async function startServer(t: TestContext): Promise<Server> {
  const packets: string[] = [];
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  socket.on('message', (bytes) => packets.push(bytes.toString()));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, packets };
}

/** The datagrams of requests with these statuses. */
async function send(
  t: TestContext,
  config: Partial<LogglyConfig>,
  statuses: readonly number[],
  expected = statuses.length,
): Promise<readonly string[]> {
  const server = await startServer(t);
  const fields = { host: '127.0.0.1', port: server.port, key: 'k-1', ...config };
  const phases = compileLog(t, loggly, fields, BUILD);
  for (const status of statuses) logOne(phases, { target: '/one' }, fakeOutcome({ status }));
  return until(() => (server.packets.length >= expected ? server.packets : undefined));
}

test('host, port, key, tags: a message of RFC 5424 with the record behind', async (t) => {
  const [packet = ''] = await send(t, {}, [200]);
  const header = '<14>1 2026-11-25T13:30:15Z gw.example kong - - [k-1@41058 tag="kong"] ';
  assert.ok(packet.startsWith(header), packet.slice(0, 100));
  const { request }: { request: { uri: string } } = JSON.parse(packet.slice(header.length));
  assert.equal(request.uri, '/one');
  const [tagged = ''] = await send(t, { key: '{vault://env/loggly}', tags: ['a', 'b'] }, [200]);
  assert.ok(tagged.includes(' - - [secret-key@41058 tag="a" tag="b"] {'));
});

test('successful_severity, client_errors_severity, server_errors_severity', async (t) => {
  const packets = await send(
    t,
    {
      log_level: 'debug',
      successful_severity: 'debug',
      client_errors_severity: 'warning',
      server_errors_severity: 'emerg',
    },
    [200, 399, 400, 499, 500, 503],
  );
  assert.deepEqual(
    packets.map((packet) => packet.slice(0, packet.indexOf('>') + 1)),
    ['<15>', '<15>', '<12>', '<12>', '<8>', '<8>'],
  );
});

test('log_level: what is less important is left out', async (t) => {
  const severities = {
    successful_severity: 'notice',
    client_errors_severity: 'warning',
    server_errors_severity: 'crit',
  } as const;
  const packets = await send(t, { log_level: 'warning', ...severities }, [200, 404, 500], 2);
  assert.deepEqual(
    packets.map((packet) => packet.slice(0, 4)),
    ['<12>', '<10>'],
  );
});

test('timeout: a name that is not found in time costs the record', async (t) => {
  const { log, lines } = keepingLogger();
  const never = new Promise<never>(() => {});
  const services = { ...fakeBuild().services, resolve: () => never };
  const config = { host: 'slow.test', key: 'k-1', timeout: 20 };
  logOne(compileLog(t, loggly, config, { log, services }));
  const line = await until(() => lines.at(0));
  assert.equal(line.message, 'log records were lost: not sent in time');
  // No limit of its own is a minute: nothing is lost at once.
  const patient = compileLog(t, loggly, { key: 'k-1', host: '127.0.0.1', port: 9, timeout: 0 });
  logOne(patient);
});

test('custom_fields_by_lua: no Lua is run', () => {
  const config = { key: 'k-1', custom_fields_by_lua: { a: 'return 1' } };
  assert.match(problemsOf(loggly, config).join(), /custom_fields_by_lua: Lua code is not run/);
  assert.match(problemsOf(loggly, {}).join(), /config\.key: required field missing/);
});
