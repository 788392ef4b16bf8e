/** The opentelemetry plugin in a running proxy, against a collector that decodes OTLP: spans, contexts, fields. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { INSTRUMENTATIONS, isSampled, type Instrumentation } from '../../tracing/spans.ts';
import { KONG_VERSION } from '../../version.ts';
import { startOrigin, type RecordingOrigin } from '../../../test/support/origin.ts';
import { startProxy, type ProxyOptions, type TestProxy } from '../../../test/support/proxy.ts';
import { deadPort } from '../../../test/support/records.ts';
import {
  startCollector,
  type Collector,
  type SeenSpan,
} from '../../../test/support/otlp-collector.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const SAMPLED = { traceparent: `00-${TRACE}-${SPAN}-01` };
const QUICK = { max_batch_size: 200, max_coalescing_delay: 0 };

interface Started {
  readonly collector: Collector;
  readonly upstream: RecordingOrigin;
  readonly proxy: TestProxy;
}

interface StartOptions extends Partial<ProxyOptions> {
  readonly instrumentations?: readonly Instrumentation[];
  readonly samplingRate?: number;
  readonly statuses?: (count: number) => number;
}

async function start(
  t: TestContext,
  config: object = {},
  { instrumentations = INSTRUMENTATIONS, samplingRate = 1, statuses, ...more }: StartOptions = {},
): Promise<Started> {
  const collector = await startCollector(t, statuses);
  const upstream = await startOrigin(t);
  const tracing = instrumentations.length === 0 ? undefined : { instrumentations, samplingRate };
  const { entities, ...options } = more;
  const proxy = await startProxy(t, {
    upstreamPort: upstream.port,
    ...options,
    settings: { tracing, ...options.settings },
    entities: {
      ...entities,
      plugins: [
        {
          name: 'opentelemetry',
          config: { traces_endpoint: collector.tracesUrl, queue: QUICK, ...config },
        },
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

const sentUpstream = ({ upstream }: Pick<Started, 'upstream'>): string =>
  upstream.seen.flatMap(({ lines }) => lines).join('\n');

const named = (spans: readonly SeenSpan[], name: string): SeenSpan => {
  const found = spans.find((span) => span.name === name);
  assert.ok(found !== undefined, `${name} is not among ${spans.map((span) => span.name).join()}`);
  return found;
};

test('traces_endpoint: the spans of a request, decoded, with Kong’s names and attributes', async (t) => {
  const before = BigInt(Date.now()) * 1_000_000n;
  const started = await start(t);
  const { collector, upstream } = started;
  await get(started, '/one?apikey=1&token=eyJhbGciOiJIUzI1NiJ9.e30.c2ln', SAMPLED);
  const spans = await collector.spans(4);
  assert.deepEqual(
    spans.map(({ name, kind }) => `${name} ${kind}`),
    [
      'kong SPAN_KIND_SERVER',
      'kong.router SPAN_KIND_INTERNAL',
      'kong.access.plugin.opentelemetry SPAN_KIND_INTERNAL',
      'kong.balancer SPAN_KIND_CLIENT',
    ],
  );
  const root = named(spans, 'kong');
  const balancer = named(spans, 'kong.balancer');
  for (const span of spans) {
    assert.equal(span.traceId, TRACE);
    assert.equal(span.parentSpanId, span === root ? SPAN : root.spanId);
    assert.equal(span.status, undefined);
    assert.ok(span.start >= before - 1_000_000n && span.end >= span.start, span.name);
  }
  const { 'kong.request.id': id, ...attributes } = root.attributes;
  assert.match(String(id), /^[\da-f]{32}$/);
  assert.deepEqual(attributes, {
    'http.method': 'GET',
    'http.url': 'http://127.0.0.1/one?apikey=1&token=***',
    'http.host': '127.0.0.1',
    'http.scheme': 'http',
    'http.flavor': '1.1',
    'http.client_ip': '127.0.0.1',
    'net.peer.ip': '127.0.0.1',
    'http.status_code': 'int:200',
    'http.route': '/',
  });
  assert.deepEqual(balancer.attributes, {
    try_count: 1,
    'net.peer.ip': '127.0.0.1',
    'net.peer.port': upstream.port,
    'net.peer.name': '127.0.0.1',
  });
  assert.match(
    sentUpstream(started),
    new RegExp(`^traceparent: 00-${TRACE}-${balancer.spanId}-01$`, 'm'),
  );
  const [seen] = collector.origin.seen;
  assert.equal(`${seen?.method} ${seen?.url}`, 'POST /v1/traces');
  assert.ok(seen?.lines.includes('content-type: application/x-protobuf'));
  assert.deepEqual(collector.scope(), { name: 'kong-internal', version: '0.1.0' });
  assert.deepEqual(collector.resource(), {
    'service.name': 'kong',
    'service.instance.id': '00000000-0000-4000-8000-000000000000',
    'service.version': KONG_VERSION,
  });
});

test('without tracing_instrumentations contexts go on, unsampled, and nothing is reported', async (t) => {
  const started = await start(t, {}, { instrumentations: [] });
  await get(started, '/', SAMPLED);
  await get(started);
  const sent = sentUpstream(started);
  assert.match(sent, new RegExp(`^traceparent: 00-${TRACE}-(?!${SPAN})[\\da-f]{16}-00$`, 'm'));
  assert.equal([...sent.matchAll(/^traceparent: 00-[\da-f]{32}-[\da-f]{16}-00$/gm)].length, 2);
  assert.equal(started.collector.origin.seen.length, 0);
});

const KINDS: readonly (readonly [readonly Instrumentation[], readonly string[]])[] = [
  [['request'], ['kong']],
  [['router'], ['kong', 'kong.router']],
  [['balancer'], ['kong', 'kong.balancer']],
  [
    ['plugin_access'],
    ['kong', 'kong.access.plugin.correlation-id', 'kong.access.plugin.opentelemetry'],
  ],
  [['plugin_header_filter'], ['kong', 'kong.header_filter.plugin.correlation-id']],
  [['db_query', 'http_client', 'plugin_rewrite'], ['kong']],
];

for (const [instrumentations, names] of KINDS) {
  test(`tracing_instrumentations = ${instrumentations.join()}`, async (t) => {
    const plugins = [{ name: 'correlation-id', config: { echo_downstream: true } }];
    const started = await start(t, {}, { instrumentations, entities: { plugins } });
    await get(started);
    const spans = await started.collector.spans(names.length);
    assert.deepEqual(
      spans.map(({ name }) => name),
      names,
    );
    // The upstream is told a span that is reported.
    const [, told] = /traceparent: 00-[\da-f]+-([\da-f]+)-01/.exec(sentUpstream(started)) ?? [];
    const expected = instrumentations.includes('balancer') ? 'kong.balancer' : 'kong';
    assert.equal(told, named(spans, expected).spanId);
  });
}

test('dns_query: the name of a service', async (t) => {
  const options = { instrumentations: ['dns_query'], service: { host: 'localhost' } } as const;
  const started = await start(t, {}, options);
  await get(started);
  const dns = named(await started.collector.spans(2), 'kong.dns');
  assert.deepEqual(dns.attributes, {
    'dns.record.domain': 'localhost',
    'dns.record.port': started.upstream.port,
    'dns.record.ip': '127.0.0.1',
  });
  assert.equal(dns.kind, 'SPAN_KIND_CLIENT');
});

test('balancer: a try that failed, and the one after it', async (t) => {
  const dead = await deadPort();
  const live = await startOrigin(t);
  const targets = [`127.0.0.1:${dead}`, `127.0.0.1:${live.port}`];
  const started = await start(
    t,
    {},
    {
      instrumentations: ['balancer'],
      service: { host: 'pair' },
      upstreams: [{ name: 'pair', targets }],
    },
  );
  // The first or the second request begins with the dead target.
  await get(started);
  await get(started);
  const spans = await started.collector.spans(5);
  const failed = spans.find(({ status }) => status === 'STATUS_CODE_ERROR');
  assert.equal(failed?.attributes['net.peer.port'], dead);
  assert.equal(failed?.attributes['http.status_code'], 'int:502');
  const next = spans.find(({ attributes }) => attributes['try_count'] === 2);
  assert.equal(next?.parentSpanId, failed?.parentSpanId);
  const told = [...sentUpstream({ upstream: live }).matchAll(/traceparent: 00-\w+-(\w+)-01/g)];
  assert.ok(told.some(([, id]) => id === next?.spanId));
});

test('a request that no route takes: its spans, and the trace id in its answer', async (t) => {
  const config = { http_response_header_for_traceid: 'X-Trace-Id' };
  const started = await start(t, config, { route: { paths: ['/known'] } });
  const answer = await get(started, '/unknown');
  const spans = await started.collector.spans(3);
  const root = named(spans, 'kong');
  assert.equal(answer.headers.get('x-trace-id'), root.traceId);
  assert.equal(root.attributes['http.status_code'], 'int:404');
  assert.equal(root.attributes['http.route'], '');
  assert.equal(named(spans, 'kong.router').status, 'STATUS_CODE_ERROR');
  named(spans, 'kong.header_filter.plugin.opentelemetry');
});

test('http_response_header_for_traceid: the caller’s id, also without spans', async (t) => {
  for (const instrumentations of [INSTRUMENTATIONS, []]) {
    const config = { http_response_header_for_traceid: 'X-Trace-Id', sampling_rate: 0 };
    const started = await start(t, config, { instrumentations });
    assert.equal((await get(started, '/', SAMPLED)).headers.get('x-trace-id'), TRACE);
    const own = (await get(started)).headers.get('x-trace-id');
    assert.match(sentUpstream(started), new RegExp(`^traceparent: 00-${own}-`, 'm'));
  }
});

test('sampling_rate: before the setting; the caller’s decision against goes before both', async (t) => {
  const none = await start(t, { sampling_rate: 0 });
  await get(none, '/', SAMPLED);
  assert.match(sentUpstream(none), /^traceparent: 00-[\da-f]+-[\da-f]+-00$/m);
  const all = await start(t, { sampling_rate: 1 }, { samplingRate: 0 });
  await get(all, '/', { traceparent: `00-${TRACE}-${SPAN}-00` });
  await get(all, '/', SAMPLED);
  const spans = await all.collector.spans(4);
  assert.equal(spans.length, 4);
  assert.equal(none.collector.origin.seen.length, 0);
  const setting = await start(t, {}, { samplingRate: 0 });
  await get(setting);
  assert.match(sentUpstream(setting), /^traceparent: 00-[\da-f]+-[\da-f]+-00$/m);
});

test('the sampler decides by the trace id alone: its first eight bytes, the least one first', () => {
  const low = `0000000000000010${'f'.repeat(16)}`;
  const high = `00000000000000f0${'0'.repeat(16)}`;
  assert.deepEqual([isSampled(low, 0.1), isSampled(high, 0.1)], [true, false]);
  assert.deepEqual([isSampled(low, 0), isSampled(high, 1)], [false, true]);
  assert.deepEqual([isSampled(high, 0.93), isSampled(high, 0.94)], [false, true]);
});

test('header_type, propagation: which headers go upstream', async (t) => {
  const cases: readonly (readonly [object, object, RegExp, RegExp])[] = [
    [{}, {}, /^traceparent: /m, /^b3/m],
    [{}, { b3: `${TRACE}-${SPAN}-1` }, /^b3: 0af7.*-0-/m, /^traceparent/m],
    [
      { header_type: 'gcp' },
      { b3: `${TRACE}-${SPAN}-1` },
      /^x-cloud-trace-context: 0af7/m,
      /^w3c/m,
    ],
    [{ header_type: 'ignore' }, SAMPLED, /^traceparent: 00-(?!0af7)/m, /0af7/],
    [
      {
        propagation: {
          extract: ['w3c'],
          inject: ['aws'],
          clear: ['traceparent'],
          default_format: 'b3',
        },
      },
      SAMPLED,
      /^x-amzn-trace-id: Root=1-0af76519-/m,
      /^traceparent/m,
    ],
  ];
  for (const [fields, headers, there, notThere] of cases) {
    const started = await start(t, { ...fields, sampling_rate: 0 });
    await get(started, '/', { ...headers });
    assert.match(sentUpstream(started), there);
    assert.doesNotMatch(sentUpstream(started), notThere);
  }
  const untold = await start(t, { traces_endpoint: null, logs_endpoint: 'http://127.0.0.1:9/' });
  await get(untold, '/', SAMPLED);
  assert.match(sentUpstream(untold), new RegExp(`^traceparent: ${SAMPLED.traceparent}$`, 'm'));
});

test('headers, resource_attributes', async (t) => {
  const config = {
    headers: { 'X-Auth': 'secret', 'Content-Type': 'application/x-own' },
    resource_attributes: { 'service.name': 'edge', region: 'eu' },
  };
  const started = await start(t, config);
  await get(started);
  await started.collector.spans(4);
  const [seen] = started.collector.origin.seen;
  const lines = seen?.lines.map((line) => line.toLowerCase()) ?? [];
  assert.ok(lines.includes('x-auth: secret'));
  assert.deepEqual(
    lines.filter((line) => line.startsWith('content-type')),
    ['content-type: application/x-own'],
  );
  const { 'service.name': name, region } = started.collector.resource();
  assert.deepEqual([name, region], ['edge', 'eu']);
});

test('an answer other than 200 is a failure: the spans come again', async (t) => {
  const started = await start(t, {}, { statuses: (count) => (count < 3 ? 202 : 200) });
  await get(started);
  await started.collector.spans(12);
  const bodies = started.collector.origin.seen.map(({ body }) => body);
  assert.deepEqual(new Set(bodies).size, 1);
});

test('queue, batch_span_count, batch_flush_delay: how spans go together', async (t) => {
  const waiting = { max_batch_size: 200, max_coalescing_delay: 30 };
  const full = await start(t, { queue: waiting, batch_span_count: 8 });
  await get(full);
  await get(full);
  await full.collector.spans(8);
  assert.equal(full.collector.origin.seen.length, 1);
  const soon = await start(t, { queue: waiting, batch_flush_delay: 0 });
  await get(soon);
  await soon.collector.spans(4);
});

test('endpoint: the deprecated name of traces_endpoint', async (t) => {
  const collector = await startCollector(t);
  const upstream = await startOrigin(t);
  const proxy = await startProxy(t, {
    upstreamPort: upstream.port,
    settings: { tracing: { instrumentations: ['request'], samplingRate: 1 } },
    entities: {
      plugins: [{ name: 'opentelemetry', config: { endpoint: collector.tracesUrl, queue: QUICK } }],
    },
  });
  await get({ collector, upstream, proxy });
  assert.equal((await collector.spans(1)).length, 1);
});
