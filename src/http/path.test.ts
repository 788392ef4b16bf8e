/** Tests of request targets and of path normalisation. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalizePath, parseRequestTarget } from './path.ts';

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const NORMAL: readonly (readonly [string, string])[] = [
  ['/', '/'],
  ['/a/./b', '/a/b'],
  ['/a/b/..', '/a/'],
  ['/a/../b', '/b'],
  ['/a/./b/../c', '/a/c'],
  ['/a/.', '/a/'],
  ['/%2e%2e/x', '/x'],
  ['/..', '/'],
  ['/a//b', '/a/b'],
  ['//a/b', '/a/b'],
  ['/a//../b', '/a/b'],
  ['/a/%2E/b', '/a/b'],
  ['/%7Ebob', '/~bob'],
  ['/a%3Fb', '/a%3Fb'],
  ['/a%2fb', '/a%2Fb'],
  [
    '/%21%2a%27%28%29%3b%3a%40%26%3d%2b%24%2c%2f%3f%25%23%5b%5d',
    '/%21%2A%27%28%29%3B%3A%40%26%3D%2B%24%2C%2F%3F%25%23%5B%5D',
  ],
  ['/%zz%4', '/%zz%4'],
  ['/a%20b', '/a b'],
  ['/%41%42', '/AB'],
  ['/a;v=1/b', '/a;v=1/b'],
  ['/%252e', '/%252e'],
  ['/caf%c3%a9', '/café'],
  ['/café', '/café'],
  ['/%ff%41', '/%FFA'],
  ['/...', '/...'],
  ['/a..b/.hidden', '/a..b/.hidden'],
];

for (const [raw, normal] of NORMAL) {
  test(`${raw} is normalised to ${normal}`, () => {
    assert.equal(normalizePath(raw), normal);
    assert.equal(normalizePath(normal), normal, 'a normal form is its own');
  });
}

/** Target, matching path, raw path, raw query. */
const ACCEPTED: readonly (readonly [string, string, string, string])[] = [
  ['/a/b', '/a/b', '/a/b', ''],
  ['/p?a=1&b=%20#f', '/p', '/p', '?a=1&b=%20'],
  ['/p?', '/p', '/p', '?'],
  ['/p?#f', '/p', '/p', ''],
  ['/p??x', '/p', '/p', '??x'],
  ['/?a', '/', '/', '?a'],
  ['/a#frag', '/a#frag', '/a#frag', ''],
  ['/a#f?x', '/a#f', '/a#f', ''],
  ['/a#%zz', '/a#%zz', '/a#%zz', ''],
  ['/a/../b?x=/../y', '/b', '/a/../b', '?x=/../y'],
  ['//norm/a', '/norm/a', '//norm/a', ''],
  ['/cut/../cut/a', '/cut/a', '/cut/../cut/a', ''],
  ['/norm/%2E%2E/x', '/x', '/norm/%2E%2E/x', ''],
  ['/caf%c3%a9', '/café', '/caf%c3%a9', ''],
  [latin1('/café'), '/café', latin1('/café'), ''],
  ['/%F0%9F%98%80', '/\u{1f600}', '/%F0%9F%98%80', ''],
  ['/a?%zz', '/a', '/a', '?%zz'],
  ['/%3F/%23', '/%3F/%23', '/%3F/%23', ''],
];

for (const [target, path, rawPath, rawQuery] of ACCEPTED) {
  test(`${target} asks for ${path}`, () => {
    const parsed = parseRequestTarget(target);
    assert.deepEqual(parsed, { kind: 'ok', path, target, rawPath, rawQuery, authority: undefined });
  });
}

const ABSOLUTE: readonly (readonly [string, string, string, string])[] = [
  ['http://plain.test/abs?a=1', 'plain.test', '/abs?a=1', '/abs'],
  ['HTTPS://Plain.test:81/%41', 'Plain.test:81', '/%41', '/A'],
  ['http://plain.test', 'plain.test', '/', '/'],
  ['http://plain.test?x', 'plain.test', '/?x', '/'],
  ['http://[::1]:80/', '[::1]:80', '/', '/'],
];

for (const [given, authority, target, path] of ABSOLUTE) {
  test(`${given} is ${target} of ${authority}`, () => {
    const parsed = parseRequestTarget(given);
    assert.ok(parsed.kind === 'ok');
    assert.deepEqual([parsed.authority, parsed.target, parsed.path], [authority, target, path]);
  });
}

const REFUSED = [
  '*',
  '',
  'norm/a',
  '/..',
  '/../norm',
  '/norm/../../norm/a',
  '/%2e%2e',
  '/a%2F..%2F..%2Fb',
  '/a//../../b',
  '/..#x',
  '/norm/%zz',
  '/norm/%4',
  '/%',
  '/a%00b',
  '/a\u0001',
  '/a\u007f',
  '/a b',
  'http://user@host/',
  'http:/a',
  'http://h.test\\x',
];

for (const target of REFUSED) {
  test(`${JSON.stringify(target)} is a bad request`, () => {
    assert.deepEqual(parseRequestTarget(target), { kind: 'refused', status: 400 });
  });
}

test('a target that does not fit a header line is too long', () => {
  assert.deepEqual(parseRequestTarget(`/${'a'.repeat(9000)}`), { kind: 'refused', status: 414 });
  assert.deepEqual(parseRequestTarget('/abc', 3), { kind: 'refused', status: 414 });
  assert.equal(parseRequestTarget('/ab', 3).kind, 'ok');
});

for (const target of ['/%FF%FE', '/%C3', '/\u00ff', '/%ED%A0%80', '/%C0%AF']) {
  test(`${JSON.stringify(target)} is no text, so no route`, () => {
    assert.deepEqual(parseRequestTarget(target), {
      kind: 'not-utf8',
      target,
      rawPath: target,
      rawQuery: '',
      authority: undefined,
    });
  });
}
