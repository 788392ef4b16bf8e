/** What a log line may not show, wherever it stands, and how the sinks behave. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { testSettings } from '../../test/support/settings.ts';
import { createLogs, type Logs } from './logger.ts';

const JWS = 'eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJ4In0.c2VjcmV0';

interface Opened {
  readonly logs: Logs;
  readonly file: string;
}

function open(t: TestContext, logFormat: 'json' | 'pretty'): Opened {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-log-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'error.log');
  const target = { kind: 'file', path: file } as const;
  const logs = createLogs(
    testSettings({ logLevel: 'debug', logFormat, proxyErrorLog: target, proxyAccessLog: target }),
  );
  return { logs, file };
}

/** Polls: a sink opens and writes in its own time. */
async function untilWritten(file: string, expected: RegExp): Promise<string> {
  const signal = AbortSignal.timeout(10_000);
  for (;;) {
    const text = readIfThere(file);
    if (expected.test(text)) return text;
    signal.throwIfAborted();
    // oxlint-disable-next-line no-await-in-loop -- a file has no event that could be awaited
    await sleep(10);
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

const SECRETS: readonly (readonly [string, object, string])[] = [
  ['the cause of an error', { err: new Error('a', { cause: new Error(`GET /?x=${JWS}`) }) }, 'm'],
  ['an argument', { url: 'http://a/?access_token=secret-1&b=1' }, 'GET /?b=1&apikey=secret-2'],
  ['a field of an error', { err: Object.assign(new Error('x'), { password: 'secret-3' }) }, 'm'],
  ['a header three levels down', { a: { b: { authorization: 'Digest secret-4' } } }, 'm'],
  ['a list of header fields', { headers: ['apikey', 'secret-5', 'a', 'b'] }, 'm'],
  ['a value with a quote in it', { client_secret: 'a"secret-6' }, 'm'],
  ['the message', {}, 'sent Authorization: Bearer secret-7'],
  ['a header name with a prefix', { h: { 'kong-admin-token': 'secret-8' } }, 'm'],
];

test('when all is written, a file has the lines, whoever was about to write them', async (t) => {
  const { logs, file } = open(t, 'json');
  await logs.written();
  for (let i = 1; i <= 3; i++) {
    logs.proxyAccess?.(`line ${i}`);
    // oxlint-disable-next-line no-await-in-loop -- the sink is at work each time
    await logs.written();
    assert.equal(readFileSync(file, 'utf8').split('\n').length - 1, i);
  }
});

for (const logFormat of ['json', 'pretty'] as const) {
  for (const [title, fields, message] of SECRETS) {
    test(`${logFormat}: a secret in ${title} is masked`, async (t) => {
      const { logs, file } = open(t, logFormat);
      logs.proxy.error(fields, message);
      const text = await untilWritten(file, /\*\*\*/);
      assert.doesNotMatch(text, /secret-|c2VjcmV0|eyJ/);
    });
  }
}

test('names and numbers that are no secrets are shown', async (t) => {
  const { logs, file } = open(t, 'json');
  const fields = {
    added: { keys: ['k1'], keyauth_credentials: ['id-1'] },
    worker: 7,
    monkey: 'm1',
  };
  logs.proxy.info(fields, 'declarative config loaded from /x/kong.yaml');
  const text = await untilWritten(file, /loaded/);
  for (const part of ['k1', 'id-1', '"worker":7', 'm1', '/x/kong.yaml']) {
    assert.ok(text.includes(part), `${part} in ${text}`);
  }
});

test('after a rotation lines go to a new file of the old name', async (t) => {
  const { logs, file } = open(t, 'json');
  logs.proxyAccess?.('before');
  await untilWritten(file, /before/);
  renameSync(file, `${file}.1`);
  logs.reopen();
  logs.proxyAccess?.('after');
  assert.equal(await untilWritten(file, /after/), 'after\n');
  assert.equal(readFileSync(`${file}.1`, 'utf8'), 'before\n');
});

test('readable lines: logs that share a target share its stream, and nothing warns of leaks', async (t) => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  t.after(() => process.off('warning', note));
  const folder = mkdtempSync(join(tmpdir(), 'silverback-log-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'error.log');
  const target = { kind: 'file', path: file } as const;
  const logs = createLogs(
    testSettings({
      logLevel: 'debug',
      logFormat: 'pretty',
      proxyErrorLog: target,
      adminErrorLog: target,
      statusErrorLog: target,
    }),
  );
  logs.status.warn({}, 'from the status listener');
  await untilWritten(file, /from the status listener/);
  assert.deepEqual(warnings, []);
});
