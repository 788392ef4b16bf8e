/** The zipkin plugin in a running proxy, against an HTTP collector: each field of its config, spans, propagation. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { fakeBuild } from '../../gateway/fake-context.test.fixture.ts';
import { compileLog, logOne, until } from '../../gateway/log-run.test.fixture.ts';
import { problemsOf } from '../../gateway/plugin-run.test.fixture.ts';
import { createOutbound } from '../../outbound/index.ts';
import type { Outbound, OutboundRequest } from '../../services.ts';
import { startOrigin, type RecordingOrigin } from '../../../test/support/origin.ts';
import { startProxy, type ProxyOptions, type TestProxy } from '../../../test/support/proxy.ts';
import { deadPort } from '../../../test/support/records.ts';
import { zipkin } from './index.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const PARENT = '05e3ac9a4f6e3b90';
const BOB = '00000000-0000-4000-8000-0000000000b0';

interface Endpoint {
  readonly serviceName?: string;
  readonly ipv4?: string;
  readonly port?: number;
}

interface Span {
  readonly traceId: string;
  readonly id: string;
  readonly parentId?: string;
  readonly name: string;
  readonly kind: string;
  readonly timestamp: number;
  readonly duration: number;
  readonly localEndpoint: Endpoint;
  readonly remoteEndpoint: Endpoint | null;
  readonly tags?: Readonly<Record<string, string>>;
  readonly annotations?: readonly { readonly value: string; readonly timestamp: number }[];
}

interface Started {
  readonly collector: RecordingOrigin;
  readonly upstream: RecordingOrigin;
  readonly proxy: TestProxy;
}

async function start(
  t: TestContext,
  config: object,
  { entities, ...options }: Partial<ProxyOptions> = {},
): Promise<Started> {
  const collector = await startOrigin(t);
  const upstream = await startOrigin(t);
  const http_endpoint = `${collector.url}/api/v2/spans`;
  const proxy = await startProxy(t, {
    upstreamPort: upstream.port,
    ...options,
    entities: {
      ...entities,
      plugins: [
        { name: 'zipkin', config: { http_endpoint, sample_ratio: 1, ...config } },
        ...(entities?.plugins ?? []),
      ],
    },
  });
  return { collector, upstream, proxy };
}

async function get(
  { proxy }: Started,
  path = '/one',
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const answer = await fetch(`http://127.0.0.1:${proxy.port}${path}`, { headers });
  await answer.text();
  return answer;
}

/** Waits for that many spans, however they were batched. */
async function spansAt(collector: RecordingOrigin, count: number): Promise<readonly Span[]> {
  const all = (): readonly Span[] =>
    collector.seen.flatMap(({ body }): readonly Span[] => JSON.parse(body));
  return until(() => (all().length >= count ? all() : undefined));
}

/** The spans of one request that asked one upstream. */
async function threeSpans(t: TestContext, config: object = {}, headers = {}, path = '/one') {
  const started = await start(t, config);
  await get(started, path, headers);
  const [balancer, proxy, request] = await spansAt(started.collector, 3);
  assert.ok(balancer !== undefined && proxy !== undefined && request !== undefined);
  return { ...started, balancer, proxy: proxy, request };
}

const sentUpstream = ({ upstream }: Pick<Started, 'upstream'>): string =>
  upstream.seen.flatMap(({ lines }) => lines).join('\n');

const sum = (span: Span): number => span.timestamp + span.duration;

