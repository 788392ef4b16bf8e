/** Paths of services and routes: what is taken, and Kong's words for the rest. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPath, checkRoutePath } from './path.ts';
import { unsupportedConstruct } from './regex.ts';

const outside = (value: string) =>
  `invalid path: '${value}' (characters outside of the reserved list of RFC 3986 found)`;

for (const [value, message] of [
  ['/', undefined],
  ["/a/b%20c;x=1@!$&'()*+,", undefined],
  ['x', 'should start with: /'],
  ['/a//b', 'must not have empty segments'],
  ['/a b', outside('/a b')],
  ['/a?b=1', outside('/a?b=1')],
  ['/é', outside('/é')],
  ['/a%', "invalid url-encoded value: '%'"],
  ['/a%zz', "invalid url-encoded value: '%zz'"],
] as const) {
  test(`path ${value}: ${message ?? 'good'}`, () => assert.equal(checkPath(value), message));
}

const START = 'should start with: / (fixed path) or ~/ (regex path)';

for (const [value, message] of [
  ['/', undefined],
  ['/a/', undefined],
  ['/a%2Fb', undefined],
  ['/a b', undefined],
  ['/a/(b|c)/[0-9]+$', undefined],
  ['~/u/(?<id>\\d+)$', undefined],
  ['a', START],
  ['~users', START],
  ['~^/x', START],
  ['/a//b', 'must not have empty segments'],
  ['/a%20b', "non-normalized path, consider use '/a b' instead"],
  ['/a%2fb', "non-normalized path, consider use '/a%2Fb' instead"],
  ['/a/../b', "non-normalized path, consider use '/b' instead"],
  ['/a%2', "invalid url-encoded value: '%2'"],
] as const) {
  test(`route path ${value}: ${message ?? 'good'}`, () =>
    assert.equal(checkRoutePath(value), message));
}

test('a regular expression is given to the check from outside, without its tilde', () => {
  const seen: string[] = [];
  const checkRegex = (pattern: string) => {
    seen.push(pattern);
    return 'no good';
  };
  assert.equal(checkRoutePath('~/a(', checkRegex), 'no good');
  assert.equal(checkRoutePath('/a(', checkRegex), undefined);
  // Reported for the whole route instead.
  assert.equal(checkRoutePath('~/a(?=b)', checkRegex), undefined);
  assert.deepEqual(seen, ['/a(']);
});

const AROUND = 'look-around, including look-ahead and look-behind, is not supported';
for (const [pattern, construct] of [
  ['/a(?=b)', { offset: 2, length: 3, problem: AROUND }],
  ['/a(?!b)', { offset: 2, length: 3, problem: AROUND }],
  ['/(?<=a)b', { offset: 1, length: 4, problem: AROUND }],
  ['/(?<!a)b', { offset: 1, length: 4, problem: AROUND }],
  [String.raw`/(a)\1`, { offset: 4, length: 2, problem: 'backreferences are not supported' }],
  ['/(?<a>x)/(?P<b>y)(?:z)', undefined],
  [String.raw`/\(?=a`, undefined],
  ['/[(?=a)]', undefined],
  [String.raw`/[\]\1(?=]`, undefined],
  [String.raw`/\\1`, undefined],
] as const) {
  test(`unsupported in ${pattern}: ${construct?.problem ?? 'nothing'}`, () =>
    assert.deepEqual(unsupportedConstruct(pattern), construct));
}
