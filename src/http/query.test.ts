/** Query arguments: reading, and hiding one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ARGUMENTS_MAX, parseQuery, withoutQueryArgument, type QueryValue } from './query.ts';

const CASES: readonly (readonly [string, Readonly<Record<string, QueryValue>>])[] = [
  ['', {}],
  ['?', {}],
  ['?a=1&b=2', { a: '1', b: '2' }],
  ['a=1', { a: '1' }],
  ['?a', { a: true }],
  ['?a=', { a: '' }],
  ['?a=1&a&a=', { a: ['1', true, ''] }],
  ['?a=b=c', { a: 'b=c' }],
  ['?%61+b=%20+%2B', { 'a b': '  +' }],
  ['?a=%zz%4&b=%', { a: '%zz%4', b: '%' }],
  ['?=x&&a=1', { a: '1' }],
  ['?a=cl%C3%A9&b=%E9', { a: 'clé', b: '\ufffd' }],
  ['?a[]=1', { 'a[]': '1' }],
];

for (const [query, expected] of CASES) {
  test(`${JSON.stringify(query)} is ${JSON.stringify(expected)}`, () => {
    assert.deepEqual([...parseQuery(query)], Object.entries(expected));
  });
}

test('arguments past the hundredth are not seen', () => {
  const query = Array.from({ length: 105 }, (_, i) => `p${i}=1`).join('&');
  const args = parseQuery(`?${query}`);
  assert.equal(args.size, ARGUMENTS_MAX);
  assert.ok(!args.has('p100'));
});

const WITHOUT: readonly (readonly [string, string, string])[] = [
  ['?k=1', 'k', ''],
  ['?a=%20b&k=1&', 'k', '?a=+b'],
  ['?a&%6B=1&b=~%2f', 'k', '?a=&b=~%2F'],
  ['?a=%20b', 'k', '?a=%20b'],
  ['?a=%E9&cl%C3%A9=1', 'clé', '?a=%E9'],
  ['', 'k', ''],
];

for (const [query, name, expected] of WITHOUT) {
  test(`${query} without ${name} is ${expected}`, () => {
    assert.equal(withoutQueryArgument(query, name), expected);
  });
}

test('no query throws, and a hidden argument never comes back', () => {
  const piece = fc.oneof(fc.constantFrom('k', 'k=1', '%6b=x', 'K', '%', '+', '&'), fc.string());
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const query = `?${pieces.join('&')}`;
      assert.ok(parseQuery(query).size <= ARGUMENTS_MAX);
      assert.ok(!parseQuery(withoutQueryArgument(query, 'k')).has('k'));
    }),
  );
});
