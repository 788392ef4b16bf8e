/** What is filled in where a document says nothing, and what short forms stand for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyDefaults, applyPluginDefaults, expandShorthands } from './defaults.ts';
import { ENTITY_KINDS, entitySchema } from './schemas.ts';

/** What the Admin API shows of each, ids, times and tokens aside. */
test('a service, a route and a target are completed', () => {
  assert.deepEqual(applyDefaults('services', { host: 'a.test', port: null }), {
    name: null,
    retries: 5,
    protocol: 'http',
    host: 'a.test',
    port: 80,
    path: null,
    connect_timeout: 60000,
    write_timeout: 60000,
    read_timeout: 60000,
    tags: null,
    client_certificate: null,
    tls_verify: null,
    tls_verify_depth: null,
    ca_certificates: null,
    enabled: true,
  });
  assert.deepEqual(applyDefaults('routes', { paths: ['/a'], service: 's' }), {
    name: null,
    protocols: ['http', 'https'],
    https_redirect_status_code: 426,
    strip_path: true,
    preserve_host: false,
    request_buffering: true,
    response_buffering: true,
    tags: null,
    service: 's',
    snis: null,
    sources: null,
    destinations: null,
    methods: null,
    hosts: null,
    paths: ['/a'],
    headers: null,
    regex_priority: 0,
    path_handling: 'v0',
  });
  assert.deepEqual(applyDefaults('targets', { id: 'x', target: 'a.test' }), {
    id: 'x',
    upstream: null,
    target: 'a.test',
    weight: 100,
    tags: null,
  });
});

test('a route of gRPC does not strip its path unless it says so', () => {
  assert.equal(applyDefaults('routes', { protocols: ['grpcs'] })['strip_path'], false);
  assert.equal(applyDefaults('routes', { protocols: ['https'] })['strip_path'], true);
  assert.equal(
    applyDefaults('routes', { protocols: ['grpc'], strip_path: true })['strip_path'],
    true,
  );
});

test('records are filled member by member', () => {
  const { healthchecks } = applyDefaults('upstreams', {
    healthchecks: { active: { timeout: 9, healthy: { http_statuses: [204] } } },
  });
  assert.deepEqual(healthchecks, {
    threshold: 0,
    active: {
      type: 'http',
      timeout: 9,
      concurrency: 10,
      http_path: '/',
      https_sni: null,
      https_verify_certificate: true,
      headers: null,
      healthy: { interval: 0, http_statuses: [204], successes: 0 },
      unhealthy: {
        interval: 0,
        http_statuses: [429, 404, 500, 501, 502, 503, 504, 505],
        tcp_failures: 0,
        timeouts: 0,
        http_failures: 0,
      },
    },
    passive: {
      type: 'http',
      healthy: {
        http_statuses: [
          200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 306, 307,
          308,
        ],
        successes: 0,
      },
      unhealthy: { http_statuses: [429, 500, 503], tcp_failures: 0, timeouts: 0, http_failures: 0 },
    },
  });
});

test('a record without default stays null, and is filled when given', () => {
  assert.equal(applyDefaults('keys', {})['pem'], null);
  assert.deepEqual(applyDefaults('keys', { pem: { public_key: 'x' } })['pem'], {
    private_key: null,
    public_key: 'x',
  });
});

test('sets lose their duplicates and keep their order; lists keep both', () => {
  const { tags, hosts } = applyDefaults('routes', {
    tags: ['b', 'a', 'b'],
    hosts: ['x', 'x'],
  });
  assert.deepEqual(
    [tags, hosts],
    [
      ['b', 'a'],
      ['x', 'x'],
    ],
  );
});

test('write-only members are gone; sparse ones are absent', () => {
  assert.ok(!('groups' in applyDefaults('consumers', { username: 'c', groups: [] })));
  assert.ok(!('ttl' in applyDefaults('keyauth_credentials', {})));
  assert.equal(applyDefaults('keyauth_credentials', { ttl: 5 })['ttl'], 5);
});

