/** The bounds of the store of verified tokens. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTokenCache } from './token-cache.ts';

const entry = { sub: 'alice' };

/** How many of these tokens are still known. */
const known = (tokens: readonly string[], entriesMax: number, bytesMax: number): number => {
  const store = createTokenCache<typeof entry>(entriesMax, bytesMax);
  for (const token of tokens) store.add(token, entry);
  return tokens.filter((token) => store.get(token) !== undefined).length;
};

const tokens = (count: number, length: number): string[] =>
  Array.from({ length: count }, (_, i) => `${i}`.padStart(length, '.'));

test('a flood of valid tokens stays below the number of entries', () => {
  const store = createTokenCache<typeof entry>(100, 1e9);
  const flood = tokens(10_000, 20);
  for (const token of flood) store.add(token, entry);
  const kept = flood.filter((token) => store.get(token) !== undefined).length;
  assert.ok(kept >= 1 && kept <= 100, `${kept} kept`);
  assert.equal(store.get(flood.at(-1) ?? ''), entry);
});

test('a flood of long tokens stays below the bytes', () => {
  const kept = known(tokens(1000, 1000), 1e9, 50_000);
  assert.ok(kept >= 1 && kept <= 50, `${kept} kept`);
});

test('a token of more than half of the bytes is not kept', () => {
  assert.equal(known(['x'.repeat(600)], 100, 1000), 0);
  assert.equal(known(['x'.repeat(400)], 100, 1000), 1);
});

test('a token in use survives a flood', () => {
  const store = createTokenCache<typeof entry>(100, 1e9);
  store.add('wanted', entry);
  for (const token of tokens(5000, 10)) {
    store.add(token, entry);
    assert.equal(store.get('wanted'), entry);
  }
});
