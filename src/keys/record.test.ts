/** Which keys sign, which are published, and for how long: the life of a generated keyset on a fake clock. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Algorithm } from '../tokens/algorithms.ts';
import {
  createRecord,
  LEAD_MS,
  noteNeeded,
  publicJwk,
  publishedAt,
  readRecord,
  RETIRED_MAX,
  rotateRecord,
  signingAt,
  withNext,
  type KeysetRecord,
  type StoredJwk,
} from './record.ts';

const T0 = 1_800_000_000_000;
const jwk = (kid: string, alg: Algorithm = 'RS256'): StoredJwk => ({
  kty: 'RSA',
  kid,
  alg,
  n: 'n',
  e: 'e',
  d: 'secret',
});
const keys = (generation: string): StoredJwk[] => [
  jwk(`${generation}-rs`),
  jwk(`${generation}-es`, 'ES256'),
];
const first = createRecord({ id: 'id', name: 'kong', keys: keys('a') }, T0);
const ready = withNext(first, keys('b'), T0);
const signer = (record: KeysetRecord, now: number): string | undefined =>
  signingAt(record, now).keys[0]?.jwk.kid;
const kids = (record: KeysetRecord, now: number): string[] =>
  publishedAt(record, now).keys.map(({ kid }) => kid);

test('a new keyset signs at once, and the next keys are published before they sign', () => {
  assert.equal(signer(first, T0), 'a-rs');
  assert.deepEqual(kids(ready, T0), ['a-rs', 'a-es', 'b-rs', 'b-es']);
  assert.equal(signer(ready, T0 + 1e9), 'a-rs');
});

test('a rotation activates keys that others have seen for long, at once', () => {
  const now = T0 + 60_000;
  const rotated = rotateRecord(ready, keys('c'), now);
  assert.equal(signer(rotated, now), 'b-rs');
  assert.deepEqual(kids(rotated, now), ['b-rs', 'b-es', 'c-rs', 'c-es', 'a-rs', 'a-es']);
  assert.deepEqual(
    publishedAt(rotated, now).previous.map(({ kid }) => kid),
    ['a-rs', 'a-es'],
  );
});

test('keys that were published a moment ago wait before they sign', () => {
  const rotated = rotateRecord(ready, keys('c'), T0 + 1000);
  assert.equal(signer(rotated, T0 + 1000), 'a-rs');
  assert.deepEqual(signingAt(rotated, T0 + 1000).until, T0 + LEAD_MS);
  assert.equal(signer(rotated, T0 + LEAD_MS - 1), 'a-rs');
  assert.equal(signer(rotated, T0 + LEAD_MS), 'b-rs');
});

test('a rotation without keys that are published already waits as well', () => {
  const now = T0 + 60_000;
  const rotated = rotateRecord(first, keys('b'), now);
  assert.equal(signer(rotated, now), 'a-rs');
  assert.equal(signer(rotated, now + LEAD_MS), 'b-rs');
});

test('a clock that goes back finds keys to sign with', () => {
  assert.equal(signer(ready, T0 - 1e10), 'a-rs');
  assert.equal(signer(rotateRecord(ready, keys('c'), T0 + 60_000), T0 - 1e10), 'a-rs');
});

/** Rotates every `stepMs`, each generation signing tokens that live for `lifeSeconds`. */
function life(
  rotations: number,
  stepMs: number,
  lifeSeconds: number,
): { record: KeysetRecord; now: number; signers: string[] } {
  let record = ready;
  let now = T0;
  const signers: string[] = [];
  for (let i = 0; i < rotations; i++) {
    const kid = signer(record, now) ?? '';
    signers.push(kid);
    record = noteNeeded(record, kid, now / 1000 + lifeSeconds);
    now += stepMs;
    record = rotateRecord(record, keys(`g${i}`), now);
  }
  return { record, now, signers };
}

test('a retired key stays published until the last token it signed has expired', () => {
  const { record, now, signers } = life(20, 5000, 60);
  const published = kids(record, now);
  // 60 s of life and 60 s for clocks that differ, at one rotation in 5 s.
  for (const kid of signers.slice(-12)) assert.ok(published.includes(kid), kid);
  const { record: later, now: end } = life(40, 5000, 60);
  const left = kids(later, end);
  assert.ok(!left.includes('a-rs'));
  assert.ok(!left.some((kid) => kid === 'g0-es'), 'keys that signed nothing go first');
  assert.ok(left.length < 4 + 2 + 30);
});

test('keys whose tokens live for ever do not pile up', () => {
  const { record, now, signers } = life(200, 5000, 1e6);
  const published = kids(record, now);
  assert.ok(published.length <= RETIRED_MAX + 6, `${published.length}`);
  assert.ok(published.includes(signers.at(-1) ?? ''));
  assert.ok(published.includes(signers.at(-60) ?? ''));
});

test('a note that tells nothing new changes nothing', () => {
  const noted = noteNeeded(ready, 'a-rs', 5);
  assert.notEqual(noted, ready);
  assert.equal(noteNeeded(noted, 'a-rs', 5), noted);
  assert.equal(noteNeeded(noted, 'a-rs', 4), noted);
  assert.equal(noteNeeded(noted, 'unknown', 9), noted);
});

test('what is shown has no private member', () => {
  const shown = publicJwk({
    kty: 'RSA',
    n: 'n',
    e: 'e',
    d: 1,
    p: 1,
    q: 1,
    dp: 1,
    dq: 1,
    qi: 1,
    oth: 1,
    kid: 'k',
  });
  assert.deepEqual(shown, { kty: 'RSA', n: 'n', e: 'e', kid: 'k' });
});

test('a record survives its text; anything else is none', () => {
  const record = rotateRecord(ready, keys('c'), T0 + 60_000);
  assert.deepEqual(readRecord(JSON.parse(JSON.stringify(record))), record);
  const [generation] = first.generations;
  const damaged: unknown[] = [
    null,
    [],
    'text',
    {},
    { ...first, name: 1 },
    { ...first, rotatedAt: 'x' },
    { ...first, generations: [] },
    { ...first, generations: {} },
    { ...first, generations: [{ ...generation, keys: [] }] },
    { ...first, generations: [{ ...generation, activeFrom: null }] },
    {
      ...first,
      generations: [{ ...generation, keys: [{ jwk: { kid: 'k', alg: 'none' }, neededUntil: 0 }] }],
    },
    { ...first, generations: [{ ...generation, keys: [{ jwk: { kid: 'k', alg: 'RS256' } }] }] },
  ];
  for (const value of damaged) assert.equal(readRecord(value), undefined, JSON.stringify(value));
});