test('a plugin gets its own defaults', () => {
  const {
    config,
    protocols,
    consumer_group: group,
  } = applyDefaults('plugins', {
    name: 'jwt',
    config: { cookie_names: ['a', 'a'], key_claim_name: null },
  });
  assert.deepEqual(config, {
    uri_param_names: ['jwt'],
    cookie_names: ['a'],
    key_claim_name: 'iss',
    secret_is_base64: false,
    claims_to_verify: null,
    anonymous: null,
    run_on_preflight: true,
    maximum_expiration: 0,
    header_names: ['authorization'],
    realm: null,
  });
  assert.deepEqual(protocols, ['grpc', 'grpcs', 'http', 'https']);
  assert.equal(group, null);
  assert.deepEqual(applyPluginDefaults('key-auth', {}), {
    key_names: ['apikey'],
    hide_credentials: false,
    anonymous: null,
    key_in_header: true,
    key_in_query: true,
    key_in_body: false,
    run_on_preflight: true,
    realm: null,
  });
  assert.deepEqual(applyPluginDefaults('request-termination', { message: 'hi' }), {
    status_code: 503,
    message: 'hi',
    content_type: null,
    body: null,
    echo: false,
    trigger: null,
  });
  assert.deepEqual(applyPluginDefaults('correlation-id', {}), {
    header_name: 'Kong-Request-ID',
    generator: 'uuid#counter',
    echo_downstream: false,
  });
});

test('a result shares nothing with the schemas', () => {
  const first = applyDefaults('routes', {});
  assert.notEqual(first['protocols'], entitySchema('routes').properties['protocols']?.default);
  assert.notEqual(first['protocols'], applyDefaults('routes', {})['protocols']);
});

test('every kind can be completed from nothing', () => {
  for (const kind of ENTITY_KINDS) {
    const names = Object.entries(entitySchema(kind).properties)
      .filter(([, field]) => !field['x-kong-auto'] && !field['x-kong-write-only'])
      .filter(([, field]) => !field['x-kong-sparse'])
      .map(([name]) => name);
    assert.deepEqual(Object.keys(applyDefaults(kind, {})), names, kind);
  }
});

for (const [url, expected] of [
  ['http://a.test', { protocol: 'http', host: 'a.test' }],
  ['https://a.test', { protocol: 'https', host: 'a.test', port: 443 }],
  ['http://a.test:8080/x', { protocol: 'http', host: 'a.test', port: 8080, path: '/x' }],
  ['https://a.test/', { protocol: 'https', host: 'a.test', port: 443, path: '/' }],
  ['//a.test:443', { protocol: 'https', host: 'a.test', port: 443 }],
  ['//a.test:80', { host: 'a.test', port: 80 }],
  ['tcp://a.test', { protocol: 'tcp', host: 'a.test' }],
  ['grpc://a.test:9000', { protocol: 'grpc', host: 'a.test', port: 9000 }],
  ['http://[::1]:81', { protocol: 'http', host: '::1', port: 81 }],
  ['http://[::1]/x', { protocol: 'http', host: '::1', path: '/x' }],
  ['http://me:pw@a.test/x?y=1#z', { protocol: 'http', host: 'a.test', path: '/x' }],
  ['a.test', { path: 'a.test' }],
  ['a.test:8080', { protocol: 'a.test', path: '8080' }],
  ['http://', { protocol: 'http' }],
  ['http://a.test:http', { protocol: 'http', host: 'a.test', port: 'http' }],
] as const) {
  test(`url ${url}`, () => assert.deepEqual(expandShorthands('services', { url }), expected));
}

test('a url wins over what it says too, and leaves the rest', () => {
  const given = { name: 's', url: 'http://a.test:81', host: 'b.test', path: '/x' };
  assert.deepEqual(expandShorthands('services', given), {
    name: 's',
    protocol: 'http',
    host: 'a.test',
    port: 81,
    path: '/x',
  });
});

test('a url that is no text stays, null is dropped', () => {
  assert.deepEqual(expandShorthands('services', { url: 5 }), { url: 5 });
  assert.deepEqual(expandShorthands('services', { url: '' }), { url: '' });
  assert.deepEqual(expandShorthands('services', { url: null, host: 'a' }), { host: 'a' });
});

for (const [given, expected] of [
  [{ hash_on: 'ip' }, { hash_on: 'ip', algorithm: 'consistent-hashing' }],
  [{ hash_on: 'none' }, { hash_on: 'none', algorithm: 'round-robin' }],
  [
    { algorithm: 'latency', hash_on: 'ip' },
    { algorithm: 'latency', hash_on: 'none' },
  ],
  [{ name: 'u' }, { name: 'u' }],
] as const) {
  test(`upstream ${JSON.stringify(given)}`, () =>
    assert.deepEqual(expandShorthands('upstreams', given), expected));
}
