/** The rules of the plugin that need no server; what a client sees is in `test/jwt-signer*.test.ts`. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseTokenHeader } from '../../config/checks/jwt-signer.ts';
import type { JwtSignerConfig } from '../../config/schema-types.ts';
import { applyPluginDefaults } from '../../config/defaults.ts';
import { pluginSchema, type FieldSchema } from '../../config/schemas.ts';
import { validatePluginConfig } from '../../config/validate.ts';
import { looksLikeJws } from './classify.ts';
import { compileClaimChecks } from './checks/claim-checks.ts';
import { compileNewClaims } from './new-claims.ts';
import { refuse, badToken, hostOf } from './refusals.ts';
import { compileTokenSearch } from './request-token.ts';
import { tokenSettings, type ClaimRules } from './settings.ts';
import { compileTokenWriter, clearHeaders, headersToClear } from './upstream-headers.ts';

const NOW = 1_800_000_000;

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const JWS = `${encode({ alg: 'RS256' })}.${encode({ sub: 'u1' })}.c2ln`;

/** The loaded config of an entry that sets `fields`. */
function configOf(fields: Readonly<Record<string, unknown>> = {}): JwtSignerConfig {
  const config: unknown = applyPluginDefaults('jwt-signer', fields);
  assert.deepEqual(validatePluginConfig('jwt-signer', fields), []);
  assert.ok(isConfig(config));
  return config;
}

const isConfig = (value: unknown): value is JwtSignerConfig =>
  typeof value === 'object' && value !== null && 'access_token_keyset' in value;

const settingsOf = (fields: Readonly<Record<string, unknown>> = {}) =>
  tokenSettings(configOf(fields), 'access_token');

// --- the schema ---

interface PublishedField {
  readonly type: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly items?: PublishedField;
  readonly additionalProperties?: PublishedField;
  readonly 'x-foreign'?: boolean;
  readonly 'x-referenceable'?: boolean;
}

const published: Readonly<Record<string, PublishedField>> = JSON.parse(
  readFileSync(new URL('../../../test/golden/jwt-signer-schema.json', import.meta.url), 'utf8'),
);
const schema = pluginSchema('jwt-signer')?.properties ?? {};

/** Lists of defaults and enums are sorted in what Kong publishes. */
function shapeOf(field: FieldSchema | PublishedField | undefined): unknown {
  if (field === undefined) return undefined;
  const isForeign = 'x-kong-foreign' in field || 'x-foreign' in field;
  const { items, default: value } = field;
  const others = typeof field.additionalProperties === 'object' ? field.additionalProperties : {};
  return {
    type: isForeign ? 'foreign' : field.type,
    default: Array.isArray(value) ? value.map(String).toSorted() : value,
    enum: field.enum?.toSorted(),
    items: shapeOf(items),
    values: 'type' in others ? others.type : undefined,
    referenceable: 'x-kong-referenceable' in field || 'x-referenceable' in field,
  };
}

test('the schema has the fields that Kong publishes and no others', () => {
  assert.equal(Object.keys(published).length, 153);
  assert.deepEqual(Object.keys(schema).toSorted(), Object.keys(published).toSorted());
});

test('every field has the type, default and values that Kong publishes', () => {
  for (const [name, field] of Object.entries(published)) {
    assert.deepEqual(shapeOf(schema[name]), shapeOf(field), name);
  }
});

test('access and channel token have the same fields, three defaults apart', () => {
  const access = Object.keys(schema).filter((name) => name.includes('access_token'));
  assert.equal(access.length, 74);
  const different = access.filter((name) => {
    const other = schema[name.replace('access_token', 'channel_token')];
    assert.ok(other, name);
    return JSON.stringify(other.default) !== JSON.stringify(schema[name]?.default);
  });
  assert.deepEqual(different, [
    'access_token_request_header',
    'access_token_introspection_hint',
    'access_token_upstream_header',
  ]);
});

const DISTINCT =
  "values of these fields must be distinct: 'config.access_token_upstream_header', " +
  "'config.channel_token_upstream_header', 'config.original_access_token_upstream_header', " +
  "'config.original_channel_token_upstream_header'";
const REFUSED: readonly (readonly [fields: Readonly<Record<string, unknown>>, message: string])[] =
  [
    [{ channel_token_upstream_header: 'authorization' }, DISTINCT],
    [{ original_access_token_upstream_header: 'Authorization:Basic' }, DISTINCT],
    [
      {
        original_access_token_upstream_header: 'X-T',
        original_channel_token_upstream_header: 'x-t',
      },
      DISTINCT,
    ],
    [
      { access_token_jwks_uri_client_username: 'u' },
      "all or none of these fields must be set: 'config.access_token_jwks_uri_client_username', " +
        "'config.access_token_jwks_uri_client_password'",
    ],
    [{ access_token_jwks_uri: 'idp.example.com' }, 'expected an http or https URL'],
    [
      { access_token_keyset: 'https://u:p@h/' },
      'must not hold a user name or a password; use the fields that are there for them',
    ],
    [
      { access_token_request_header: 'X-Token:Bearer' },
      "'X-Token:Bearer' is no header: use a name, 'Authorization:Bearer' or 'Authorization:Basic'",
    ],
    [
      { access_token_introspection_body_args: 'a=two words' },
      'expected url-encoded text, e.g. a=1&b=two%20words',
    ],
    [{ anonymous: 'nobody' }, 'unknown field'],
  ];

