/** Base64 and dates in credentials, as nginx reads them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBase64 } from './base64.ts';
import { parseHttpDate } from './http-date.ts';
import { parseLooseUrl } from './loose-url.ts';

const BASE64: readonly (readonly [string, string | undefined])[] = [
  ['', ''],
  ['YQ', 'a'],
  ['YQ==', 'a'],
  ['YQ==ignored', 'a'],
  ['+/+/', '\xfb\xff\xbf'],
  ['-_-_', undefined],
  ['Y', undefined],
  ['YQ ', undefined],
  ['Y Q', undefined],
];

for (const [text, expected] of BASE64) {
  test(`base64 ${JSON.stringify(text)} is ${JSON.stringify(expected)}`, () => {
    assert.equal(decodeBase64(text)?.toString('latin1'), expected);
  });
}

const SECONDS = Date.UTC(1994, 10, 6, 8, 49, 37) / 1000;
const DATES: readonly (readonly [string, number | undefined])[] = [
  ['Sun, 06 Nov 1994 08:49:37 GMT', SECONDS],
  ['Sunday, 06-Nov-94 08:49:37 GMT', SECONDS],
  ['Sun Nov  6 08:49:37 1994', SECONDS],
  ['Sun, 06 Nov 1994 08:49:37', SECONDS],
  ['Thu, 29 Feb 2024 00:00:00 GMT', Date.UTC(2024, 1, 29) / 1000],
  ['Mon, 01-Jan-35 00:00:00 GMT', Date.UTC(2035, 0, 1) / 1000],
  ['Wed, 29 Feb 2023 00:00:00 GMT', undefined],
  ['Sun, 06 Nov 1994 24:00:00 GMT', undefined],
  ['Sun, 06 Nov 1994 08:60:00 GMT', undefined],
  ['Sun, 06 Nav 1994 08:49:37 GMT', undefined],
  ['Sun, 31 Sep 1994 08:49:37 GMT', undefined],
  ['06 Nov 1994 08:49:37 GMT', undefined],
  ['1994-11-06T08:49:37Z', undefined],
  ['yesterday', undefined],
  ['', undefined],
];

for (const [text, expected] of DATES) {
  test(`the date ${JSON.stringify(text)} is ${expected}`, () => {
    assert.equal(parseHttpDate(text), expected);
  });
}

test('a URL is taken apart without being judged', () => {
  assert.deepEqual(parseLooseUrl('http://user@[::1]:80/a;b?c#d'), {
    scheme: 'http',
    host: '::1',
    userinfo: 'user',
    port: '80',
    path: '/a',
  });
  assert.deepEqual(parseLooseUrl('http://a.test:'), {
    scheme: 'http',
    host: 'a.test',
    userinfo: undefined,
    port: '',
    path: undefined,
  });
  const nothing = {
    scheme: undefined,
    host: undefined,
    userinfo: undefined,
    port: undefined,
    path: undefined,
  };
  assert.deepEqual(parseLooseUrl(''), nothing);
});
