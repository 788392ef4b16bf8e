/** The jwt plugin: places of tokens, key claims, time claims, anonymous. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JwtConfig } from '../../config/schema-types.ts';
import {
  FakeContext,
  fakeBuild,
  type FakeRequest,
} from '../../gateway/fake-context.test.fixture.ts';
import {
  NOW,
  alice,
  bearer,
  entities,
  hs256,
  jwtSecret,
  rawToken,
  SECRET,
  nobody,
} from './tokens.test.fixture.ts';
import { jwt } from './index.ts';

/** One build, so that the entries share their credentials as those of a load do. */
const build = fakeBuild(entities, () => NOW * 1000);
const DEFAULTS: JwtConfig = {
  uri_param_names: ['jwt'],
  cookie_names: [],
  key_claim_name: 'iss',
  secret_is_base64: false,
  claims_to_verify: null,
  anonymous: null,
  run_on_preflight: true,
  maximum_expiration: 0,
  header_names: ['authorization'],
  realm: null,
};

interface Case {
  readonly name: string;
  readonly config?: Partial<JwtConfig>;
  readonly request: FakeRequest;
  /** The body's message, or the claims it names; absent when the token is good. */
  readonly refused?: string | Readonly<Record<string, string>>;
  readonly challenge?: string;
}

const good = hs256({ iss: 'alice-key' });
const other = hs256({ iss: 'alice-key', sub: 'other' });
const INVALID = 'Bearer error="invalid_token"';
const lookupCases: readonly Case[] = [
  { name: 'no token', request: {}, refused: 'Unauthorized', challenge: 'Bearer' },
  { name: 'a bearer token', request: bearer(good) },
  { name: 'a lower-case scheme', request: { headers: ['authorization', `bearer ${good}`] } },
  {
    name: 'an upper-case scheme',
    request: { headers: ['Authorization', `BEARER ${good}`] },
    refused: 'Unauthorized',
    challenge: 'Bearer',
  },
  { name: 'words before', request: { headers: ['Authorization', `Token Bearer  ${good}`] } },
  { name: 'words after', request: bearer(`${good} x`), refused: 'Bad token; invalid signature' },
  { name: 'a query argument', request: { target: `/?a=1&jwt=${good}` } },
  { name: 'the same token twice', request: { ...bearer(good), target: `/?jwt=${good}` } },
  {
    name: 'two tokens',
    request: { ...bearer(good), target: `/?jwt=${other}` },
    refused: 'Multiple tokens provided',
    challenge: INVALID,
  },
  {
    name: 'an argument without a value',
    request: { target: '/?jwt' },
    refused: 'Unrecognizable token',
  },
  { name: 'an empty argument', request: { ...bearer(good), target: '/?jwt=' } },
  {
    name: 'an argument in another case',
    request: { target: `/?JWT=${good}` },
    refused: 'Unauthorized',
    challenge: 'Bearer',
  },
  {
    name: 'an argument of another name',
    config: { uri_param_names: ['token'] },
    request: { target: `/?jwt=${other}&token=${good}` },
  },
  {
    name: 'a cookie in another case',
    config: { cookie_names: ['session'] },
    request: { headers: ['Cookie', `a=1; SESSION=${good}; b=2`] },
  },
  {
    name: 'the first of two header lines',
    config: { header_names: ['X-Token'] },
    request: { headers: ['x-token', `Bearer ${good}`, 'X-Token', 'Bearer nonsense'] },
  },
  {
    name: 'a realm',
    config: { realm: 'zoo' },
    request: bearer('a.b.c'),
    refused: 'Bad token; invalid JSON',
    challenge: 'Bearer realm="zoo" error="invalid_token"',
  },
  {
    name: 'a realm beyond ASCII goes out as UTF-8',
    config: { realm: 'Ω' },
    request: bearer('a.b.c'),
    refused: 'Bad token; invalid JSON',
    challenge: 'Bearer realm="\u00ce\u00a9" error="invalid_token"',
  },
];

