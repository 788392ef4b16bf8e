/** What is refused of entities and documents, in Kong's words and at Kong's places. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROTOCOLS, UUID, given, show, table } from './validate.test.fixture.ts';
import { validateDocument, validateEntity } from './validate.ts';

const service = (more: object) => ({ name: 's', host: 'up.test', ...more });
const route = (more: object) => ({ name: 'r', paths: ['/r'], ...more });

table('services', [
  ['complete', service({ id: UUID, tags: ['a'], _comment: 'x', _ignore: [1] }), []],
  ['children are lists and not looked into', service({ routes: [5], plugins: [{ bad: 1 }] }), []],
  ['children that are no list', service({ routes: {} }), ['routes: expected an array']],
  ['not a record', 'x', [': expected a record']],
  ['null', null, [': expected a record']],
  ['a list', ['a'], ['host: required field missing', '1: unknown field']],
  ['null host', { host: null }, ['host: required field missing']],
  ['empty host', service({ host: '' }), ['host: length must be at least 1']],
  ['number for a text', service({ name: 5 }), ['name: expected a string']],
  ['text for a number', service({ port: '80' }), ['port: expected an integer']],
  ['fraction', service({ port: 80.5 }), ['port: expected an integer']],
  ['whole number with a point', service({ port: 80 }), []],
  ['infinity', service({ port: Infinity }), ['port: expected an integer']],
  ['out of range', service({ port: 65536 }), ['port: value should be between 0 and 65535']],
  ['text for a boolean', service({ enabled: 'yes' }), ['enabled: expected a boolean']],
  ['list for an enumeration', service({ protocol: ['http'] }), ['protocol: expected a string']],
  ['unknown protocol', service({ protocol: 'ftp' }), [`protocol: expected one of: ${PROTOCOLS}`]],
  ['text for a set', service({ tags: 'a' }), ['tags: expected a set']],
  ['second element', service({ tags: ['a', 5] }), ['tags.1: expected a string']],
  ['empty element', service({ tags: [''] }), ['tags.0: length must be at least 1']],
  ['id', service({ id: 5 }), ['id: expected a string']],
  ['time in words', service({ created_at: 'now' }), ['created_at: expected an integer']],
  ['time zero', service({ created_at: 0 }), ['created_at: expected a valid timestamp']],
  [
    'unknown fields',
    service({ ws_id: 'x', constructor: 1 }),
    ['ws_id: unknown field', 'constructor: unknown field'],
  ],
  ['comment', service({ _comment: 5 }), ['_comment: expected a string']],
  [
    'path on tcp',
    service({ protocol: 'tcp', path: '/x' }),
    ['path: value must be null', given('protocol')],
  ],
  [
    'tls_verify on http',
    service({ tls_verify: true }),
    ['tls_verify: value must be null', given('protocol')],
  ],
  ['tls_verify on https', service({ protocol: 'https', tls_verify: true }), []],
  [
    'own message before the conditional one',
    service({ tls_verify: 5 }),
    ['tls_verify: expected a boolean', given('protocol')],
  ],
  [
    'ca_certificates',
    service({ protocol: 'https', ca_certificates: ['x'] }),
    ['ca_certificates.0: expected a valid UUID'],
  ],
  ['reference by id', service({ protocol: 'https', client_certificate: { id: UUID } }), []],
  [
    'reference without id',
    service({ protocol: 'https', client_certificate: { name: 'x' } }),
    ['client_certificate.id: missing primary key'],
  ],
  [
    'reference with more than an id',
    service({ protocol: 'https', client_certificate: { id: UUID, cert: 'x' } }),
    ['client_certificate.cert: unknown field'],
  ],
  [
    'reference of another type',
    service({ protocol: 'https', client_certificate: 5 }),
    ['client_certificate: expected a string'],
  ],
  ['url', { url: 'https://a.test:8443/x' }, []],
  [
    'url of words',
    { url: 'not a url' },
    ['host: required field missing', 'path: should start with: /'],
  ],
  [
    'url with a bad port',
    { url: 'http://a.test:99999' },
    ['port: value should be between 0 and 65535'],
  ],
  ['url with a word for a port', { url: 'http://a.test:http' }, ['port: expected an integer']],
  ['url of another type', { url: 5 }, ['url: expected a string']],
  ['empty url', { url: '' }, ['url: length must be at least 1']],
]);

const NO_NAME = "@entity: at least one of these fields must be non-empty: 'custom_id', 'username'";
table('consumers', [
  ['null names', { username: null }, [NO_NAME]],
  [
    'empty names',
    { username: '', custom_id: '' },
    ['username: length must be at least 1', 'custom_id: length must be at least 1', NO_NAME],
  ],
  ['groups', { username: 'c', groups: [{ name: 'gold' }] }, []],
  [
    'group without name',
    { username: 'c', groups: [{}] },
    ['groups.0.name: required field missing'],
  ],
  ['groups that are texts', { username: 'c', groups: ['gold'] }, ['groups: unknown field']],
]);

table('consumer_groups', [
  ['members', { name: 'gold', consumers: [{ username: 'c' }], plugins: [] }, []],
  [
    'member without name',
    { name: 'gold', consumers: [{}] },
    ["consumers.0.@entity: at least one of these fields must be non-empty: 'id', 'username'"],
  ],
]);

table('consumer_group_consumers', [
  ['flat', { consumer: 'c', consumer_group: 'gold' }, []],
  ['nested', { consumer_group: 'gold' }, [], { nestedIn: 'consumers' }],
  [
    'nested without the other',
    {},
    ['consumer: required field missing'],
    { nestedIn: 'consumer_groups' },
  ],
]);

table('jwt_secrets', [
  ['nested', {}, [], { nestedIn: 'consumers' }],
  ['without a consumer', { key: 'k' }, ['consumer: required field missing']],
  [
    'RS256 without a key',
    { consumer: 'c', algorithm: 'RS256' },
    ['rsa_public_key: required field missing', given('algorithm')],
  ],
  [
    'RS256 with words',
    { consumer: 'c', algorithm: 'RS256', rsa_public_key: 'x' },
    ['rsa_public_key: invalid key', given('algorithm')],
  ],
  [
    'RS256 with nothing',
    { consumer: 'c', algorithm: 'RS256', rsa_public_key: '' },
    ['rsa_public_key: length must be at least 1', given('algorithm')],
  ],
  ['ES256 without a key', { consumer: 'c', algorithm: 'ES256' }, []],
  ['HS256 with words', { consumer: 'c', rsa_public_key: 'x' }, []],
  [
    'unknown algorithm',
    { consumer: 'c', algorithm: 'hs256' },
    [
      'algorithm: expected one of: HS256, HS384, HS512, RS256, RS384, RS512, ES256, ES384, ES512, PS256, PS384, PS512, EdDSA',
    ],
  ],
]);

table('upstreams', [
  ['name', { name: '10.0.0.1' }, ["name: Invalid name ('10.0.0.1'); no ip addresses allowed"]],
  [
    'hash_on header',
    { name: 'u', hash_on: 'header' },
    ['hash_on_header: required field missing', given('hash_on')],
  ],
  [
    'fallback of nothing',
    { name: 'u', hash_fallback: 'ip' },
    ['hash_fallback: expected one of: none', given('hash_on')],
  ],
  [
    'two equal headers',
    {
      name: 'u',
      hash_on: 'header',
      hash_on_header: 'X',
      hash_fallback: 'header',
      hash_fallback_header: 'X',
    },
    ["@entity: values of these fields must be distinct: 'hash_on_header', 'hash_fallback_header'"],
  ],
  [
    'deep inside',
    {
      name: 'u',
      healthchecks: { active: { timeout: -1, bad: 1, healthy: { http_statuses: [99] } } },
    },
    [
      'healthchecks.active.bad: unknown field',
      'healthchecks.active.timeout: value should be between 0 and 65535',
      'healthchecks.active.healthy.http_statuses.0: value should be between 100 and 999',
    ],
  ],
]);

for (const [document, expected] of [
  [{ _format_version: '3.0', services: [5], routes: null }, []],
  [{}, ['_format_version: required field missing']],
  [{ _format_version: null }, ['_format_version: required field missing']],
  [{ _format_version: 3 }, ['_format_version: expected a string']],
  [{ _format_version: '' }, ['_format_version: expected one of: 1.1, 2.1, 3.0']],
  [{ _format_version: '3.0', foo: 1 }, ['foo: unknown field']],
  [{ _format_version: '3.0', services: {} }, ['services: expected an array']],
  [
    { _format_version: '3.0', _transform: 'x', _comment: 5, _ignore: 'x' },
    ['_transform: expected a boolean', '_comment: expected a string', '_ignore: expected an array'],
  ],
] as const) {
  test(`document ${JSON.stringify(document)}`, () =>
    assert.deepEqual(show(validateDocument(document)), expected));
}

test('what another Kong knows gets a hint', () => {
  const [list] = validateDocument({ _format_version: '3.0', oauth2_credentials: [] });
  assert.equal(list?.hint, "'oauth2_credentials' is not supported by this version; remove it");
  const [field] = validateEntity('routes', route({ expression: 'x' }));
  assert.match(field?.hint ?? '', /^the expressions router/);
  const [plain] = validateEntity('routes', route({ path: '/x' }));
  assert.equal(plain?.hint, undefined);
});

test('the value is not changed', () => {
  const value = { url: 'http://a.test', tags: null, routes: [{ paths: null }] };
  const copy = structuredClone(value);
  validateEntity('services', value);
  assert.deepEqual(value, copy);
});
