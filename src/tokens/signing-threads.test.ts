/** Threads that sign: batches, order, faults, and the end of a thread. */
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { ALGORITHMS } from './algorithms.ts';
import { parseCompact } from './compact.ts';
import { testKey } from './keys.test.fixture.ts';
import { signCompact, type SignatureMaker } from './sign.ts';
import { createSigningThreads, type SigningThreadsOptions } from './signing-threads.ts';
import { createVerifier } from './verify.ts';

type Sign = (input: string) => Promise<string>;

const asked =
  (make: SignatureMaker): Sign =>
  async (input) =>
    make(input);

function makerIn(t: TestContext, options?: SigningThreadsOptions): Sign {
  const threads = createSigningThreads(options);
  t.after(() => threads.close());
  return asked(threads.makerFor('RS256', testKey('RS256').privateKey));
}

for (const algorithm of ALGORITHMS) {
  test(`${algorithm}: what they sign verifies`, async (t) => {
    const threads = createSigningThreads();
    t.after(() => threads.close());
    const { privateKey } = testKey(algorithm);
    const make = threads.makerFor(algorithm, privateKey);
    const { jws } = parseCompact(await signCompact({ alg: algorithm }, { sub: 'a' }, make));
    assert.ok(jws !== undefined);
    const key = privateKey.type === 'secret' ? privateKey : createPublicKey(privateKey);
    assert.ok(createVerifier(algorithm, key)(jws.signingInput, jws.signature));
  });
}

test('each of many inputs at once gets its own signature', async (t) => {
  const sign = makerIn(t);
  const key = createPublicKey(testKey('RS256').privateKey);
  const inputs = Array.from({ length: 50 }, (_, i) => `input ${i}`);
  const signatures = await Promise.all(inputs.map(sign));
  signatures.forEach((signature, i) => {
    const bytes = Buffer.from(signature, 'base64url');
    assert.ok(verify('sha256', Buffer.from(inputs[i] ?? ''), key, bytes), `input ${i}`);
  });
});

/** Answers with the number of the message, so that a test sees what went together. */
const COUNTING = `
const { parentPort, threadId } = require('node:worker_threads');
let messages = 0;
parentPort.on('message', (questions) => {
  messages += 1;
  parentPort.postMessage(questions.map(({ input }) => threadId + ' ' + messages + ' ' + input));
});`;

test('inputs of one turn of the loop go in batches of at most eight', async (t) => {
  const sign = makerIn(t, { script: COUNTING, threadsMax: 1 });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => sign(String(i))));
  const batches = answers.map((answer) => answer.split(' ')[1]).join('');
  assert.equal(batches, '11111111222222223333');
});

test('another thread starts when all are busy', async (t) => {
  const sign = makerIn(t, { script: COUNTING, threadsMax: 2 });
  const answers = await Promise.all(Array.from({ length: 16 }, (_, i) => sign(String(i))));
  assert.equal(new Set(answers.map((answer) => answer.split(' ')[0])).size, 2);
});

test('one signature that fails leaves the others of its batch alone', async (t) => {
  const threads = createSigningThreads();
  t.after(() => threads.close());
  const good = asked(threads.makerFor('RS256', testKey('RS256').privateKey));
  // No room for a hash and a salt of 64 bytes each.
  const { privateKey: short } = generateKeyPairSync('rsa', { modulusLength: 512 });
  const bad = asked(threads.makerFor('PS512', short));
  const [first, second, third] = await Promise.allSettled([good('a'), bad('b'), good('c')]);
  assert.deepEqual(
    [first?.status, second?.status, third?.status],
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});

/** Dies of the first input that says so. */
const MORTAL = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', (questions) => {
  if (questions.some(({ input }) => input === 'die')) throw new Error('dead');
  parentPort.postMessage(questions.map(({ input }) => input));
});`;

test('a thread that ends takes what it had with it, and the next signature starts another', async (t) => {
  const sign = makerIn(t, { script: MORTAL, threadsMax: 1 });
  assert.equal(await sign('a'), 'a');
  const both = await Promise.allSettled([sign('die'), sign('b')]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal(await sign('c'), 'c');
});

test('close rejects what is under way', async () => {
  const threads = createSigningThreads();
  const sign = asked(threads.makerFor('RS256', testKey('RS256').privateKey));
  const signature = assert.rejects(sign('a'), /has ended/);
  await threads.close();
  await signature;
});