const claimCases: readonly Case[] = [
  { name: 'exp in the past, unchecked', request: bearer(hs256({ iss: 'alice-key', exp: 1 })) },
  {
    name: 'both claims missing',
    config: { claims_to_verify: ['exp', 'nbf'] },
    request: bearer(good),
    refused: { exp: 'must be a number', nbf: 'must be a number' },
  },
  {
    name: 'exp right now',
    config: { claims_to_verify: ['exp'] },
    request: bearer(hs256({ iss: 'alice-key', exp: NOW })),
    refused: { exp: 'token expired' },
  },
  {
    name: 'exp in a second',
    config: { claims_to_verify: ['exp'] },
    request: bearer(hs256({ iss: 'alice-key', exp: NOW + 1 })),
  },
  {
    name: 'nbf right now',
    config: { claims_to_verify: ['nbf'] },
    request: bearer(hs256({ iss: 'alice-key', nbf: NOW })),
  },
  {
    name: 'nbf in a second',
    config: { claims_to_verify: ['nbf'] },
    request: bearer(hs256({ iss: 'alice-key', nbf: NOW + 1 })),
    refused: { nbf: 'token not valid yet' },
  },
  {
    name: 'exp at the limit',
    config: { claims_to_verify: ['exp'], maximum_expiration: 300 },
    request: bearer(hs256({ iss: 'alice-key', exp: NOW + 300 })),
  },
  {
    name: 'exp beyond the limit',
    config: { claims_to_verify: ['exp'], maximum_expiration: 300 },
    request: bearer(hs256({ iss: 'alice-key', exp: NOW + 301 })),
    refused: { exp: 'exceeds maximum allowed expiration' },
  },
  {
    name: 'a limit and no exp',
    config: { maximum_expiration: 300 },
    request: bearer(good),
    refused: { exp: 'exceeds maximum allowed expiration' },
  },
];

const keyCases: readonly Case[] = [
  { name: 'no iss', request: bearer(hs256({})), refused: "No mandatory 'iss' in claims" },
  { name: 'an empty iss', request: bearer(hs256({ iss: '' })), refused: "Invalid 'iss' in claims" },
  {
    name: 'an unknown iss',
    request: bearer(hs256({ iss: 'stranger' })),
    refused: "No credentials found for given 'iss'",
  },
  {
    name: 'iss in the header',
    request: bearer(rawToken('{"alg":"HS256","iss":"alice-key"}', '{}')),
  },
  {
    name: 'kid',
    config: { key_claim_name: 'kid' },
    request: bearer(rawToken('{"alg":"HS256","kid":"alice-key"}', '{"iss":"x"}')),
  },
  {
    name: 'a base64 secret',
    config: { secret_is_base64: true },
    request: bearer(rawToken('{"alg":"HS256"}', '{"iss":"base64-key"}', SECRET)),
  },
  {
    name: 'a secret that is no base64url',
    config: { secret_is_base64: true },
    request: bearer(hs256({ iss: 'plus-key' })),
    refused: 'Invalid key/secret',
  },
  {
    name: 'a credential whose consumer is gone',
    request: bearer(hs256({ iss: 'orphan-key' })),
    refused: "Could not find consumer for 'iss=orphan-key'",
  },
];

async function run(config: Partial<JwtConfig>, request: FakeRequest) {
  const ctx = new FakeContext(request);
  const response = await jwt.compile({ ...DEFAULTS, ...config }, build).access?.(ctx);
  return { ctx, response };
}

for (const { name, config = {}, request, refused, challenge } of [
  ...lookupCases,
  ...claimCases,
  ...keyCases,
]) {
  test(`${name}: ${refused === undefined ? 'accepted' : JSON.stringify(refused)}`, async () => {
    const { ctx, response } = await run(config, request);
    if (refused === undefined) {
      assert.equal(response, undefined);
      assert.equal(ctx.consumer?.username, 'alice');
      assert.ok(ctx.identifier?.endsWith('-key'));
      return;
    }
    assert.ok(response?.kind === 'exit');
    assert.equal(response.status, 401);
    assert.equal(ctx.consumer, undefined);
    const body: unknown = JSON.parse(String(response.body));
    assert.deepEqual(body, typeof refused === 'string' ? { message: refused } : refused);
    if (challenge !== undefined) assert.equal(response.headers.at(-1), challenge);
  });
}

