/** The cors plugin: preflights, origins, credentials. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CorsConfig } from '../../config/schema-types.ts';
import { headerValue, headerValues } from '../../http/headers.ts';
import {
  problemsOf,
  runPlugin,
  testFields,
  type RunOptions,
} from '../../gateway/plugin-run.test.fixture.ts';
import { cors } from './index.ts';

const ORIGIN = 'https://app.test';
const simple = { headers: ['Origin', ORIGIN] };
const preflight = (...more: string[]) => ({
  method: 'OPTIONS',
  headers: ['Origin', ORIGIN, 'Access-Control-Request-Method', 'PUT', ...more],
});

testFields(cors, [
  {
    field: 'origins',
    set: { origins: ['https://app.test', 'https://b.test'] },
    request: simple,
    expect: ({ headers }) =>
      assert.deepEqual(headers, ['vary', 'Origin', 'Access-Control-Allow-Origin', ORIGIN]),
  },
  {
    field: 'headers',
    set: { headers: ['X-A', 'X-B'] },
    request: preflight('Access-Control-Request-Headers', 'x-other'),
    expect: ({ headers }) =>
      assert.equal(headerValue(headers, 'access-control-allow-headers'), 'X-A,X-B'),
  },
  {
    field: 'exposed_headers',
    set: { exposed_headers: ['X-A', 'X-B'] },
    request: simple,
    expect: ({ headers }) =>
      assert.equal(headerValue(headers, 'access-control-expose-headers'), 'X-A,X-B'),
  },
  {
    field: 'methods',
    set: { methods: ['GET', 'PUT'] },
    request: preflight(),
    expect: ({ headers }) =>
      assert.equal(headerValue(headers, 'access-control-allow-methods'), 'GET,PUT'),
  },
  {
    field: 'max_age',
    set: { max_age: 23 },
    request: preflight(),
    expect: ({ headers }) => assert.equal(headerValue(headers, 'access-control-max-age'), '23'),
  },
  {
    field: 'credentials',
    set: { credentials: true },
    request: simple,
    expect: ({ headers }) =>
      assert.deepEqual(headers, [
        'vary',
        'Origin',
        'Access-Control-Allow-Origin',
        ORIGIN,
        'Access-Control-Allow-Credentials',
        'true',
      ]),
  },
  {
    field: 'private_network',
    set: { private_network: true },
    request: preflight('Access-Control-Request-Private-Network', 'true'),
    expect: ({ headers }) =>
      assert.equal(headerValue(headers, 'access-control-allow-private-network'), 'true'),
  },
  {
    field: 'preflight_continue',
    set: { preflight_continue: true },
    request: preflight(),
    response: { headers: ['X-From', 'upstream'] },
    expect: ({ answer, headers }) => {
      assert.equal(answer, undefined);
      assert.deepEqual(headers, ['X-From', 'upstream']);
    },
  },
  {
    field: 'allow_origin_absent',
    set: { allow_origin_absent: false },
    expect: ({ headers }) => assert.deepEqual(headers, []),
  },
]);

const allowed = async (config: Partial<CorsConfig>, options: RunOptions) =>
  headerValue((await runPlugin(cors, config, options)).headers, 'access-control-allow-origin');

const MATCHES: readonly (readonly [string[], string | undefined, string | undefined])[] = [
  [['*'], ORIGIN, '*'],
  [[], ORIGIN, '*'],
  [['app.test'], 'https://other.test', 'app.test'],
  [['https://a.test', '*'], ORIGIN, '*'],
  [['https://a.test', '*'], undefined, undefined],
  [['https://(.*\\.)?app\\.test'], 'https://x.app.test', 'https://x.app.test'],
  [['https://(.*\\.)?app\\.test'], 'https://x.app.test.evil.test', undefined],
  [['https://a\\.test|https://b\\.test'], 'https://a.test', 'https://a.test'],
  [['https://a\\.test|https://b\\.test'], 'https://a.test.evil.test', undefined],
  [['https://a\\.test|https://b\\.test'], 'https://evil.test/https://b.test', undefined],
  [['(.*\\.)?app\\.test'], 'http://app.test:8080', 'http://app.test:8080'],
  [['^https://app\\.test$'], 'https://app.test:443', 'https://app.test'],
  [['https://app.test', 'b.test'], '', undefined],
  [['https://caf\u00e9\\.test'], 'https://caf\u00c3\u00a9.test', 'https://caf\u00c3\u00a9.test'],
];

for (const [origins, origin, expected] of MATCHES) {
  test(`${origins.join(' ')} for ${origin}: ${expected}`, async () => {
    const headers = origin === undefined ? [] : ['Origin', origin];
    // The upstream's own word never stands.
    const response = { headers: ['Access-Control-Allow-Origin', 'upstream'] };
    assert.equal(await allowed({ origins }, { request: { headers }, response }), expected);
  });
}

test('a preflight is answered with 200 and no body', async () => {
  const request = preflight('Access-Control-Request-Headers', 'x-a, x-b');
  const { answer } = await runPlugin(cors, {}, { request });
  assert.deepEqual(answer, {
    kind: 'exit',
    status: 200,
    headers: [
      'Access-Control-Allow-Origin',
      '*',
      'Access-Control-Allow-Headers',
      'x-a, x-b',
      'Access-Control-Allow-Methods',
      'GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS,TRACE,CONNECT',
    ],
    body: undefined,
  });
});

test('OPTIONS without Origin or without a method asked for is no preflight', async () => {
  for (const name of ['Origin', 'Access-Control-Request-Method']) {
    const { answer } = await runPlugin(
      cors,
      {},
      {
        request: { method: 'OPTIONS', headers: [name, 'GET'] },
      },
    );
    assert.equal(answer, undefined);
  }
});

test('Vary is added to, and stands once in an answer to a preflight', async () => {
  const config = { origins: ['https://a.test', '*'], credentials: true };
  const proxied = await runPlugin(
    cors,
    { origins: ['app.test'] },
    {
      request: simple,
      response: { headers: ['Vary', 'Accept'] },
    },
  );
  assert.deepEqual(headerValues(proxied.headers, 'vary'), ['Accept', 'Origin']);
  const { headers } = await runPlugin(cors, config, { request: preflight() });
  assert.deepEqual(headerValues(headers, 'vary'), ['Origin']);
});

test('what no header can hold and what is no pattern is refused when the config loads', () => {
  assert.deepEqual(problemsOf(cors, { headers: ['X-A\r\nX-B'], origins: ['*', '('] }), [
    "config.origins.1: '(' is not a valid regex",
    'config.headers.0: a header cannot hold line breaks and other control characters',
  ]);
  assert.match(problemsOf(cors, { origins: ['https://(?!evil).*'] })[0] ?? '', /look-around/);
});