test('http_endpoint: three spans of a proxied request, as Zipkin wants them', async (t) => {
  const before = Date.now() * 1000;
  const { collector, upstream, request, proxy, balancer } = await threeSpans(
    t,
    {},
    { traceparent: `00-${TRACE}-${SPAN}-01` },
    '/one?secret=1',
  );
  const [seen] = collector.seen;
  assert.equal(`${seen?.method} ${seen?.url}`, 'POST /api/v2/spans');
  assert.ok(seen?.lines.some((line) => line.toLowerCase() === 'content-type: application/json'));
  assert.equal(request.name, 'GET');
  assert.equal(request.kind, 'SERVER');
  assert.equal(request.traceId, TRACE);
  assert.equal(request.parentId, SPAN);
  assert.ok(request.timestamp >= before - 1000 && sum(request) <= Date.now() * 1000 + 1000);
  assert.deepEqual(request.localEndpoint, { serviceName: 'kong' });
  const { port } = request.remoteEndpoint ?? {};
  assert.ok(port !== undefined && port > 1024);
  assert.deepEqual(request.remoteEndpoint, { port, ipv4: '127.0.0.1' });
  const { 'kong.node.id': nodeId, ...tags } = request.tags ?? {};
  assert.match(nodeId ?? '', /^[\da-f-]{36}$/);
  assert.deepEqual(tags, {
    lc: 'kong',
    'http.method': 'GET',
    'http.host': '127.0.0.1',
    'http.path': '/one',
    'http.protocol': 'HTTP/1.1',
    'http.status_code': '200',
  });
  assert.equal(proxy.name, 'GET (proxy)');
  assert.equal(proxy.kind, 'CLIENT');
  assert.equal(proxy.parentId, request.id);
  const entities = {
    'kong.service': '00000000-0000-4000-8000-00000000000a',
    'kong.service_name': 's',
    'kong.route': proxy.tags?.['kong.route'],
    'kong.route_name': 'r',
  };
  assert.deepEqual(proxy.tags, { 'peer.hostname': '127.0.0.1', ...entities });
  const remote = { serviceName: 's', port: upstream.port, ipv4: '127.0.0.1' };
  assert.deepEqual(proxy.remoteEndpoint, remote);
  assert.equal(balancer.name, 'GET (balancer try 1)');
  assert.equal(balancer.parentId, request.id);
  assert.deepEqual(balancer.tags, { 'kong.balancer.try': '1', ...entities });
  assert.deepEqual(balancer.remoteEndpoint, remote);
  assert.ok(request.duration >= proxy.duration);
  for (const { body } of collector.seen) assert.doesNotMatch(body, /secret/);
  assert.match(
    sentUpstream({ upstream }),
    new RegExp(`^traceparent: 00-${TRACE}-${proxy.id}-01$`, 'm'),
  );
});

test('without http_endpoint nothing is reported, and contexts go on', async (t) => {
  const started = await start(t, { http_endpoint: null });
  await get(started, '/', { b3: `${TRACE}-${SPAN}-1` });
  assert.match(sentUpstream(started), new RegExp(`^b3: ${TRACE}-[0-9a-f]{16}-1-${SPAN}$`, 'm'));
  assert.equal(started.collector.seen.length, 0);
});

test('a span that B3 shares is the request’s', async (t) => {
  const { request, proxy } = await threeSpans(t, {}, { b3: `${TRACE}-${SPAN}-1-${PARENT}` });
  assert.deepEqual([request.id, request.parentId, proxy.parentId], [SPAN, PARENT, SPAN]);
});

test('phase_duration_flavor: annotations in their order', async (t) => {
  const { request, proxy } = await threeSpans(t);
  assert.deepEqual(
    request.annotations?.map(({ value }) => value),
    ['krf', 'krs'],
  );
  const found = proxy.annotations ?? [];
  assert.deepEqual(
    found.map(({ value }) => value),
    ['khs', 'khf', 'kbs', 'kas', 'kaf', 'kbf'],
  );
  const at = new Map(found.map(({ value, timestamp }) => [value, timestamp]));
  const inTime = ['kas', 'kaf', 'khs', 'khf', 'kbs', 'kbf'].map((name) => at.get(name) ?? 0);
  assert.deepEqual(
    inTime,
    inTime.toSorted((a, b) => a - b),
  );
  assert.ok(inTime.every((time) => Number.isInteger(time) && time >= request.timestamp));
});

test('phase_duration_flavor: tags', async (t) => {
  const { request, proxy } = await threeSpans(t, { phase_duration_flavor: 'tags' });
  assert.equal(request.annotations, undefined);
  assert.equal(proxy.annotations, undefined);
  assert.match(request.tags?.['kong.rewrite.duration_ms'] ?? '', /^\d+$/);
  for (const phase of ['access', 'header_filter', 'body_filter']) {
    assert.match(proxy.tags?.[`kong.${phase}.duration_ms`] ?? '', /^\d+$/, phase);
  }
});

test('local_service_name, default_service_name', async (t) => {
  const fields = { local_service_name: 'edge', default_service_name: 'somebody' };
  const { request, proxy, balancer } = await threeSpans(t, fields);
  for (const span of [request, proxy, balancer]) {
    assert.deepEqual(span.localEndpoint, { serviceName: 'edge' });
  }
  assert.equal(request.remoteEndpoint?.serviceName, 'somebody');
  assert.equal(proxy.remoteEndpoint?.serviceName, 's');
});

test('traceid_byte_count: of traces that begin here', async (t) => {
  const { request } = await threeSpans(t, { traceid_byte_count: 8 });
  assert.match(request.traceId, /^[\da-f]{16}$/);
  const long = await threeSpans(t);
  assert.match(long.request.traceId, /^[\da-f]{32}$/);
});

