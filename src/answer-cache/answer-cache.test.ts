/** Bounds of kept answers, and processes that ask another one for them. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLocalAnswers, nameOf, type LocalAnswers } from './local.ts';
import {
  answerQuestions,
  createRemoteAnswers,
  type CacheBatch,
  type RemoteAnswers,
} from './remote.ts';
import type { CachedAnswer } from './types.ts';

const MEBIBYTE = 1024 * 1024;
const answerOf = (text: string, bytes = 0): CachedAnswer => ({
  status: 200,
  headers: ['X', text],
  body: Buffer.alloc(bytes),
  storedAt: 0,
  ttl: 60,
  identity: '',
  mustRevalidate: false,
});
const textOf = (answer: CachedAnswer | undefined): string | undefined => answer?.headers[1];

test('memory is bounded in bytes: what was not used for longest falls out', () => {
  const answers = createLocalAnswers(MEBIBYTE, () => 0);
  const cache = answers.open('d');
  const entry = 100 * 1024;
  for (let i = 0; i < 10; i++) void cache.set(`k${i}`, answerOf(`${i}`, entry), 60);
  assert.ok(answers.bytes() <= MEBIBYTE);
  assert.ok(cache.get('k0'));
  for (let i = 10; i < 15; i++) void cache.set(`k${i}`, answerOf(`${i}`, entry), 60);
  assert.ok(answers.bytes() <= MEBIBYTE);
  assert.ok(cache.get('k0'), 'used in between');
  assert.equal(cache.get('k1'), undefined);
  assert.ok(cache.get('k14'));
});

test('what replaces, is forgotten or is over gives its bytes back', () => {
  let now = 0;
  const answers = createLocalAnswers(MEBIBYTE, () => now);
  const cache = answers.open('d');
  void cache.set('a', answerOf('1', 1000), 60);
  const one = answers.bytes();
  void cache.set('a', answerOf('2', 1000), 60);
  assert.equal(answers.bytes(), one);
  now = 60_000;
  assert.equal(cache.get('a'), undefined);
  assert.equal(answers.bytes(), 0);
});

test('an answer over an eighth of the memory is not kept, and what was there before is gone', () => {
  const cache = createLocalAnswers(MEBIBYTE, () => 0).open('d');
  void cache.set('a', answerOf('small'), 60);
  void cache.set('a', answerOf('large', MEBIBYTE / 8 + 1), 60);
  assert.equal(cache.get('a'), undefined);
});

test('one dictionary is cleared, the others are not', () => {
  const answers = createLocalAnswers(MEBIBYTE, () => 0);
  for (const name of ['a', 'ab']) void answers.open(name).set('k', answerOf(name), 0);
  void answers.open('a').clear();
  assert.equal(answers.open('a').get('k'), undefined);
  assert.ok(answers.open('ab').get('k'));
});

interface Link {
  readonly local: LocalAnswers;
  readonly remote: RemoteAnswers;
  readonly batches: readonly CacheBatch[];
  /** Bodies that travelled to the worker. */
  readonly travelled: () => number;
}

function connect(): Link {
  const local = createLocalAnswers(MEBIBYTE, () => 0);
  const batches: CacheBatch[] = [];
  let travelled = 0;
  const remote: RemoteAnswers = createRemoteAnswers(
    {
      ask(batch) {
        batches.push(batch);
        const replies = answerQuestions(local, batch);
        travelled += replies.answers.filter((found) => typeof found === 'object').length;
        setImmediate(() => remote.receive(replies));
      },
      keep({ name, answer, keepSeconds }, sent) {
        local.put(name, answer, keepSeconds);
        sent();
      },
    },
    MEBIBYTE,
  );
  return { local, remote, batches, travelled: () => travelled };
}

test('a worker gives the newest answer, gets each body once, and forgets with the others', async () => {
  const { local, remote, travelled } = connect();
  const cache = remote.open('d');
  assert.equal(await cache.get('k'), undefined);
  void cache.set('k', answerOf('one'), 60);
  assert.equal(textOf(await cache.get('k')), 'one');
  assert.equal(textOf(await cache.get('k')), 'one');
  assert.equal(travelled(), 1);
  local.put(nameOf('d', 'k'), answerOf('two'), 60);
  assert.equal(textOf(await cache.get('k')), 'two');
  assert.equal(travelled(), 2);
  void local.open('d').clear();
  assert.equal(await cache.get('k'), undefined);
});

test('many who ask at once share a message and a body', async () => {
  const { local, remote, batches, travelled } = connect();
  local.put(nameOf('d', 'k'), answerOf('one'), 60);
  const cache = remote.open('d');
  const found = await Promise.all(Array.from({ length: 50 }, async () => cache.get('k')));
  assert.ok(found.every((answer) => textOf(answer) === 'one'));
  assert.equal(travelled(), 1);
  assert.equal(batches.length, 2);
});

test('a worker does not wait for a primary that is silent', async (t: TestContext) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const remote = createRemoteAnswers({ ask() {}, keep() {} }, MEBIBYTE);
  const asked = assert.rejects(async () => remote.open('d').get('k'), { code: 'ERR_CACHE' });
  await nextTurn();
  await nextTurn();
  t.mock.timers.tick(1000);
  await asked;
});

test('what waits for the way to the primary is bounded', () => {
  let kept = 0;
  const remote = createRemoteAnswers({ ask() {}, keep: () => kept++ }, 1024 * MEBIBYTE);
  const cache = remote.open('d');
  for (let i = 0; i < 10; i++) void cache.set(`k${i}`, answerOf('x', 8 * MEBIBYTE), 60);
  assert.equal(kept, 4);
});
