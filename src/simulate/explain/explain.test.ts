/** Explanations: the same route, plugins and upstream request as in the gateway, and nothing leaves the process. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { fileSource, loadDocument } from '../../node/documents.ts';
import { parseRequest, type RequestFlags } from '../../node/commands/request-line.ts';
import { openNetwork } from '../network.ts';
import { explainRequest } from './explain.ts';
import type { Explanation } from './explanation.ts';
import { renderExplanation } from './pretty.ts';
import { b64, KONG, SECRET, tokenOf } from '../../../test/support/explained-config.ts';
import { testSettings } from '../../../test/support/settings.ts';

const settings = testSettings();

async function explain(
  method: string,
  url: string,
  flags: Partial<RequestFlags> = {},
  text = KONG,
): Promise<Explanation> {
  const { config, ...sources } = loadDocument(fileSource('kong.yaml', text), settings);
  const request = parseRequest(method, url, { header: [], ...flags });
  return explainRequest(request, { config, sources, settings, now: Date.now });
}

const ORDERS = 'http://api.example.com/orders/7?x=1';
const validateShape = new Ajv({ strict: true, allowUnionTypes: true }).compile(
  JSON.parse(
    readFileSync(join(import.meta.dirname, '../../../schemas/explain.schema.json'), 'utf8'),
  ),
);

test('the route that takes the request, what it goes before, and what it is told apart by', async () => {
  const { route, candidates, outcome } = await explain('GET', ORDERS, {
    token: tokenOf('alice-key'),
  });
  assert.equal(route?.name, 'orders');
  assert.equal(route.place, 'kong.yaml:9');
  assert.equal(route.host, 'api.example.com');
  assert.equal(route.path, '/orders');
  assert.deepEqual(outcome, { kind: 'proxied' });
  assert.equal(candidates.routes, 9);
  assert.deepEqual(
    candidates.also_match.map(({ name, reason }) => [name, reason]),
    [['everything', 'a route with hosts is tried before one without, whatever their paths']],
  );
  assert.deepEqual(
    candidates.missed.map(({ name, misses }) => [name, misses[0]?.message]),
    [['writes', 'method GET is none of POST, PUT']],
  );
});

test('the plugins in order, with the entry that applies, its settings and what it did', async () => {
  const { plugins, consumer } = await explain('GET', ORDERS, { token: tokenOf('alice-key') });
  assert.deepEqual(
    plugins.map(({ plugin, scope, request }) => [plugin, scope, request.result]),
    [
      ['correlation-id', 'all requests', 'passes'],
      ['cors', 'all requests', 'passes'],
      ['jwt', 'route orders', 'passes'],
      ['rate-limiting', 'consumer alice', 'passes'],
      ['request-transformer', 'route orders', 'passes'],
      ['http-log', 'all requests', 'nothing to do'],
    ],
  );
  assert.equal(consumer?.name, 'alice');
  assert.equal(consumer.identified_by, 'jwt');
  const of = (name: string) => plugins.find(({ plugin }) => plugin === name);
  assert.deepEqual(
    of('rate-limiting')?.passed_over.map(({ scope }) => scope),
    ['service orders'],
  );
  assert.deepEqual(of('rate-limiting')?.set, { minute: 99 });
  assert.ok(of('jwt')?.steps.some(({ step, mark }) => step === 'signature' && mark === 'passed'));
  assert.ok(
    of('jwt')?.request.changes.some(({ kind, value }) => kind === 'consumer' && value === 'alice'),
  );
  assert.ok(of('cors')?.response.some(({ name }) => name === 'Access-Control-Allow-Origin'));
  assert.equal(of('http-log')?.reports, true);
});

test('the upstream request: path, host, headers by where they are from', async () => {
  const { upstream } = await explain('POST', ORDERS.replace('/7', ''), {
    token: tokenOf('alice-key'),
    header: ['X-Client: c', 'Connection: close', 'Content-Type: text/plain'],
    data: 'hello',
  });
  assert.equal(upstream?.method, 'POST');
  assert.equal(upstream.url, 'http://orders.internal:8080/v1?x=1');
  assert.equal(upstream.body_bytes, 5);
  const origin = (name: string) => upstream.headers.find((each) => each.name === name);
  assert.deepEqual(origin('Host'), {
    name: 'Host',
    value: 'orders.internal:8080',
    origin: 'changed',
  });
  assert.equal(origin('X-Client')?.origin, 'client');
  assert.deepEqual(origin('X-Added'), { name: 'X-Added', value: 'yes', origin: 'added' });
  assert.equal(origin('X-Consumer-Username')?.value, 'alice');
  assert.ok(upstream.dropped.includes('Connection'));
  assert.deepEqual(upstream.peer, { host: 'orders.internal', port: 8080, ip: null });
});

test('a plugin that answers ends the request, and those behind it are not reached', async () => {
  const { plugins, outcome, upstream, consumer } = await explain('GET', ORDERS, {
    token: tokenOf('alice-key', 'another-secret-than-the-one-in-the-file'),
  });
  const results = new Map(plugins.map(({ plugin, request }) => [plugin, request]));
  assert.equal(results.get('jwt')?.result, 'answers');
  assert.equal(results.get('jwt')?.status, 401);
  assert.equal(results.get('rate-limiting')?.result, 'not reached');
  assert.equal(upstream, null);
  assert.equal(consumer, null);
  assert.ok(outcome.kind === 'answered');
  assert.equal(outcome.by, 'plugin jwt');
  assert.equal(outcome.body, '{"message":"Invalid signature"}');
  assert.deepEqual(plugins.find(({ plugin }) => plugin === 'rate-limiting')?.set, {
    minute: 1,
    policy: 'redis',
    'redis.host': 'redis.test',
    'redis.password': '******',
  });
});

const ANSWERED: readonly (readonly [string, string, string, number, RegExp])[] = [
  ['no route', 'PUT', 'https://other.test/xyz', 404, /no route/],
  ['a route of https only', 'GET', 'http://api.example.com/secure', 426, /takes https only/],
  ['a route without a service', 'GET', '/none', 503, /no service/],
  ['a request that is refused before', 'GET', '/a%00b', 400, /refuses the request/],
];

for (const [title, method, url, status, by] of ANSWERED) {
  test(`who answers: ${title}`, async () => {
    const only = title === 'no route' ? KONG.replace('paths: [/]', 'paths: [/every]') : KONG;
    const { outcome } = await explain(method, url, {}, only);
    assert.ok(outcome.kind === 'answered');
    assert.equal(outcome.status, status);
    assert.match(outcome.by, by);
  });
}

test('without a route: what comes nearest, and every condition that is not met', async () => {
  const { route, candidates, plugins } = await explain(
    'GET',
    'http://api.example.com/Orders',
    {},
    KONG.replace('paths: [/]', 'paths: [/every]'),
  );
  assert.equal(route, null);
  assert.deepEqual(plugins, []);
  assert.equal(candidates.missed[0]?.name, 'orders');
  assert.deepEqual(candidates.missed[0]?.misses, [
    {
      attribute: 'path',
      name: null,
      wanted: ['/orders'],
      got: '/Orders',
      message: 'path /Orders does not begin with /orders (upper and lower case differ)',
    },
  ]);
});

test('an Upstream: the target that is asked, those it is chosen from, the Host that is kept', async () => {
  const { upstream, route } = await explain('GET', 'http://gw.test/p/12', {
    clientIp: '192.0.2.7',
  });
  assert.deepEqual(route?.captures, { n: '12' });
  const { targets = [], ...balancer } = upstream?.balancer ?? {};
  assert.deepEqual(balancer, { name: 'pool.up', algorithm: 'consistent-hashing', hash_on: 'ip' });
  assert.deepEqual(
    targets.toSorted((a, b) => b.weight - a.weight),
    [
      { target: '10.0.0.1:81', weight: 100 },
      { target: 'b.internal:82', weight: 5 },
    ],
  );
  assert.equal(upstream?.headers.find(({ name }) => name === 'Host')?.value, 'gw.test');
  const again = await explain('GET', 'http://gw.test/p/12', { clientIp: '192.0.2.7' });
  assert.deepEqual(again.upstream?.peer, upstream?.peer);
});

test('secrets are shown nowhere, in no format', async () => {
  const token = tokenOf('alice-key');
  const explanation = await explain('GET', `${ORDERS}&jwt=${token}`, {
    token,
    header: ['Cookie: session=c00kie'],
  });
  for (const text of [JSON.stringify(explanation), renderExplanation(explanation, false)]) {
    for (const secret of [token.slice(-20), SECRET, 'hunter2', 'k-123456', 'c00kie']) {
      assert.ok(!text.includes(secret), `${secret} in ${text}`);
    }
  }
});

test('offline nobody is asked, and it is said who would have been', async () => {
  const { outcome, not_asked: notAsked } = await explain('GET', '/idp', {
    token: `${b64({ alg: 'RS256', kid: 'k' })}.${b64({ iss: 'https://idp.test' })}.${'A'.repeat(342)}`,
  });
  assert.equal(outcome.kind, 'answered');
  assert.deepEqual(notAsked, ['GET https://idp.test/keys']);
});

test('online names are looked up and providers are asked', async (t) => {
  const asked: (string | undefined)[] = [];
  const provider = createServer((req, res) => {
    asked.push(req.url);
    res.end('{"keys":[]}');
  }).listen(0, '127.0.0.1');
  t.after(() => provider.close());
  await once(provider, 'listening');
  const address = provider.address();
  assert.ok(typeof address === 'object' && address !== null);
  const text = KONG.replace('https://idp.test/keys', `http://127.0.0.1:${address.port}/keys`);
  const { config, ...sources } = loadDocument(fileSource('kong.yaml', text), settings);
  const network = openNetwork(settings);
  t.after(() => network.close());
  const request = parseRequest('GET', '/idp', {
    header: [],
    token: `${b64({ alg: 'RS256', kid: 'k' })}.${b64({ iss: 'https://idp.test' })}.${'A'.repeat(342)}`,
  });
  const explanation = await explainRequest(request, {
    config,
    sources,
    settings,
    now: Date.now,
    network,
  });
  assert.deepEqual(explanation.not_asked, []);
  assert.equal(asked[0], '/keys');
});

test('the clock can be set: a token of then is good then', async () => {
  const text = KONG.replace(
    '- name: jwt\n',
    '- name: jwt\n            config: { claims_to_verify: [exp] }\n',
  );
  const { config, ...sources } = loadDocument(fileSource('kong.yaml', text), settings);
  const input = `${b64({ alg: 'HS256' })}.${b64({ iss: 'alice-key', exp: 1_600_000_000 })}`;
  const token = `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`;
  const at = (now: number) =>
    explainRequest(parseRequest('GET', ORDERS, { header: [], token }), {
      config,
      sources,
      settings,
      now: () => now,
    });
  assert.equal((await at(1_599_999_999_000)).outcome.kind, 'proxied');
  assert.equal((await at(1_600_000_001_000)).outcome.kind, 'answered');
});

test('the JSON keeps to its schema, whatever comes of the request', async () => {
  for (const [method, url, flags] of [
    ['GET', ORDERS, { token: tokenOf('alice-key') }],
    ['GET', ORDERS, {}],
    ['GET', '/p/12', {}],
    ['PATCH', '/a%00b', {}],
    ['OPTIONS', 'https://limited.test/', { header: ['Origin: https://app.example.com'] }],
  ] as const) {
    const explanation = await explain(method, url, flags);
    assert.ok(validateShape(explanation), JSON.stringify(validateShape.errors));
  }
});

test('control characters of a client do not reach the terminal', async () => {
  const explanation = await explain('GET', ORDERS, { header: ['X-Odd: a\u001B[31mb\u0007'] });
  const text = renderExplanation(explanation, true);
  assert.ok(!text.includes('\u001B[31mb'));
  assert.ok(!text.includes('\u0007'));
});