for (const [fields, message] of REFUSED) {
  test(`refused: ${JSON.stringify(fields)}`, () => {
    assert.deepEqual(
      validatePluginConfig('jwt-signer', fields).map((issue) => issue.message),
      [message],
    );
  });
}

test('null means something for three fields; elsewhere it takes the default', () => {
  const config = configOf({
    access_token_request_header: null,
    access_token_upstream_header: null,
    access_token_introspection_hint: null,
    access_token_keyset: null,
    original_access_token_upstream_header: 'Authorization:Bearer',
  });
  assert.equal(config.access_token_request_header, null);
  assert.equal(config.access_token_upstream_header, null);
  assert.equal(config.access_token_introspection_hint, null);
  assert.equal(config.access_token_keyset, 'kong');
});

// --- where the token is ---

const SEARCHES: readonly (readonly [header: string, value: string, token: string | undefined])[] = [
  ['Authorization', 'Bearer t', 't'],
  ['Authorization', 'bearer   t', 't'],
  ['Authorization', 'BASIC t', 't'],
  ['Authorization', 't', 't'],
  ['Authorization', 'Bearer', undefined],
  ['Authorization', 'Bearer ', undefined],
  ['Authorization', '', undefined],
  ['authorization:bearer', 'Bearer t', 't'],
  ['authorization:bearer', 'Basic t', undefined],
  ['authorization:bearer', 't', undefined],
  ['Authorization:Basic', 'Bearer t', undefined],
  ['Authorization:Basic', `Basic ${JWS}`, JWS],
  ['Authorization:Basic', `Basic ${Buffer.from(`user:${JWS}`).toString('base64')}`, JWS],
  ['Authorization:Basic', `Basic ${Buffer.from('user:pass').toString('base64')}`, 'user:pass'],
  ['X-Token', '  t  ', 't'],
  ['X-Token', 'Bearer t', 't'],
];

for (const [header, value, token] of SEARCHES) {
  test(`in ${header}, "${value.slice(0, 20)}" is the token ${String(token).slice(0, 20)}`, () => {
    const parsed = parseTokenHeader(header);
    assert.ok(parsed);
    const name = header.replace(/:.*/, '');
    assert.equal(compileTokenSearch(parsed)(['Other', 'x', name, value]), token);
  });
}

test('of several lines the first counts', () => {
  const parsed = parseTokenHeader('X-Token');
  assert.ok(parsed);
  assert.equal(compileTokenSearch(parsed)(['x-token', 'a', 'X-Token', 'b']), 'a');
});

const FORMS: readonly (readonly [name: string, token: string, isJws: boolean])[] = [
  ['a JWS', JWS, true],
  ['alg none without a signature', `${encode({ alg: 'none' })}.${encode({})}.`, true],
  ['a signature that is none', `${encode({ alg: 'x' })}.${encode({})}.???`, true],
  ['a JWE', `${encode({ alg: 'dir' })}.a.b.c.d`, false],
  ['a header without alg', `${encode({ typ: 'JWT' })}.${encode({})}.c2ln`, false],
  ['a payload that is no object', `${encode({ alg: 'RS256' })}.${encode([1])}.c2ln`, false],
  ['two parts', `${encode({ alg: 'RS256' })}.${encode({})}`, false],
  ['an opaque text', 'opaque-1', false],
  ['dots only', '..', false],
];

for (const [name, token, isJws] of FORMS) {
  test(`${name} is ${isJws ? 'a JWT' : 'opaque'}`, () => assert.equal(looksLikeJws(token), isJws));
}

// --- checks ---

const rulesOf = (fields: Readonly<Record<string, unknown>>): ClaimRules => settingsOf(fields).rules;
const SCOPES: readonly (readonly [
  claim: unknown,
  required: readonly string[],
  isEnough: boolean,
])[] = [
  ['read write', ['read'], true],
  ['read write', ['write read'], true],
  ['read write', ['read admin'], false],
  ['read write', ['admin', 'write'], true],
  ['read write', ['READ'], false],
  [['read', 'write'], ['read write'], true],
  [['team lead'], ['team lead'], true],
  [['team lead'], ['lead'], true],
  ['read', [' '], false],
  [7, ['7'], true],
  [{ read: true }, ['read'], false],
  [null, ['read'], false],
  ['', ['read'], false],
];

for (const [claim, required, isEnough] of SCOPES) {
  test(`scope ${JSON.stringify(claim)} and ${JSON.stringify(required)}: ${isEnough}`, () => {
    const check = compileClaimChecks(rulesOf({ access_token_scopes_required: required }));
    assert.equal(check({ scope: claim }, NOW) === undefined, isEnough);
  });
}

