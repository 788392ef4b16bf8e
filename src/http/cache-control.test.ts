/** Cache-Control: directives as they come, and how long an answer is fresh by them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheDirectives, directiveSeconds, freshSeconds } from './cache-control.ts';

const NOW = Date.parse('2026-11-25T13:30:00Z') / 1000;

test('directives of several lines, in any case, with and without arguments', () => {
  const list = ['Cache-Control', ' Private , MAX-AGE=5', 'x', 'y', 'cache-control', 'ext="a",,=1'];
  assert.deepEqual(
    [...cacheDirectives(list)],
    [
      ['private', true],
      ['max-age', '5'],
      ['ext', '"a"'],
    ],
  );
});

for (const [value, seconds] of [
  ['5', 5],
  ['"5"', 5],
  ['99999999999', 2 ** 31 - 1],
  ['-1', undefined],
  ['1.5', undefined],
  ['0x10', undefined],
  ['', undefined],
] as const) {
  test(`max-age=${value}: ${seconds}`, () => {
    const directives = cacheDirectives(['cache-control', `max-age=${value}`]);
    assert.equal(directiveSeconds(directives, 'max-age'), seconds);
  });
}

const FRESH: readonly (readonly [readonly string[], number])[] = [
  [[], 0],
  [['cache-control', 's-maxage=3, max-age=9'], 3],
  [['cache-control', 'max-age=9', 'expires', 'Wed, 25 Nov 2026 13:31:00 GMT'], 9],
  [['cache-control', 'max-age', 'expires', 'Wed, 25 Nov 2026 13:31:00 GMT'], 0],
  [['expires', '0', 'expires', 'Wed, 25 Nov 2026 13:31:00 GMT'], 60],
  [['expires', 'Wed, 25 Nov 2026 13:29:00 GMT'], 0],
  [['expires', 'soon'], 0],
];

for (const [headers, seconds] of FRESH) {
  test(`${headers.join(' ')}: fresh for ${seconds} s`, () => {
    assert.equal(freshSeconds(cacheDirectives([...headers]), [...headers], NOW), seconds);
  });
}
