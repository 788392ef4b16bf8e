/**
 * Runs every `*.test.ts` of `src` and `test`; words on the command line keep the files whose path holds one of them.
 * Node 20's own `--test` finds no .ts files and still exits 0; this fails when it finds none.
 * The very last line is `N passed, N failed`, with `, N skipped` when a test was.
 */
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/** Files that measure time, spawn gateways or hold fixed ports: they run last, one at a time. */
const ALONE: ReadonlySet<string> = new Set([
  'test/admin-write-clients.test.ts',
  'test/anomaly.test.ts',
  'test/cli.test.ts',
  'test/conformance.test.ts',
  'test/examples.test.ts',
  'test/reload.test.ts',
  'test/rotation.test.ts',
]);
/** Longer than any file takes on a slow machine; a hung file fails by name. */
const FILE_TIMEOUT_MS = 600_000;

const root = join(import.meta.dirname, '..');

function findTests(words: readonly string[]): readonly string[] {
  const all = ['src', 'test'].flatMap((dir) =>
    readdirSync(join(root, dir), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => `${dir}/${file}`),
  );
  const wanted = all.filter((file) => words.length === 0 || words.some((w) => file.includes(w)));
  if (wanted.length === 0)
    throw new Error(`no test files found for ${words.join(' ') || 'the project'}`);
  return wanted.toSorted();
}

const counts = { passed: 0, failed: 0, skipped: 0 };

/** Runs some files and resolves when their report is written. A group of suites is not a test of its own. */
async function runFiles(files: readonly string[], concurrency: number): Promise<void> {
  if (files.length === 0) return;
  const events = run({
    files: files.map((file) => join(root, file)),
    concurrency,
    timeout: FILE_TIMEOUT_MS,
  });
  events.on('test:pass', (event) => {
    if (event.skip !== undefined || event.todo !== undefined) counts.skipped += 1;
    else if (event.details.type !== 'suite') counts.passed += 1;
  });
  events.on('test:fail', (event) => {
    if (event.todo !== undefined) counts.skipped += 1;
    else counts.failed += 1;
  });
  for await (const text of events.compose(new spec())) process.stdout.write(String(text));
}

const files = findTests(process.argv.slice(2));
await runFiles(
  files.filter((file) => !ALONE.has(file)),
  Math.min(2, availableParallelism()),
);
await runFiles(
  files.filter((file) => ALONE.has(file)),
  1,
);

const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
