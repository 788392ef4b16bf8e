/** The key-auth plugin: places of keys, hiding, expiry, anonymous. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeyAuthConfig, KeyauthCredential } from '../../config/schema-types.ts';
import {
  FakeContext,
  fakeBuild,
  fakeConsumer,
  type FakeRequest,
} from '../../gateway/fake-context.test.fixture.ts';
import { keyAuth } from './index.ts';

const bob = fakeConsumer('bob');
const nobody = fakeConsumer('nobody');
const LOADED_AT = 1_800_000_000_000;

const credential = (key: string, fields: Partial<KeyauthCredential> = {}): KeyauthCredential => ({
  id: `id-of-${key}`,
  created_at: 0,
  consumer: { id: bob.id },
  key,
  tags: null,
  ...fields,
});
const keyauth = [
  credential('bob-key'),
  credential('clé'),
  credential('short-lived', { ttl: 60 }),
  credential('orphan', { consumer: { id: 'gone' } }),
];
let now = LOADED_AT;
const build = fakeBuild({ consumers: [bob, nobody], keyauth }, () => now);

const DEFAULTS: KeyAuthConfig = {
  key_names: ['apikey'],
  hide_credentials: false,
  anonymous: null,
  key_in_header: true,
  key_in_query: true,
  key_in_body: false,
  run_on_preflight: true,
  realm: null,
};

async function run(config: Partial<KeyAuthConfig>, request: FakeRequest) {
  const ctx = new FakeContext(request);
  const response = await keyAuth.compile({ ...DEFAULTS, ...config }, build).access?.(ctx);
  return { ctx, response };
}

const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data; boundary=xyz';
const post = (type: string, body: string): FakeRequest => ({
  method: 'POST',
  headers: ['Content-Type', type],
  body,
});
const part = (name: string, value: string): string =>
  `--xyz\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

interface Case {
  readonly name: string;
  readonly config?: Partial<KeyAuthConfig>;
  readonly request: FakeRequest;
  /** The message of the refusal. */
  readonly refused?: string;
}

const NONE = 'No API key found in request';
const SEVERAL = 'Duplicate API key found';
const inBody = { key_in_body: true };
const CASES: readonly Case[] = [
  { name: 'nothing', request: {}, refused: NONE },
  { name: 'header', request: { headers: ['APIKEY', 'bob-key'] } },
  {
    name: 'empty header',
    request: { headers: ['apikey', ''], target: '/?apikey=bob-key' },
    refused: NONE,
  },
  {
    name: 'unknown header',
    request: { headers: ['apikey', 'x'], target: '/?apikey=bob-key' },
    refused: 'Unauthorized',
  },
  {
    name: 'header twice',
    request: { headers: ['apikey', 'bob-key', 'apikey', 'bob-key'] },
    refused: SEVERAL,
  },
  { name: 'UTF-8 header', request: { headers: ['apikey', Buffer.from('clé').toString('latin1')] } },
  { name: 'latin1 header', request: { headers: ['apikey', 'clé'] }, refused: 'Unauthorized' },
  {
    name: 'dashed header for a name with underscores',
    config: { key_names: ['api_key'] },
    request: { headers: ['Api-Key', 'bob-key'] },
  },
  {
    name: 'header with underscores for a dashed name',
    config: { key_names: ['api-key'] },
    request: { headers: ['api_key', 'bob-key'] },
    refused: NONE,
  },
  {
    name: 'header switched off',
    config: { key_in_header: false },
    request: { headers: ['apikey', 'bob-key'] },
    refused: NONE,
  },
  { name: 'query', request: { target: '/?a=1&%61pikey=bob%2Dkey' } },
  { name: 'UTF-8 query', request: { target: '/?apikey=cl%C3%A9' } },
  { name: 'query in another case', request: { target: '/?APIKEY=bob-key' }, refused: NONE },
  { name: 'query without a value', request: { target: '/?apikey' }, refused: NONE },
  { name: 'query with array syntax', request: { target: '/?apikey[]=bob-key' }, refused: NONE },
  { name: 'query twice', request: { target: '/?apikey=bob-key&apikey=bob-key' }, refused: SEVERAL },
  {
    name: 'query switched off',
    config: { key_in_query: false },
    request: { target: '/?apikey=bob-key' },
    refused: NONE,
  },
  { name: 'body by default', request: post(FORM, 'apikey=bob-key'), refused: NONE },
  { name: 'form', config: inBody, request: post(FORM, 'x=1&apikey=bob-key') },
  {
    name: 'form twice',
    config: inBody,
    request: post(FORM, 'apikey=bob-key&apikey=x'),
    refused: SEVERAL,
  },
  {
    name: 'JSON',
    config: inBody,
    request: post('application/json; charset=utf-8', '{"apikey":"bob-key"}'),
  },
  {
    name: 'JSON number',
    config: inBody,
    request: post('application/json', '{"apikey":1}'),
    refused: NONE,
  },
  {
    name: 'JSON list',
    config: inBody,
    request: post('application/json', '{"apikey":["bob-key"]}'),
    refused: SEVERAL,
  },
  {
    name: 'JSON prototype',
    config: { ...inBody, key_names: ['constructor'] },
    request: post('application/json', '{}'),
    refused: NONE,
  },
  {
    name: 'broken JSON',
    config: inBody,
    request: post('application/json', '{"apikey":"bob-key"'),
    refused: NONE,
  },
  {
    name: 'multipart',
    config: inBody,
    request: post(MULTIPART, `${part('x', '1')}${part('apikey', 'bob-key')}--xyz--\r\n`),
  },
  {
    name: 'multipart twice',
    config: inBody,
    request: post(MULTIPART, `${part('apikey', 'a')}${part('apikey', 'b')}--xyz--\r\n`),
    refused: SEVERAL,
  },
  {
    name: 'multipart without a boundary',
    config: inBody,
    request: post('multipart/form-data', part('apikey', 'bob-key')),
    refused: NONE,
  },
  {
    name: 'text body',
    config: inBody,
    request: post('text/plain', 'apikey=bob-key'),
    refused: NONE,
  },
];

