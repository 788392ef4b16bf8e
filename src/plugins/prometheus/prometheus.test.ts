/** The prometheus plugin: what each of its switches counts, under which labels. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { PrometheusConfig } from '../../config/schema-types.ts';
import {
  FakeContext,
  fakeBuild,
  fakeConsumer,
  fakeOutcome,
} from '../../gateway/fake-context.test.fixture.ts';
import { compileLog } from '../../gateway/log-run.test.fixture.ts';
import { createMetricStore } from '../../metrics/store.ts';
import type { Outcome } from '../../plugin.ts';
import { buildConfig } from '../../../test/support/config.ts';
import { prometheus } from './index.ts';

const id = '00000000-0000-4000-8000-00000000000a';
const { entities } = buildConfig({
  services: [{ id, name: 'pay', host: 'pay.test' }],
  routes: [{ id, name: 'pay-route', service: { id }, paths: ['/'] }],
});
const TRY = {
  ip: '192.0.2.9',
  port: 80,
  hostname: 'up.test',
  startedAt: 0,
  error: undefined,
  balancerMs: 0,
};

class RoutedContext extends FakeContext {
  override readonly route = entities.routes[0];
  override readonly service = entities.services[0];
}

const zeros = (count: number): string => ' 0'.repeat(count);

/** What is counted of one request of bob, by family and labels. */
function counted(
  t: TestContext,
  config: Partial<PrometheusConfig>,
  outcome: Outcome = fakeOutcome({ tries: [TRY] }),
  ctx: FakeContext = new RoutedContext(),
): readonly string[] {
  const metrics = createMetricStore();
  const services = { ...fakeBuild().services, metrics };
  const phases = compileLog(t, prometheus, config, { services });
  ctx.authenticate(fakeConsumer('bob'), { id: 'c', consumerId: 'id-of-bob' });
  phases.log?.(ctx, outcome);
  return metrics
    .series()
    .map(({ family, labels, values }) => `${family} ${labels.join('|')} ${values.join(' ')}`)
    .toSorted();
}

test('without switches nothing is counted of requests, as in Kong; ai_metrics has nothing to count', (t) => {
  assert.deepEqual(counted(t, {}), []);
  assert.deepEqual(counted(t, { ai_metrics: true }), []);
});

test('status_code_metrics, per_consumer', (t) => {
  const family = 'kong_http_requests_total';
  const config = { status_code_metrics: true };
  assert.deepEqual(counted(t, config), [`${family} pay|pay-route|200|service|default| 1`]);
  const failed = fakeOutcome({ status: 502, source: 'error' });
  assert.deepEqual(counted(t, config, failed), [`${family} pay|pay-route|502|kong|default| 1`]);
  assert.deepEqual(counted(t, { ...config, per_consumer: true }), [
    `${family} pay|pay-route|200|service|default|bob 1`,
  ]);
});

test('bandwidth_metrics, per_consumer', (t) => {
  const config = { bandwidth_metrics: true, per_consumer: true };
  assert.deepEqual(counted(t, config), [
    'kong_bandwidth_bytes pay|pay-route|egress|default|bob 200',
    'kong_bandwidth_bytes pay|pay-route|ingress|default|bob 100',
  ]);
});

test('latency_metrics: Kong’s buckets; no upstream, no latency of it', (t) => {
  const config = { latency_metrics: true };
  assert.deepEqual(counted(t, config), [
    `kong_kong_latency_ms pay|pay-route|default 0 1${zeros(16)} 2`,
    `kong_request_latency_ms pay|pay-route|default 1${zeros(13)} 12`,
    `kong_upstream_latency_ms pay|pay-route|default 1${zeros(13)} 9`,
  ]);
  assert.equal(counted(t, config, fakeOutcome()).length, 2);
});

test('requests without a route are not counted', (t) => {
  const config = { status_code_metrics: true, latency_metrics: true, bandwidth_metrics: true };
  assert.deepEqual(counted(t, config, fakeOutcome(), new FakeContext()), []);
});

// `upstream_health_metrics` is for the endpoint: test/metrics.test.ts.
