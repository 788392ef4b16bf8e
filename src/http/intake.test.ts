/** Heads that are refused or trimmed before anything looks at them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspectHead } from './intake.ts';

const REFUSED = [
  ['two Hosts', ['Host', 'a', 'host', 'b'], '1.1'],
  ['two Authorizations', ['Host', 'a', 'Authorization', 'x', 'Authorization', 'y'], '1.1'],
  ['no Host in HTTP/1.1', ['Accept', '*/*'], '1.1'],
  ['an empty Host', ['Host', ''], '1.1'],
  ['a Host with a slash', ['Host', 'a/b'], '1.1'],
  ['a Host with an empty label', ['Host', 'a..b'], '1.1'],
  ['a transfer coding in HTTP/1.0', ['Host', 'a', 'Transfer-Encoding', 'chunked'], '1.0'],
  ['a line over the limit', ['Host', 'a', 'X-Long', 'x'.repeat(100)], '1.1'],
] as const;

for (const [what, headers, version] of REFUSED) {
  test(`${what} is refused`, () => {
    assert.equal(inspectHead([...headers], version, 64)?.status, 400);
  });
}

for (const coding of ['gzip', 'chunked, identity', 'identity', '', 'xchunked']) {
  test(`the transfer coding "${coding}" is refused as unknown`, () => {
    const headers = ['Host', 'a', 'Transfer-Encoding', coding];
    assert.equal(inspectHead(headers, '1.1', 64)?.status, 501);
  });
}

test('HTTP/1.0 needs no Host', () => assert.equal(inspectHead([], '1.0', 64), undefined));

test('names with dots or signs are dropped, underscores stay', () => {
  const headers = ['Host', 'a', 'X.Dot', '1', 'x_under', '2', 'X-Ok', '3', 'x!', '4'];
  assert.equal(inspectHead(headers, '1.1', 64), undefined);
  assert.deepEqual(headers, ['Host', 'a', 'x_under', '2', 'X-Ok', '3']);
});

test('a flood of names does not grow memory without bound', () => {
  for (let i = 0; i < 5000; i++)
    assert.equal(inspectHead(['Host', 'a', `X-${i}`, ''], '1.1', 64), undefined);
});