test('http_span_name: with the path', async (t) => {
  const { request, proxy, balancer } = await threeSpans(t, { http_span_name: 'method_path' });
  assert.deepEqual(
    [request, proxy, balancer].map(({ name }) => name),
    ['GET /one', 'GET /one (proxy)', 'GET /one (balancer try 1)'],
  );
});

test('http_response_header_for_traceid', async (t) => {
  const started = await start(t, {
    http_response_header_for_traceid: 'X-Trace-Id',
    http_endpoint: null,
  });
  const answer = await get(started, '/', { traceparent: `00-${TRACE}-${SPAN}-01` });
  assert.equal(answer.headers.get('x-trace-id'), TRACE);
});

test('static_tags, and tags_header: tags of the client', async (t) => {
  const fields = { static_tags: [{ name: 'env', value: 'prod' }], tags_header: 'X-Tags' };
  const headers = { 'X-Tags': 'a=1; b=two words ;; broken; c=d=e', 'Zipkin-Tags': 'no=1' };
  const { request } = await threeSpans(t, fields, headers);
  const { env, a, b, 'c=d': c, no } = request.tags ?? {};
  assert.deepEqual(
    { env, a, b, c, no },
    { env: 'prod', a: '1', b: 'two words', c: 'e', no: undefined },
  );
  const usual = await threeSpans(t, {}, { 'zipkin-tags': '__proto__=x; lc=mine' });
  assert.equal(
    Object.entries(usual.request.tags ?? {}).find(([name]) => name === '__proto__')?.[1],
    'x',
  );
  assert.equal(usual.request.tags?.['lc'], 'mine');
});

test('include_credential: the id of the credential', async (t) => {
  for (const include_credential of [true, false]) {
    const started = await start(
      t,
      { include_credential },
      {
        entities: {
          plugins: [{ name: 'key-auth' }],
          consumers: [{ id: BOB, username: 'bob' }],
          keyauth_credentials: [{ id: 'c1', key: 'canary-key', consumer: { id: BOB } }],
        },
      },
    );
    await get(started, '/?apikey=canary-key');
    const request = (await spansAt(started.collector, 3)).at(-1);
    assert.equal(request?.tags?.['kong.consumer'], BOB);
    assert.equal(request?.tags?.['kong.credential'], include_credential ? 'c1' : undefined);
    for (const { body } of started.collector.seen) assert.doesNotMatch(body, /canary/);
  }
});

test('sample_ratio: who is not sampled is not reported; the caller’s decision goes before', async (t) => {
  const started = await start(t, { sample_ratio: 0, header_type: 'preserve' });
  await get(started, '/');
  // Kong says 0 in some formats and nothing in others.
  assert.match(sentUpstream(started), /^x-b3-sampled: 0$/m);
  await get(started, '/', { 'x-b3-sampled': '1' });
  const spans = await spansAt(started.collector, 3);
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
  const all = await start(t, { sample_ratio: 1 });
  await get(all, '/', { b3: '0' });
  await get(all, '/', { b3: '1' });
  assert.equal((await spansAt(all.collector, 3)).length, 3);
  assert.match(sentUpstream(all), /^b3: [\da-f]{32}-[\da-f]{16}-[\da-f]{16}$/m);
});

test('header_type, default_header_type, propagation: which headers go upstream', async (t) => {
  const cases: readonly (readonly [object, object, RegExp, RegExp])[] = [
    [{ default_header_type: 'jaeger' }, {}, /^uber-trace-id: /m, /^x-b3/m],
    [{ header_type: 'w3c' }, { b3: `${TRACE}-${SPAN}-1` }, /^traceparent: 00-0af7/m, /^x-b3/m],
    [{ header_type: 'ignore' }, { b3: `${TRACE}-${SPAN}-1` }, /^x-b3-traceid: /m, /traceid: 0af7/],
    [
      { propagation: { extract: ['b3'], inject: ['gcp'], clear: ['b3'], default_format: 'b3' } },
      { b3: `${TRACE}-${SPAN}-1` },
      /^x-cloud-trace-context: 0af7/m,
      /^b3/m,
    ],
  ];
  for (const [fields, headers, there, notThere] of cases) {
    const started = await start(t, { ...fields, http_endpoint: null });
    await get(started, '/', { ...headers });
    assert.match(sentUpstream(started), there);
    assert.doesNotMatch(sentUpstream(started), notThere);
  }
});

