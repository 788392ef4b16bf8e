/** `GET /metrics` on the Admin and the Status API: over all workers, also those that died. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../src/gateway/log-run.test.fixture.ts';
import { startOrigin } from './support/origin.ts';
import { parsePrometheus } from './support/prometheus-text.ts';
import { loadConfig, spawnGateway } from './support/spawn-gateway.ts';

const config = (origin: string, fields: string): string => `_format_version: "3.0"
services:
  - name: pay
    host: pay-upstream
    routes: [{ name: pay-route, paths: [/] }]
upstreams:
  - name: pay-upstream
    targets: [{ target: "${origin.replace('http://', '')}" }, { target: "nowhere.invalid:80" }]
plugins:
  - name: prometheus
    config: { ${fields} }
`;

const ALL =
  'status_code_metrics: true, latency_metrics: true, bandwidth_metrics: true, upstream_health_metrics: true';
const OK =
  'kong_http_requests_total{service="pay",route="pay-route",code="200",source="service",workspace="default",consumer=""}';

async function scrape(url: string) {
  const answer = await fetch(`${url}/metrics`);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'text/plain; charset=UTF-8');
  return parsePrometheus(await answer.text());
}

const requestsOf = (families: Awaited<ReturnType<typeof scrape>>): number =>
  families.get('kong_http_requests_total')?.samples.get(OK) ?? 0;

test('two workers: sums, the health of targets, and counters that never go back', async (t) => {
  const origin = await startOrigin(t);
  const gateway = await spawnGateway(t, {
    KONG_NGINX_WORKER_PROCESSES: '2',
    KONG_STATUS_LISTEN: '127.0.0.1:0',
    KONG_DECLARATIVE_CONFIG_STRING: config(origin.url, ALL),
  });
  const ask = async (): Promise<void> => {
    const answer = await fetch(`${gateway.proxyUrl}/`, { headers: { connection: 'close' } });
    assert.equal(answer.status, 200);
    await answer.text();
  };
  for (let i = 0; i < 20; i++) {
    // oxlint-disable-next-line no-await-in-loop -- a new connection each, to both workers
    await ask();
  }
  const counted = async (count: number) => {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- until the workers have told
      const families = await scrape(gateway.statusUrl);
      if (requestsOf(families) >= count) return families;
    }
  };
  const families = await counted(20);
  assert.equal(requestsOf(families), 20);
  for (const name of [
    'kong_kong_latency_ms',
    'kong_upstream_latency_ms',
    'kong_request_latency_ms',
  ]) {
    const count = `${name}_count{service="pay",route="pay-route",workspace="default"}`;
    assert.equal(families.get(name)?.samples.get(count), 20, name);
  }
  for (const direction of ['ingress', 'egress']) {
    const key = `kong_bandwidth_bytes{service="pay",route="pay-route",direction="${direction}",workspace="default",consumer=""}`;
    assert.ok((families.get('kong_bandwidth_bytes')?.samples.get(key) ?? 0) > 20 * 60, direction);
  }
  const address = origin.url.replace('http://', '');
  const health = families.get('kong_upstream_target_health')?.samples;
  const state = (target: string, at: string, name: string) =>
    health?.get(
      `kong_upstream_target_health{upstream="pay-upstream",target="${target}",address="${at}",state="${name}",subsystem="http"}`,
    );
  assert.equal(state(address, address, 'healthchecks_off'), 1);
  assert.equal(state(address, address, 'healthy'), 0);
  assert.equal(state('nowhere.invalid:80', '', 'dns_error'), 1);

  const node = await (await fetch(gateway.adminUrl)).text();
  const { pids }: { pids: { workers: number[] } } = JSON.parse(node);
  for (const pid of pids.workers) process.kill(pid, 'SIGKILL');
  await until(() => (/a worker died/.test(gateway.output()) ? true : undefined));
  const afterDeath = await scrape(gateway.adminUrl);
  assert.equal(requestsOf(afterDeath), 20);
});

test('without the plugin the node’s own metrics are there; the switches decide about the rest', async (t) => {
  const origin = await startOrigin(t);
  const gateway = await spawnGateway(t, { KONG_NGINX_WORKER_PROCESSES: '1' });
  const bare = await scrape(gateway.adminUrl);
  const nodes = [
    'kong_datastore_reachable',
    'kong_memory_workers_lua_vms_bytes',
    'kong_nginx_connections_total',
    'kong_nginx_metric_errors_total',
    'kong_nginx_requests_total',
    'kong_nginx_timers',
    'kong_node_info',
  ];
  assert.deepEqual([...bare.keys()].toSorted(), nodes);
  const loaded = await loadConfig(
    gateway.adminUrl,
    config(origin.url, 'status_code_metrics: true'),
  );
  assert.equal(loaded.status, 201);
  await (await fetch(gateway.proxyUrl)).text();
  const families = await scrape(gateway.adminUrl);
  assert.deepEqual(
    [...families.keys()].toSorted(),
    ['kong_http_requests_total', ...nodes].toSorted(),
  );
  await loadConfig(gateway.adminUrl, config(origin.url, 'upstream_health_metrics: true'));
  assert.ok((await scrape(gateway.adminUrl)).has('kong_upstream_target_health'));
});
