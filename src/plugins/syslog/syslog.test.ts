/** The syslog plugin against a real datagram socket of the local kind: what arrives, each field, and syslogs that fail. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import type { SyslogConfig } from '../../config/schema-types.ts';
import { fakeOutcome } from '../../gateway/fake-context.test.fixture.ts';
import { compileLog, keepingLogger, logOne, until } from '../../gateway/log-run.test.fixture.ts';
import { problemsOf } from '../../gateway/plugin-run.test.fixture.ts';
import type { PluginPhases } from '../../plugin.ts';
import { hasProgram } from '../../../test/support/programs.ts';
import { syslogAt } from './index.ts';

/** Says `ready`, then each datagram as a line. */
const SYSLOGD = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('ready', flush=True)
while True:
    print(s.recv(1 << 20).decode(), flush=True)
`;

interface Syslogd {
  readonly socket: string;
  readonly messages: readonly string[];
  stop(): Promise<void>;
}

async function startSyslogd(t: TestContext, given?: string): Promise<Syslogd> {
  const folder = await mkdtemp(join(tmpdir(), 'syslog-'));
  const socket = given ?? join(folder, 'log');
  const child = spawn('python3', ['-c', SYSLOGD, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    await rm(socket, { force: true });
  };
  t.after(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });
  const messages: string[] = [];
  const lines = createInterface({ input: child.stdout });
  await once(lines, 'line');
  lines.on('line', (line) => messages.push(line));
  return { socket, messages, stop };
}

/** Both are there, or the test is skipped by name. */
const canRun = (t: TestContext): boolean => hasProgram(t, 'python3') && hasProgram(t, 'logger');

const logStatus = (phases: PluginPhases, status: number): void =>
  logOne(phases, { target: `/${status}` }, fakeOutcome({ status }));

async function messagesOf(
  t: TestContext,
  config: Partial<SyslogConfig>,
  statuses: readonly number[],
  expected = statuses.length,
): Promise<readonly string[]> {
  const { socket, messages } = await startSyslogd(t);
  const phases = compileLog(t, syslogAt({ program: 'logger', socket }), config);
  for (const status of statuses) logStatus(phases, status);
  await until(() => (messages.length >= expected ? true : undefined));
  // One program for each severity: they are not in order.
  return messages.toSorted();
}

test('a record: facility user and severity info, from kong with the id of the process', async (t) => {
  if (!canRun(t)) return;
  const [message = ''] = await messagesOf(t, {}, [200]);
  const [header = ''] = /^<14>\w{3} [ \d]\d \d\d:\d\d:\d\d kong\[\d+\]: /.exec(message) ?? [];
  assert.notEqual(header, '', message.slice(0, 80));
  assert.ok(header.includes(`[${process.pid}]`));
  const { request }: { request: { uri: string } } = JSON.parse(message.slice(header.length));
  assert.equal(request.uri, '/200');
});

const priorities = (messages: readonly string[]): readonly string[] =>
  messages.map((message) => message.slice(0, message.indexOf('>') + 1));

test('facility, successful_severity, client_errors_severity, server_errors_severity', async (t) => {
  if (!canRun(t)) return;
  const messages = await messagesOf(
    t,
    {
      facility: 'local0',
      log_level: 'debug',
      successful_severity: 'debug',
      client_errors_severity: 'warning',
      server_errors_severity: 'alert',
    },
    [200, 404, 500],
  );
  assert.deepEqual(priorities(messages), ['<129>', '<132>', '<135>']);
});

test('log_level: what is less important is left out', async (t) => {
  if (!canRun(t)) return;
  const severities = { client_errors_severity: 'warning', server_errors_severity: 'err' } as const;
  const config = { log_level: 'warning', ...severities } as const;
  assert.deepEqual(priorities(await messagesOf(t, config, [200, 404, 500], 2)), ['<11>', '<12>']);
});

test('no syslog: nothing waits, and the log counts what is lost', async (t) => {
  const { log, lines } = keepingLogger();
  const nowhere = { program: 'logger', socket: '/nonexistent/log' };
  const phases = compileLog(t, syslogAt(nowhere), {}, { log });
  for (let i = 0; i < 3; i++) logStatus(phases, 200);
  await phases.close?.();
  const lost = lines.map(({ fields }) => Number(Reflect.get(fields, 'dropped')));
  assert.equal(
    lost.reduce((sum, count) => sum + count, 0),
    3,
  );
  assert.match(lines[0]?.message ?? '', /no syslog takes records at \/nonexistent\/log$/);
});

test('without the program the log says where it is found', async (t) => {
  if (!canRun(t)) return;
  const { socket } = await startSyslogd(t);
  const { log, lines } = keepingLogger();
  const program = '/nonexistent/logger';
  logStatus(compileLog(t, syslogAt({ program, socket }), {}, { log }), 200);
  const line = await until(() => lines.at(0));
  assert.match(line.message, /the program \/nonexistent\/logger cannot be started; it is in util-/);
});

test('a syslog that goes and comes back gets records again', async (t) => {
  if (!canRun(t)) return;
  const first = await startSyslogd(t);
  const { log, lines } = keepingLogger();
  const place = { program: 'logger', socket: first.socket };
  const phases = compileLog(t, syslogAt(place), {}, { log });
  logStatus(phases, 200);
  await until(() => first.messages.at(0));
  await first.stop();
  logStatus(phases, 201);
  await until(() => lines.at(0));
  const second = await startSyslogd(t, first.socket);
  // It is looked for again after a pause.
  await until(() => {
    logStatus(phases, 202);
    return second.messages.at(0);
  });
});

test('close hands on what was written', async (t) => {
  if (!canRun(t)) return;
  const { socket, messages } = await startSyslogd(t);
  const phases = compileLog(t, syslogAt({ program: 'logger', socket }), {});
  for (let i = 0; i < 200; i++) logStatus(phases, 200);
  await phases.close?.();
  await until(() => (messages.length === 200 ? true : undefined));
});

test('custom_fields_by_lua: no Lua is run', () => {
  const config = { custom_fields_by_lua: { a: 'return 1' } };
  const plugin = syslogAt({ program: 'logger', socket: '/dev/log' });
  assert.match(problemsOf(plugin, config).join(), /custom_fields_by_lua: Lua code is not run/);
});
