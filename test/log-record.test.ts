/** The record of a request as the log plugins send it: Kong's names and types, and no secret of anybody. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { startOrigin, type RecordingOrigin } from './support/origin.ts';
import { startProxy, type ProxyOptions, type TestProxy } from './support/proxy.ts';
import { deadPort, recordsOf } from './support/records.ts';

const BOB = '00000000-0000-4000-8000-0000000000b0';
const CANARY = 'canary-5f1d';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function token(): string {
  const input = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ iss: 'bob', sub: CANARY })}`;
  return `${input}.${createHmac('sha256', 'the-secret-of-bob-0123456789abcdef').update(input).digest('base64url')}`;
}

const plugin = (name: string, config: object = {}) => ({ name, config });

interface Started {
  readonly collector: RecordingOrigin;
  readonly upstream: RecordingOrigin;
  readonly proxy: TestProxy;
}

async function start(
  t: TestContext,
  plugins: readonly Record<string, unknown>[],
  options: Partial<ProxyOptions> = {},
): Promise<Started> {
  const collector = await startOrigin(t);
  const upstream = await startOrigin(t, (_req, res) => {
    res.setHeader('X-Twice', ['one', 'two']);
    res.end('hello');
  });
  const proxy = await startProxy(t, {
    upstreamPort: upstream.port,
    ...options,
    entities: {
      plugins: [plugin('http-log', { http_endpoint: collector.url }), ...plugins],
      consumers: [{ id: BOB, username: 'bob' }],
      keyauth_credentials: [{ key: `key-${CANARY}`, consumer: { id: BOB } }],
      jwt_secrets: [
        { key: 'bob', secret: 'the-secret-of-bob-0123456789abcdef', consumer: { id: BOB } },
      ],
    },
  });
  return { collector, upstream, proxy };
}

test('a proxied request: every member of Kong’s record', async (t) => {
  const { collector, upstream, proxy } = await start(t, []);
  const before = Date.now();
  const answer = await fetch(`http://localhost:${proxy.port}/a%20b?x=1&x=2&flag`, {
    method: 'POST',
    body: 'four',
  });
  assert.equal(await answer.text(), 'hello');
  const [record] = await recordsOf(collector, 1);
  assert.ok(record !== undefined);
  const { request, response, latencies, tries, route, service, ...rest } = record;
  assert.deepEqual(Object.keys(request), [
    'id',
    'uri',
    'url',
    'querystring',
    'method',
    'headers',
    'size',
  ]);
  assert.equal(request.id, answer.headers.get('x-kong-request-id'));
  assert.equal(request.uri, '/a%20b?x=1&x=2&flag');
  assert.equal(request.url, `http://localhost:${proxy.port}/a%20b?x=1&x=2&flag`);
  assert.deepEqual(request.querystring, { x: ['1', '2'], flag: true });
  assert.equal(request.method, 'POST');
  assert.equal(request.headers['content-length'], '4');
  assert.ok(request.size > 100 && request.size < 600);
  assert.equal(response.status, 200);
  assert.deepEqual(response.headers['x-twice'], ['one', 'two']);
  assert.ok(response.size > 150 && response.size < 600);
  for (const ms of Object.values(latencies)) assert.ok(Number.isInteger(ms) && ms >= 0);
  assert.deepEqual(Object.keys(latencies), ['kong', 'proxy', 'request', 'receive']);
  assert.deepEqual(
    tries.map(({ ip, port }) => ({ ip, port })),
    [{ ip: '127.0.0.1', port: upstream.port }],
  );
  assert.ok(tries.every((one) => one.balancer_start >= before && one.balancer_latency_ns >= 0));
  assert.equal(route?.['name'], 'r');
  assert.equal(service?.['host'], '127.0.0.1');
  assert.ok(!Object.values({ ...route, ...service }).includes(null));
  const { started_at: startedAt, ...fixed } = rest;
  assert.ok(startedAt >= before && startedAt <= Date.now());
  assert.deepEqual(fixed, {
    upstream_uri: '/a%20b?x=1&x=2&flag',
    upstream_status: '200',
    client_ip: '127.0.0.1',
    source: 'upstream',
    workspace: '0dc6f45b-8f8d-40d2-a504-473544ee190b',
    workspace_name: 'default',
  });
});

test('an upstream that cannot be reached: its tries, their statuses, and Kong as the source', async (t) => {
  const { collector, proxy } = await start(t, [], {
    upstreamPort: await deadPort(),
    service: { retries: 1 },
  });
  assert.equal((await fetch(`http://127.0.0.1:${proxy.port}/`)).status, 502);
  const [record] = await recordsOf(collector, 1);
  assert.equal(record?.source, 'kong');
  assert.equal(record?.upstream_status, '502, 502');
  assert.deepEqual(
    record?.tries.map(({ state, code }) => ({ state, code })),
    [
      { state: 'failed', code: 502 },
      { state: 'failed', code: 502 },
    ],
  );
});

test('correlation-id: the id is in the record, made here or sent by the client', async (t) => {
  const entry = plugin('correlation-id', { header_name: 'Request-Id' });
  const { collector, upstream, proxy } = await start(t, [entry]);
  const url = `http://localhost:${proxy.port}/`;
  await (await fetch(url)).text();
  await recordsOf(collector, 1);
  await (await fetch(url, { headers: { 'Request-Id': 'mine' } })).text();
  const [made, sent] = await recordsOf(collector, 2);
  assert.ok(made?.correlation_id !== undefined);
  assert.ok(upstream.seen[0]?.lines.includes(`Request-Id: ${made.correlation_id}`));
  assert.equal(sent?.correlation_id, 'mine');
});

test('an answer of a plugin: no upstream, no latency of it', async (t) => {
  const { collector, proxy } = await start(t, [plugin('request-termination')]);
  assert.equal((await fetch(`http://127.0.0.1:${proxy.port}/`)).status, 503);
  const [record] = await recordsOf(collector, 1);
  assert.equal(record?.source, 'kong');
  assert.equal(record?.upstream_status, '');
  assert.equal(record?.latencies.proxy, -1);
  assert.deepEqual(record?.tries, {});
});

/** Where a client may put a secret, and what it is let in by. */
const SECRETS: readonly {
  readonly what: string;
  readonly plugin: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
}[] = [
  { what: 'a key in the query', plugin: 'key-auth', target: `/?apikey=key-${CANARY}&a=1` },
  { what: 'a key, its name encoded', plugin: 'key-auth', target: `/?%61pikey=key-${CANARY}` },
  { what: 'a key in a header', plugin: 'key-auth', headers: { ApiKey: `key-${CANARY}` } },
  {
    what: 'a key in the address of the page before',
    plugin: 'key-auth',
    headers: { apikey: `key-${CANARY}`, Referer: `http://a.test/?apikey=key-${CANARY}` },
  },
  { what: 'a token', plugin: 'jwt', headers: { Authorization: `Bearer ${token()}` } },
  { what: 'a token in the query', plugin: 'jwt', target: `/?jwt=${token()}` },
  {
    what: 'tokens where nobody looks for them',
    plugin: 'jwt',
    target: `/${token()}?other=${token()}`,
    headers: { Cookie: `t=${token()}`, 'X-Token': token(), 'Proxy-Authorization': CANARY },
    status: 401,
  },
];

for (const { what, plugin: name, target = '/', headers = {}, status = 200 } of SECRETS) {
  test(`${what} does not get into the record`, async (t) => {
    const { collector, proxy } = await start(t, [plugin(name)]);
    const answer = await fetch(`http://127.0.0.1:${proxy.port}${target}`, { headers });
    assert.equal(answer.status, status);
    const [record] = await recordsOf(collector, 1);
    const text = collector.seen[0]?.body ?? '';
    assert.ok(!text.includes(CANARY), text);
    for (const piece of token().split('.')) assert.ok(!text.includes(piece), text);
    if (status !== 200) return;
    assert.equal(record?.consumer?.['username'], 'bob');
    assert.equal(record?.authenticated_entity?.consumer_id, BOB);
  });
}
