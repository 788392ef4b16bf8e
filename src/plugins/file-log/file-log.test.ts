/** The file-log plugin on real files: each field of its config, and several processes on one file. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { compileLog, keepingLogger, logOne, until } from '../../gateway/log-run.test.fixture.ts';
import { problemsOf } from '../../gateway/plugin-run.test.fixture.ts';
import { fileLog } from './index.ts';

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'silverback-file-log-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const urisIn = (path: string): readonly string[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const { request }: { request: { uri: string } } = JSON.parse(line);
      return request.uri;
    });

const hasLines = (path: string, count: number) =>
  until(() => {
    const exists = statSync(path, { throwIfNoEntry: false }) !== undefined;
    return exists && urisIn(path).length === count ? true : undefined;
  });

test('path: one JSON object a line, in order, in a file that others may read', async (t) => {
  const path = join(folder(t), 'requests.log');
  const phases = compileLog(t, fileLog, { path });
  for (const target of ['/1', '/2', '/3']) logOne(phases, { target });
  await phases.close?.();
  assert.deepEqual(urisIn(path), ['/1', '/2', '/3']);
  assert.equal(statSync(path).mode & 0o777, 0o644 & ~process.umask());
});

for (const reopen of [false, true]) {
  test(`reopen ${reopen}: after the file was moved, lines go to the ${reopen ? 'new' : 'old'} one`, async (t) => {
    const path = join(folder(t), 'requests.log');
    const phases = compileLog(t, fileLog, { path, reopen });
    logOne(phases, { target: '/1' });
    await hasLines(path, 1);
    renameSync(path, `${path}.1`);
    logOne(phases, { target: '/2' });
    await hasLines(reopen ? path : `${path}.1`, reopen ? 1 : 2);
  });
}

test('a folder that is not there: the log says so once, and later lines are written', async (t) => {
  const path = join(folder(t), 'missing', 'requests.log');
  const { log, lines } = keepingLogger();
  const phases = compileLog(t, fileLog, { path }, { log });
  logOne(phases);
  const line = await until(() => lines.at(0));
  assert.match(line.message, /^log records were lost: ENOENT/);
  logOne(phases);
  await phases.close?.();
  assert.equal(lines.length, 2);
});

test('whole lines from several processes', async (t) => {
  const path = join(folder(t), 'requests.log');
  const writer = join(import.meta.dirname, '../../../test/support/file-log-writer.ts');
  const children = [1, 2, 3].map((name) =>
    fork(writer, [path, String(name)], { execArgv: ['--import', 'tsx'] }),
  );
  const exits = await Promise.all(children.map((child) => once(child, 'exit')));
  assert.deepEqual(
    exits.flatMap(([code]: unknown[]) => code),
    [0, 0, 0],
  );
  const uris = urisIn(path);
  assert.equal(uris.length, 3 * 200);
  assert.equal(new Set(uris).size, uris.length);
});

test('a path that Kong refuses; custom_fields_by_lua: no Lua is run', () => {
  assert.deepEqual(problemsOf(fileLog, { path: '/tmp/a*b' }), [
    'config.path: not a valid filename',
  ]);
  const config = { path: '/tmp/a', custom_fields_by_lua: { a: 'return 1' } };
  assert.match(problemsOf(fileLog, config).join(), /custom_fields_by_lua: Lua code is not run/);
});