for (const { name, config = {}, request, refused } of CASES) {
  test(`${name}: ${refused ?? 'accepted'}`, async () => {
    const { ctx, response } = await run(config, request);
    assert.equal(ctx.consumer, refused === undefined ? bob : undefined);
    if (refused === undefined) {
      assert.equal(response, undefined);
      assert.equal(ctx.identifier, ctx.credential?.id);
      return;
    }
    assert.ok(response?.kind === 'error');
    assert.equal(response.status, 401);
    assert.equal(response.message, refused);
    assert.deepEqual(response.headers, ['WWW-Authenticate', 'Key']);
  });
}

interface HideCase {
  readonly request: FakeRequest;
  readonly query?: string;
  readonly body?: string;
}

const HIDDEN: readonly HideCase[] = [
  { request: { headers: ['ApiKey', 'bob-key'] } },
  { request: { target: '/?apikey=bob-key' }, query: '' },
  { request: { target: '/?c=1&apikey=bob-key&b=2&a=3&' }, query: '?c=1&b=2&a=3' },
  { request: { target: '/?a=%20b%26&apikey=bob-key&d=%C3%A9+x' }, query: '?a=+b%26&d=%C3%A9+x' },
  { request: { target: '/?a&%61pikey=bob-key&b=&b=2' }, query: '?a=&b=&b=2' },
  { request: { target: '/?apikey=x&a=%20b', headers: ['apikey', 'bob-key'] }, query: '?a=+b' },
  { request: { target: '/?a=%20b', headers: ['apikey', 'bob-key'] }, query: '?a=%20b' },
  { request: post(FORM, 'x=a%20b%26c&apikey=bob-key'), body: 'x=a%20b%26c' },
  { request: post(FORM, 'apikey=bob-key'), body: '' },
  {
    request: post('application/json', '{"apikey":"bob-key","x":{"y":[1,2.5,"a/b"]}}'),
    body: '{"x":{"y":[1,2.5,"a/b"]}}',
  },
  {
    request: post(MULTIPART, `${part('apikey', 'bob-key')}${part('x', '1')}--xyz--\r\n`),
    body: `${part('x', '1')}--xyz--\r\n`,
  },
];

for (const { request, query = '', body } of HIDDEN) {
  test(`hidden in ${JSON.stringify(request)}`, async () => {
    const { ctx, response } = await run({ hide_credentials: true, key_in_body: true }, request);
    assert.equal(response, undefined);
    assert.equal(ctx.consumer, bob);
    assert.equal(ctx.rawQuery, query);
    assert.ok(!ctx.headers.includes('bob-key'));
    if (body !== undefined) assert.equal(ctx.upstreamBody.toString(), body);
  });
}

test('a key that is nobody’s is hidden before the request goes on as anonymous', async () => {
  const config = { hide_credentials: true, anonymous: 'nobody' };
  const { ctx, response } = await run(config, { target: '/?apikey=secret&z=1' });
  assert.equal(response, undefined);
  assert.equal(ctx.consumer, nobody);
  assert.equal(ctx.credential, undefined);
  assert.equal(ctx.rawQuery, '?z=1');
});

test('the body is not read without key_in_body', async () => {
  const { ctx } = await run({}, post(FORM, 'apikey=bob-key'));
  assert.equal(ctx.bodyReads, 0);
});

test('ttl counts from the load', async (t) => {
  t.after(() => (now = LOADED_AT));
  const request = { headers: ['apikey', 'short-lived'] };
  const phases = keyAuth.compile(DEFAULTS, build);
  now = LOADED_AT + 59_999;
  assert.equal(await phases.access?.(new FakeContext(request)), undefined);
  now = LOADED_AT + 60_000;
  assert.equal((await phases.access?.(new FakeContext(request)))?.status, 401);
});

test('a realm is in the challenge, in UTF-8', async () => {
  for (const [realm, bytes] of [
    ['zoo', 'zoo'],
    ['Ω', '\u00ce\u00a9'],
  ] as const) {
    const { response } = await run({ realm }, {});
    assert.deepEqual(response?.headers, ['WWW-Authenticate', `Key realm="${bytes}"`]);
  }
});

test('what the operator broke is a 500', async () => {
  assert.equal((await run({ anonymous: 'missing' }, {})).response?.status, 500);
  assert.equal((await run({}, { headers: ['apikey', 'orphan'] })).response?.status, 500);
});

test('run_on_preflight lets OPTIONS pass untouched when off', async () => {
  const off = await run({ run_on_preflight: false }, { method: 'OPTIONS' });
  assert.equal(off.response, undefined);
  assert.equal((await run({}, { method: 'OPTIONS' })).response?.status, 401);
});

test('with anonymous, a credential of another plugin is enough', async () => {
  const ctx = new FakeContext();
  ctx.authenticate(nobody, { id: 'other', consumerId: nobody.id }, 'other');
  const phases = keyAuth.compile({ ...DEFAULTS, anonymous: 'missing' }, build);
  assert.equal(await phases.access?.(ctx), undefined);
  assert.equal(ctx.credential?.id, 'other');
});
