/** Vectors of the reference implementation. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { xxh32 } from './xxh32.ts';

for (const [bytes, hash] of [
  ['', 0x02cc5d05],
  ['a', 0x550d7456],
  ['abc', 0x32d153ff],
  ['Nobody inspects the spammish repetition', 0xe2293b2f],
] as const) {
  test(`of ${JSON.stringify(bytes)}`, () => {
    assert.equal(xxh32(bytes), hash);
  });
}
