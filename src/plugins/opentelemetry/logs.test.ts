/** Log lines of the gateway at a collector: `logs_endpoint`, with the request and the trace they are about. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startOrigin } from '../../../test/support/origin.ts';
import { startProxy, type ProxyOptions } from '../../../test/support/proxy.ts';
import { deadPort } from '../../../test/support/records.ts';
import { INSTRUMENTATIONS } from '../../tracing/spans.ts';
import { startCollector, type Collector } from '../../../test/support/otlp-collector.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.e30.c2ln';
const ALL = { instrumentations: INSTRUMENTATIONS, samplingRate: 1 };

/** The upstream is not there: each request is a warning of the log. */
const optionsFor = (
  collector: Collector,
  upstreamPort: number,
  { config = {}, isTracing = true }: { config?: object; isTracing?: boolean } = {},
): ProxyOptions => ({
  upstreamPort,
  settings: { tracing: isTracing ? ALL : undefined, logLevel: 'notice' },
  entities: {
    plugins: [
      {
        name: 'opentelemetry',
        config: {
          logs_endpoint: collector.logsUrl,
          traces_endpoint: collector.tracesUrl,
          queue: { max_batch_size: 200, max_coalescing_delay: 0 },
          ...config,
        },
      },
    ],
  },
});

test('logs_endpoint: a line about a request, with its trace', async (t) => {
  const collector = await startCollector(t);
  const proxy = await startProxy(t, optionsFor(collector, await deadPort()));
  const before = BigInt(Date.now()) * 1_000_000n;
  const answer = await fetch(`http://127.0.0.1:${proxy.port}/?x=${TOKEN}`, {
    headers: { traceparent: `00-${TRACE}-${SPAN}-01` },
  });
  await answer.text();
  const [record] = await collector.records(1);
  assert.equal(record?.body, 'upstream failed');
  assert.equal(record.severityText, 'WARN');
  assert.equal(record.severityNumber, 'SEVERITY_NUMBER_WARN');
  assert.equal(record.traceId, TRACE);
  assert.equal(record.flags, 1);
  const root = (await collector.spans(4)).find(({ name }) => name === 'kong');
  assert.equal(record.spanId, root?.spanId);
  assert.equal(record.attributes['request.id'], answer.headers.get('x-kong-request-id'));
  assert.equal(record.attributes['code'], 'ERR_UPSTREAM_CONNECT');
  assert.ok(record.time >= before - 1_000_000n);
});

test('without spans a line has the caller’s trace all the same', async (t) => {
  const collector = await startCollector(t);
  const options = optionsFor(collector, await deadPort(), { isTracing: false });
  const proxy = await startProxy(t, options);
  const headers = { traceparent: `00-${TRACE}-${SPAN}-00` };
  await (await fetch(`http://127.0.0.1:${proxy.port}/`, { headers })).text();
  const [record] = await collector.records(1);
  assert.deepEqual([record?.traceId, record?.spanId, record?.flags], [TRACE, '', 0]);
});

test('lines about requests of other routes are left out; lines about no request are not', async (t) => {
  const collector = await startCollector(t);
  const proxy = await startProxy(t, optionsFor(collector, await deadPort()));
  proxy.log.warn({ request_id: 'of another route' }, 'nobody asked for it');
  proxy.log.warn({ password: 'canary-1' }, `a line with ${TOKEN}`);
  proxy.log.debug({}, 'below the level');
  await (await fetch(`http://127.0.0.1:${proxy.port}/`)).text();
  const records = await collector.records(2);
  assert.deepEqual(
    records.map(({ body }) => body),
    ['a line with ***', 'upstream failed'],
  );
  assert.deepEqual(records[0]?.attributes, { password: '***' });
  assert.equal(records[0]?.traceId, '');
});

test('a collector that is not there is no line for itself', async (t) => {
  const dead = await deadPort();
  const collector = await startCollector(t);
  const upstream = await startOrigin(t);
  const config = {
    traces_endpoint: null,
    logs_endpoint: `http://127.0.0.1:${dead}/`,
    queue: { max_retry_time: -1 },
  };
  const proxy = await startProxy(t, optionsFor(collector, upstream.port, { config }));
  proxy.log.warn({}, 'first');
  const heard: string[] = [];
  await new Promise<void>((resolve) => {
    const end = proxy.logTap.subscribe(({ message }) => {
      heard.push(message);
      end();
      resolve();
    });
  });
  assert.match(heard[0] ?? '', /^log records were lost: /);
});