test('retries: a span for each try', async (t) => {
  const dead = await deadPort();
  const live = await startOrigin(t);
  const started = await start(
    t,
    {},
    {
      service: { host: 'pair' },
      upstreams: [{ name: 'pair', targets: [`127.0.0.1:${dead}`, `127.0.0.1:${live.port}`] }],
    },
  );
  // The first or the second request begins with the dead target.
  await get(started);
  await get(started);
  const spans = await spansAt(started.collector, 7);
  const failed = spans.find(({ tags }) => tags?.['error'] === 'true');
  assert.equal(failed?.name, 'GET (balancer try 1)');
  assert.equal(failed?.tags?.['kong.balancer.state'], 'failed');
  assert.equal(failed?.tags?.['http.status_code'], '502');
  assert.equal(failed?.remoteEndpoint?.port, dead);
  assert.ok(spans.some(({ name }) => name === 'GET (balancer try 2)'));
});

test('a request that no route takes has two spans', async (t) => {
  const fields = { http_response_header_for_traceid: 'X-Trace-Id' };
  const started = await start(t, fields, { route: { paths: ['/known'] } });
  const answer = await get(started, '/unknown', { b3: `${TRACE}-${SPAN}-1` });
  assert.equal(answer.status, 404);
  assert.equal(answer.headers.get('x-trace-id'), TRACE);
  const [proxy, request, ...others] = await spansAt(started.collector, 2);
  assert.deepEqual(others, []);
  assert.equal(request?.tags?.['http.status_code'], '404');
  assert.equal(proxy?.remoteEndpoint, null);
  assert.equal(proxy?.tags, undefined);
});

test('the log record has the trace id in the format that goes upstream', async (t) => {
  const records = await startOrigin(t);
  const started = await start(
    t,
    { header_type: 'w3c' },
    { entities: { plugins: [{ name: 'http-log', config: { http_endpoint: records.url } }] } },
  );
  await get(started, '/', { b3: `${TRACE}-${SPAN}-1` });
  const [record] = await until(() => (records.seen.length > 0 ? records.seen : undefined));
  const { trace_id: traceId }: { trace_id: object } = JSON.parse(record?.body ?? '');
  assert.deepEqual(traceId, { b3: TRACE, w3c: TRACE });
});

test('queue: spans of several requests go together', async (t) => {
  const started = await start(t, { queue: { max_batch_size: 6, max_coalescing_delay: 30 } });
  await get(started);
  await get(started);
  assert.equal((await spansAt(started.collector, 6)).length, 6);
  assert.equal(started.collector.seen.length, 1);
});

const problems = (...names: string[]): readonly string[] =>
  problemsOf(zipkin, { static_tags: names.map((name) => ({ name, value: 'x' })) });

test('static_tags that are refused', () => {
  assert.deepEqual(problems('a', 'b'), []);
  assert.match(problems('lc').join(), /must not be one of: error, http\.method/);
  assert.deepEqual(problems('a', 'a'), ['config.static_tags: repeated tags are not allowed: a']);
});

test('connect_timeout, send_timeout, read_timeout: of each call, 0 for a minute', async (t) => {
  const seen: OutboundRequest[] = [];
  const outbound: Outbound = {
    request(request) {
      seen.push(request);
      return Promise.resolve({ status: 202, headers: [], body: Buffer.alloc(0), url: '' });
    },
  };
  const services = { ...fakeBuild().services, outbound };
  const fields = { http_endpoint: 'http://z.test/', sample_ratio: 1, connect_timeout: 11 };
  const config = { ...fields, send_timeout: 12, read_timeout: 0 };
  logOne(compileLog(t, zipkin, config, { services }));
  const [request] = await until(() => (seen.length > 0 ? seen : undefined));
  assert.deepEqual(request?.partTimeouts, { connectMs: 11, sendMs: 12, readMs: 60_000 });
});

test('a server that does not take the spans gets them again', async (t) => {
  const statuses = [500, 302, 202];
  const origin = await startOrigin(t, (_req, res) => res.writeHead(statuses.shift() ?? 202).end());
  const outbound = createOutbound({ resolve: (ip) => [{ ip }] });
  t.after(() => outbound.close());
  const services = { ...fakeBuild().services, outbound };
  const config = { http_endpoint: origin.url, sample_ratio: 1 };
  logOne(compileLog(t, zipkin, config, { services }));
  await until(() => (origin.seen.length >= 3 ? true : undefined));
  // Two spans, one after another; the first one three times.
  const bodies = origin.seen.map(({ body }) => body);
  assert.deepEqual(bodies.slice(1, 3), [bodies[0], bodies[0]]);
});