const anonymousCases = [
  { name: 'by username', anonymous: 'nobody', request: {}, expected: nobody },
  { name: 'by id', anonymous: nobody.id, request: bearer('garbage'), expected: nobody },
  { name: 'with a good token', anonymous: 'nobody', request: bearer(good), expected: alice },
];

for (const { name, anonymous, request, expected } of anonymousCases) {
  test(`anonymous ${name} becomes ${expected.username}`, async () => {
    const { ctx, response } = await run({ anonymous }, request);
    assert.equal(response, undefined);
    assert.equal(ctx.consumer, expected);
    assert.equal(ctx.credential === undefined, expected === nobody);
  });
}

test('an anonymous consumer that does not exist is a 500 in the error family', async () => {
  const { response } = await run({ anonymous: 'missing' }, {});
  assert.equal(response?.kind, 'error');
  assert.equal(response.status, 500);
});

test('with anonymous, a credential of another plugin is enough', async () => {
  const ctx = new FakeContext();
  ctx.authenticate(nobody, { id: 'key', consumerId: nobody.id }, 'key');
  const phases = jwt.compile({ ...DEFAULTS, anonymous: 'missing' }, build);
  assert.equal(await phases.access?.(ctx), undefined);
  assert.equal(ctx.credential?.id, 'key');
});

test('run_on_preflight lets OPTIONS pass untouched when off', async () => {
  const off = await run({ run_on_preflight: false }, { method: 'OPTIONS' });
  assert.equal(off.response, undefined);
  assert.equal(off.ctx.consumer, undefined);
  const on = await run({}, { method: 'OPTIONS' });
  assert.equal(on.response?.status, 401);
});

test('a token that was good is refused once it expires', async () => {
  let now = NOW * 1000;
  const phases = jwt.compile(
    { ...DEFAULTS, claims_to_verify: ['exp'] },
    { ...build, now: () => now },
  );
  const request = bearer(hs256({ iss: 'alice-key', exp: NOW + 10 }));
  assert.equal(await phases.access?.(new FakeContext(request)), undefined);
  now += 10_000;
  assert.equal((await phases.access?.(new FakeContext(request)))?.status, 401);
});

test('a token verified under one claim name means nothing under another', async () => {
  const token = rawToken('{"alg":"HS256","kid":"stranger"}', '{"iss":"alice-key"}');
  assert.equal((await run({}, bearer(token))).response, undefined);
  assert.equal((await run({ key_claim_name: 'kid' }, bearer(token))).response?.status, 401);
});

test('a token verified with the secret as written is not good where secrets are base64', async () => {
  assert.equal((await run({}, bearer(good))).response, undefined);
  assert.equal((await run({ secret_is_base64: true }, bearer(good))).response?.status, 401);
});

for (const [what, changed] of [
  ['secret', { ...entities, jwtSecrets: [jwtSecret('alice-key', { secret: 'new' })] }],
  ['key', { ...entities, jwtSecrets: [jwtSecret('bobs-key')] }],
  ['algorithm', { ...entities, jwtSecrets: [jwtSecret('alice-key', { algorithm: 'HS512' })] }],
  ['consumer', { ...entities, consumers: [nobody] }],
] as const) {
  test(`a verified token does not outlive its ${what}`, async () => {
    assert.equal((await run({}, bearer(good))).response, undefined);
    const { access } = jwt.compile(DEFAULTS, fakeBuild(changed, build.now));
    assert.equal((await access?.(new FakeContext(bearer(good))))?.status, 401);
  });
}
