/** Regular expressions that explode are found, and none of them can hold the linter up. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import {
  createRegexChecker,
  type RegexChecker,
  type RegexCheckerOptions,
} from './regex-checker.ts';

function checker(t: TestContext, options: Partial<RegexCheckerOptions> = {}): RegexChecker {
  const made = createRegexChecker({ timeoutMs: 5000, totalMs: 60_000, ...options });
  t.after(() => made.close());
  return made;
}

test('growth is told for what explodes, and for nothing else', async (t) => {
  const { check } = checker(t);
  assert.equal(await check('/(a+)+$', true), 'exponential');
  assert.equal(await check(String.raw`/(\w+/?)+$`, true), 'exponential');
  assert.match((await check('/.*a.*b.*c.*d', true)) ?? '', /^cubic or worse/);
  for (const harmless of ['/.*a.*b', String.raw`/users/(?<id>\d+)(/.*)?$`, '/(a|b)+$', '/(']) {
    assert.equal(await check(harmless, true), undefined, harmless);
  }
});

/** Answers nothing to a pattern that holds an x, and `exponential` to any other. */
const SCRIPT = `
const { parentPort } = require('node:worker_threads');
parentPort.postMessage('ready');
parentPort.on('message', ({ source }) => {
  if (source.includes('x')) for (;;);
  parentPort.postMessage({ type: 'exponential' });
});`;

test('a pattern that takes too long has no answer, and the next one has', async (t) => {
  const { check } = checker(t, { script: SCRIPT, timeoutMs: 100 });
  assert.equal(await check('/(x+)+$', true), undefined);
  assert.equal(await check('/(b+)+$', true), 'exponential');
});

test('when the time for all is spent, only what is known has an answer', async (t) => {
  const { check } = checker(t, { script: SCRIPT, timeoutMs: 100, totalMs: 50 });
  assert.equal(await check('/(x+)+$', true), undefined);
  assert.equal(await check('/(b+)+$', true), undefined);
});

test('equal patterns are asked for once', async (t) => {
  const once = SCRIPT.replace("source.includes('x')", 'globalThis.asked');
  const script = once.replace(
    'parentPort.postMessage({',
    'globalThis.asked = true; parentPort.postMessage({',
  );
  const { check } = checker(t, { script, timeoutMs: 100 });
  assert.equal(await check('/(b+)+$', true), 'exponential');
  assert.equal(await check('/(b+)+$', true), 'exponential');
  assert.equal(await check('/(c+)+$', true), undefined);
});

test('a thread that cannot start is no answer', async (t) => {
  const { check } = checker(t, { script: 'throw new Error("no")' });
  assert.equal(await check('/(b+)+$', true), undefined);
});