const TIMES: readonly (readonly [claims: Readonly<Record<string, unknown>>, passes: boolean])[] = [
  [{ exp: NOW + 0.5 }, true],
  [{ exp: NOW }, false],
  [{ exp: String(NOW + 60) }, false],
  [{ exp: Infinity }, false],
  [{ exp: null }, true],
  [{ nbf: NOW + 1 }, false],
  [{ nbf: NOW }, true],
  [{ nbf: 'now' }, false],
];

for (const [claims, passes] of TIMES) {
  test(`times ${JSON.stringify(claims)}: ${passes}`, () => {
    const rules = rulesOf({
      verify_access_token_notbefore: true,
      access_token_optional_claims: [['nbf']],
    });
    assert.equal(compileClaimChecks(rules)(claims, NOW) === undefined, passes);
  });
}

test('the first check that fails decides: required, issuer, subject, audience, times, scopes', () => {
  const check = compileClaimChecks(
    rulesOf({
      access_token_required_claims: [['jti']],
      access_token_issuers_allowed: ['a'],
      access_token_subjects_allowed: ['a'],
      access_token_audiences_allowed: ['a'],
      verify_access_token_notbefore: true,
      access_token_scopes_required: ['a'],
    }),
  );
  const claims: Record<string, unknown> = {};
  const reasons: string[] = [];
  const step = (better: Readonly<Record<string, unknown>>): void => {
    reasons.push(check(claims, NOW)?.reason ?? 'passed');
    Object.assign(claims, better);
  };
  step({ jti: '1' });
  step({ iss: 'a' });
  step({ sub: 'a' });
  step({ aud: ['b', 'a'] });
  step({ nbf: NOW, exp: NOW });
  step({ exp: NOW + 1 });
  step({ scope: 'a' });
  step({});
  assert.deepEqual(reasons, [
    'a required claim is missing',
    'the issuer is missing',
    'the subject is missing',
    'the audience is missing',
    'the time from which the token is valid is missing',
    'the token has expired',
    'the token has no scopes',
    'passed',
  ]);
});

// --- the new token ---

test('claims are added, set and removed in this order, values that are JSON by what they say', () => {
  const { signing, rules } = settingsOf({
    access_token_issuer: 'gw',
    access_token_upstream_leeway: -10,
    add_claims: { n: '42', s: 'hi', sub: 'x', tier: 'shared' },
    add_access_token_claims: { list: '[1,2]', quoted: '"42"', tier: 'own' },
    set_claims: { level: '1', aud: 'all' },
    set_access_token_claims: { level: '2' },
    remove_access_token_claims: ['email', 'original_iss', 'absent'],
  });
  const build = compileNewClaims(signing, rules.expiry.claim);
  assert.deepEqual(build({ iss: 'idp', sub: 'u1', aud: 'a', exp: NOW, email: 'e' }), {
    iss: 'gw',
    sub: 'u1',
    aud: 'all',
    exp: NOW - 10,
    n: 42,
    s: 'hi',
    tier: 'shared',
    list: [1, 2],
    quoted: '42',
    level: 2,
  });
});

test('a claim named like a part of every object is a claim', () => {
  const { signing, rules } = settingsOf();
  const claims = JSON.parse('{"__proto__":{"admin":true},"constructor":"c"}');
  const built = compileNewClaims(signing, rules.expiry.claim)(claims);
  assert.equal(
    JSON.stringify(built),
    '{"__proto__":{"admin":true},"constructor":"c","iss":"kong"}',
  );
});

// --- headers and answers ---

test('what came in goes before what is sent is written, also under one name', () => {
  const config = configOf({
    access_token_upstream_header: 'X-Ch',
    channel_token_request_header: 'x-ch',
    original_channel_token_upstream_header: 'Authorization',
  });
  const all = [tokenSettings(config, 'access_token'), tokenSettings(config, 'channel_token')];
  const headers = ['Authorization', 'Bearer a', 'X-Ch', 'c', 'x-ch', 'd', 'Accept', '*/*'];
  clearHeaders(headers, headersToClear(all));
  assert.deepEqual(headers, ['Accept', '*/*']);
  const [access, channel] = all.map(compileTokenWriter);
  access?.(headers, { original: 'a', signed: 'new' });
  channel?.(headers, { original: 'c', signed: undefined });
  assert.deepEqual(headers, ['Accept', '*/*', 'X-Ch', 'new', 'Authorization', 'Bearer c']);
});

test('a realm is quoted, and the host stands in for it', () => {
  const { headers } = refuse(badToken('no'), String.raw`a "b" \c`);
  const challenge = String.raw`Bearer realm="a \"b\" \\c", error="invalid_token", error_description="no"`;
  assert.deepEqual(headers, ['WWW-Authenticate', challenge]);
  assert.equal(hostOf('api.test:8443'), 'api.test');
  assert.equal(hostOf('[::1]:80'), '[::1]');
});
