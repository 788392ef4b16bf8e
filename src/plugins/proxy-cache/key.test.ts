/** What answers are kept under: Kong's key, and requests that must not share an answer. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  FakeContext,
  fakeConsumer,
  type FakeRequest,
} from '../../gateway/fake-context.test.fixture.ts';
import { ask, compile } from '../../../test/support/proxy-cache.ts';
import { compileKey } from './key.ts';
import { parseMediaType } from './media-type.ts';

const NO_FIELDS = { ignore_uri_case: false, vary_headers: null, vary_query_params: null };
const sha256 = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex');
const KEYS: readonly (readonly [string, object, FakeRequest, string])[] = [
  ['no query', {}, { target: '/A' }, 'default|GET|GET /A HTTP/1.1||'],
  ['a question mark', {}, { target: '/A?' }, 'default|GET|GET /A||'],
  ['the query', {}, { target: '/a?b=2&a=1&c&b=1&d=&=x' }, 'default|GET|GET /a|a=1:b=1,2:c:d=|'],
  ['bytes', {}, { target: '/a?b=%C3%A9+x' }, 'default|GET|GET /a|b=\xc3\xa9 x|'],
  ['ignore_uri_case', { ignore_uri_case: true }, { target: '/A?B=C' }, 'default|GET|get /a|B=C|'],
  [
    'vary_query_params',
    { vary_query_params: ['z', 'b'] },
    { target: '/a?a=1&b=2&z' },
    'default|GET|GET /a|z:b=2|',
  ],
  [
    'vary_headers',
    { vary_headers: ['X_B', 'Accept'] },
    { target: '/?', headers: ['accept', 'b', 'Accept', 'a', 'x-b', '1'] },
    'default|GET|GET /||X_B=1:Accept=a,b',
  ],
];

for (const [what, fields, request, text] of KEYS) {
  test(`the key is Kong's: ${what}`, () => {
    const { key } = compileKey({ ...NO_FIELDS, ...fields })(new FakeContext(request));
    assert.equal(key, sha256(text));
  });
}

const as = (name: string) => (ctx: FakeContext) => {
  ctx.authenticate(fakeConsumer(name));
  // The fake has no route of its own.
  Object.defineProperty(ctx, 'route', { value: { id: 'r' } });
};

test('each consumer has answers of its own', async () => {
  const phases = compile({});
  assert.equal((await ask(phases, {}, {}, as('ada'))).cache, 'Miss');
  assert.equal((await ask(phases, {}, {}, as('bob'))).cache, 'Miss');
  assert.equal((await ask(phases, {}, {}, as('ada'))).cache, 'Hit');
});

const many = Array.from({ length: 100 }, (_, i) => `a${i}=1`).join('&');
/** Kong gives the second of each the answer to the first. */
const CONFUSED: readonly (readonly [string, string])[] = [
  ['/?a=1%3Ab=2', '/?a=1&b=2'],
  ['/?a=1,2', '/?a=1&a=2'],
  ['/?=1', '/?=2'],
  ['/?a%3D1', '/?a=1'],
  ['/a|b=1?c', '/a?b=1%7Cc'],
  ['/?a=%FE', '/?a=%FF'],
];

for (const [first, second] of [...CONFUSED, [`/?${many}&z=1`, `/?${many}&z=2`]] as const) {
  test(`${first.slice(0, 20)} and ${second.slice(0, 20)} do not share an answer`, async () => {
    const phases = compile({});
    assert.equal((await ask(phases, { target: first })).cache, 'Miss');
    assert.equal((await ask(phases, { target: second })).cache, 'Miss');
    assert.equal((await ask(phases, { target: second })).cache, 'Hit');
  });
}

test('media types: broken ones are none, whatever follows', () => {
  for (const text of ['nonsense', 'a/b;', 'a/b; c', 'a/b; c="d', 'a /b', '', 'a/b, c/d']) {
    assert.equal(parseMediaType(text), undefined, text);
  }
  assert.deepEqual(parseMediaType('Text/HTML ;Q="a b";r=C'), {
    type: 'text',
    subtype: 'html',
    parameters: new Map([
      ['q', 'a b'],
      ['r', 'C'],
    ]),
  });
});
