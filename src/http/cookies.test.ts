/** Cookies as nginx finds them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cookieValue } from './cookies.ts';

const CASES: readonly (readonly [
  lines: readonly string[],
  name: string,
  value: string | undefined,
])[] = [
  [['s=1'], 's', '1'],
  [['a=0; S=1; b=2'], 's', '1'],
  [['s=1; s=2'], 's', '1'],
  [['a=0', 's=1'], 's', '1'],
  [['s=; s=2'], 's', ''],
  [['s = 1; t'], 's', '1'],
  [['s="q%20"'], 's', '"q%20"'],
  [['xs=1; sx=2; s'], 's', undefined],
  [['a=s=1'], 's', undefined],
  [['a=1, s=2'], 's', '2'],
  [['my-c=1; my_c=2'], 'my_c', '2'],
  [[''], 's', undefined],
  [[], 's', undefined],
];

for (const [lines, name, value] of CASES) {
  test(`${name} in ${JSON.stringify(lines)} is ${JSON.stringify(value)}`, () => {
    const headers = ['Host', 's=9', ...lines.flatMap((line) => ['Cookie', line])];
    assert.equal(cookieValue(headers, name), value);
  });
}
