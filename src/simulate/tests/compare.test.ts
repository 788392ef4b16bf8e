/** What counts as met, and what is said when it is not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareBody, compareHeaders, type Mismatch } from './compare.ts';
import type { BodyExpectation, HeaderExpectations } from './test-file.ts';

const lines = (list: readonly Mismatch[]): readonly string[] =>
  list.map(
    ({ path, subject, expected, got }) =>
      `${path.join('.')}: ${subject} is ${got}, expected ${expected}`,
  );

const BODIES: readonly (readonly [string, BodyExpectation, string, readonly string[]])[] = [
  ['the same text', 'abc', 'abc', []],
  ['another text', 'abc', 'abd', [': body is "abd", expected "abc"']],
  ['none, and there is none', null, '', []],
  ['none, and there is one', null, 'x', [': body is "x", expected ""']],
  ['a part', { contains: 'b' }, 'abc', []],
  [
    'a part that is not there',
    { contains: 'z' },
    'abc',
    ['contains: body is "abc", expected a text with "z"'],
  ],
  ['a pattern', { matches: '^a.c$' }, 'abc', []],
  [
    'a pattern that does not match',
    { matches: '^b' },
    'abc',
    ['matches: body is "abc", expected a match of ^b'],
  ],
  ['members of an object', { json: { a: 1 } }, '{"a":1,"b":2}', []],
  [
    'a nested member',
    { json: { a: { b: [1, { c: 2 }] } } },
    '{"a":{"b":[1,{"c":3}]}}',
    ['json.a.b.1.c: body.a.b[1].c is 3, expected 2'],
  ],
  ['a member that is missing', { json: { a: 1 } }, '{}', ['json.a: body.a is nothing, expected 1']],
  [
    'a member that must not be there',
    { json: { a: null } },
    '{"a":1}',
    ['json.a: body.a is 1, expected null'],
  ],
  ['a member that must not be there, and is not', { json: { a: null } }, '{}', []],
  ['a shorter list', { json: [1] }, '[1,2]', ['json: body is [1,2], expected [1]']],
  ['JSON of what is none', { json: { a: 1 } }, 'oops', ['json: body is "oops", expected {"a":1}']],
  [
    'a name that objects have anyway',
    { json: { constructor: 1 } },
    '{}',
    ['json.constructor: body.constructor is nothing, expected 1'],
  ],
];

for (const [title, expected, body, mismatches] of BODIES) {
  test(`body: ${title}`, () =>
    assert.deepEqual(lines(compareBody(expected, Buffer.from(body))), mismatches));
}

const LIST = ['A', '1', 'B', 'x', 'a', '2'];
const HEADERS: readonly (readonly [string, HeaderExpectations, readonly string[]])[] = [
  ['in any case', { b: 'x' }, []],
  ['several lines are one', { A: '1, 2' }, []],
  ['another value', { B: 'y' }, ['B: header B is "x", expected "y"']],
  ['absent', { C: null }, []],
  ['not absent', { B: null }, ['B: header B is "x", expected nothing']],
  ['missing', { C: 'x' }, ['C: header C is nothing, expected "x"']],
  ['matches', { B: { matches: '^x$' } }, []],
  [
    'missing for a pattern',
    { C: { matches: '.' } },
    ['C.matches: header C is nothing, expected a match of .'],
  ],
];

for (const [title, expected, mismatches] of HEADERS) {
  test(`headers: ${title}`, () =>
    assert.deepEqual(lines(compareHeaders(expected, LIST)), mismatches));
}

test('long texts are shown from where they begin to differ', () => {
  const long = 'x'.repeat(400);
  const [line = ''] = lines(compareBody(`${long}a`, Buffer.from(`${long}b`)));
  assert.match(line, /^: body is "…x+b", expected "…x+a"$/);
  assert.ok(line.length < 200, line);
});

test('tokens are not shown', () => {
  const token = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.e30.c2ln`;
  assert.deepEqual(lines(compareHeaders({ T: 'x' }, ['T', `Bearer ${token}`])), [
    'T: header T is "Bearer ***", expected "x"',
  ]);
});
