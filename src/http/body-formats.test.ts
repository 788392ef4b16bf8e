/** The formats of bodies and tokens: multipart, forms, JSON, base64url. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeBase64url, isCanonicalBase64url } from './base64url.ts';
import { parseForm, withoutFormField } from './form.ts';
import { memberOf, parseJson } from './json.ts';
import { multipartBoundary, parseMultipart, partText, withoutPart } from './multipart.ts';

const BODY = [
  'preamble\r\n--b 1\r\nContent-Disposition: form-data; name="a"\r\n\r\n--b 1 is no delimiter here\r\n',
  '--b 1\r\ncontent-type: text/yaml\r\nContent-Disposition: form-data; filename="k.yaml"; name=config\r\n\r\n',
  'x: "--"\n\r\n--b 1\r\nContent-Disposition: form-data\r\n\r\nnameless\r\n--b 1--\r\nepilogue',
].join('');

test('multipart parts have names, types and byte ranges', () => {
  const body = Buffer.from(BODY.replace('--b 1 is', '-- b 1 is'));
  const parts = parseMultipart(body, 'b 1');
  assert.deepEqual(
    parts.map((part) => [part.name, part.filename, part.contentType, partText(body, part)]),
    [
      ['a', undefined, undefined, '-- b 1 is no delimiter here'],
      ['config', 'k.yaml', 'text/yaml', 'x: "--"\n'],
    ],
  );
  const rest = withoutPart(body, 'b 1', 'config');
  assert.ok(rest !== undefined);
  assert.deepEqual(
    parseMultipart(rest, 'b 1').map(({ name }) => name),
    ['a'],
  );
  assert.equal(withoutPart(body, 'b 1', 'missing'), undefined);
});

test('a multipart body cut anywhere never throws and gives whole parts only', () => {
  const body = Buffer.from(BODY);
  for (let length = 0; length <= body.length; length++) {
    assert.ok(parseMultipart(body.subarray(0, length), 'b 1').length <= 3);
  }
});

test('the number of multipart parts is bounded', () => {
  const part = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n';
  assert.equal(parseMultipart(Buffer.from(`${part.repeat(5000)}--b--`), 'b').length, 100);
});

const BOUNDARIES = [
  ['multipart/form-data; boundary=xyz', 'xyz'],
  ['multipart/form-data; charset=x; Boundary="a b;c"', 'a b;c'],
  ['multipart/form-data', undefined],
  ['multipart/form-data; boundary=', undefined],
] as const;

for (const [type, expected] of BOUNDARIES) {
  test(`the boundary of ${type} is ${expected}`, () => {
    assert.equal(multipartBoundary(type), expected);
  });
}

test('form fields are decoded and removed', () => {
  const body = Buffer.from('a=1+%C3%A9&%62=2&a=3&c');
  assert.deepEqual(
    [...parseForm(body)],
    [
      ['a', ['1 é', '3']],
      ['b', '2'],
      ['c', true],
    ],
  );
  assert.equal(withoutFormField(body, 'b')?.toString(), 'a=1+%C3%A9&a=3&c');
  assert.equal(withoutFormField(body, 'x'), undefined);
});

const JSON_TEXTS: readonly (readonly [string | Buffer, unknown])[] = [
  ['null', null],
  [' {"a":1,"a":2} ', { a: 2 }],
  ['"[[["', '[[['],
  [`${'['.repeat(1000)}${']'.repeat(1000)}`, 'deep'],
  [`${'['.repeat(1001)}${']'.repeat(1001)}`, undefined],
  ['', undefined],
  ['\ufeff{}', undefined],
  ['{}x', undefined],
  ["{'a':1}", undefined],
  ['NaN', undefined],
  [Buffer.from([0x22, 0xff, 0x22]), undefined],
];

for (const [text, expected] of JSON_TEXTS) {
  test(`JSON ${String(text).slice(0, 20)} is ${JSON.stringify(expected)?.slice(0, 20)}`, () => {
    const parsed = parseJson(Buffer.from(text));
    if (expected === 'deep') assert.ok(Array.isArray(parsed?.value));
    else assert.deepEqual(parsed, expected === undefined ? undefined : { value: expected });
  });
}

test('members are own members of objects', () => {
  assert.equal(memberOf(JSON.parse('{"__proto__":1}'), '__proto__'), 1);
  for (const value of [{}, [], ['x'], 'x', null, 1, undefined]) {
    for (const name of ['constructor', '__proto__', 'length', '0']) {
      assert.equal(memberOf(value, name), undefined);
    }
  }
});

const BASE64URL: readonly (readonly [string, string | undefined, boolean?])[] = [
  ['', '', true],
  ['YQ', 'a', true],
  ['YQ==', 'a', true],
  ['YR', 'a', false],
  ['-_-_', '\xfb\xff\xbf', true],
  ['Y', undefined],
  ['YQ===', undefined],
  ['Y=Q', undefined],
  ['+/+/', undefined],
  ['YQ\n', undefined],
  ['Y Q', undefined],
];

for (const [text, expected, canonical] of BASE64URL) {
  test(`base64url ${JSON.stringify(text)} is ${JSON.stringify(expected)}`, () => {
    const bytes = decodeBase64url(text);
    assert.equal(bytes?.toString('latin1'), expected);
    if (bytes !== undefined) assert.equal(isCanonicalBase64url(text), canonical);
  });
}

test('whatever was encoded is decoded', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = Buffer.from(bytes).toString('base64url');
      assert.deepEqual(decodeBase64url(text), Buffer.from(bytes));
    }),
  );
});
