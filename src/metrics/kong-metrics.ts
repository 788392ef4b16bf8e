/** The metrics of Kong's prometheus plugin: names, labels, help texts and buckets of Kong 3.9. */
import type { GaugeFamily } from './exposition.ts';
import type { CounterFamily, HistogramFamily, MetricFamily } from './store.ts';

const PER_ROUTE = ['service', 'route', 'workspace'] as const;
const KONG_BUCKETS = [1, 2, 5, 7, 10, 15, 20, 30, 50, 75, 100, 200, 500, 750, 1000, 3000, 6000];
const UPSTREAM_BUCKETS = [25, 50, 80, 100, 250, 400, 700, 1000, 2000, 5000, 10_000, 30_000, 60_000];

export const REQUESTS: CounterFamily = {
  kind: 'counter',
  name: 'kong_http_requests_total',
  help: 'HTTP status codes per consumer/service/route in Kong',
  labels: ['service', 'route', 'code', 'source', 'workspace', 'consumer'],
};

export const BANDWIDTH: CounterFamily = {
  kind: 'counter',
  name: 'kong_bandwidth_bytes',
  help: 'Total bandwidth (ingress/egress) throughput in bytes',
  labels: ['service', 'route', 'direction', 'workspace', 'consumer'],
};

const latency = (name: string, help: string, buckets: readonly number[]): HistogramFamily => ({
  kind: 'histogram',
  name,
  help: `${help} for each service/route in Kong`,
  labels: PER_ROUTE,
  buckets,
});

export const KONG_LATENCY = latency(
  'kong_kong_latency_ms',
  'Latency added by Kong and enabled plugins',
  KONG_BUCKETS,
);
export const UPSTREAM_LATENCY = latency(
  'kong_upstream_latency_ms',
  'Latency added by upstream response',
  UPSTREAM_BUCKETS,
);
export const REQUEST_LATENCY = latency(
  'kong_request_latency_ms',
  'Total latency incurred during requests',
  UPSTREAM_BUCKETS,
);

/** What requests lead to. */
export const REQUEST_FAMILIES: readonly MetricFamily[] = [
  REQUESTS,
  BANDWIDTH,
  KONG_LATENCY,
  REQUEST_LATENCY,
  UPSTREAM_LATENCY,
];

const gauge = (name: string, help: string, labels: readonly string[] = []): GaugeFamily => ({
  kind: 'gauge',
  name: `kong_${name}`,
  help,
  labels,
});

export const CONNECTIONS = gauge('nginx_connections_total', 'Number of connections by subsystem', [
  'node_id',
  'subsystem',
  'state',
]);
export const REQUESTS_SEEN = gauge('nginx_requests_total', 'Number of requests total', [
  'node_id',
  'subsystem',
]);
export const TIMERS = gauge('nginx_timers', 'Number of nginx timers', ['state']);
export const DATASTORE = gauge(
  'datastore_reachable',
  'Datastore reachable from Kong, 0 is unreachable',
);
export const NODE_INFO = gauge('node_info', 'Kong Node metadata information', [
  'node_id',
  'version',
]);
export const TARGET_HEALTH = gauge(
  'upstream_target_health',
  'Health status of targets of upstream. States = healthchecks_off|healthy|unhealthy|dns_error, value is 1 when state is populated.',
  ['upstream', 'target', 'address', 'state', 'subsystem'],
);
/** The heap of JavaScript, which is what `/status` shows under the same name. */
export const WORKER_MEMORY = gauge(
  'memory_workers_lua_vms_bytes',
  'Allocated bytes in worker Lua VM',
  ['node_id', 'pid', 'kong_subsystem'],
);
export const METRIC_ERRORS: CounterFamily = {
  kind: 'counter',
  name: 'kong_nginx_metric_errors_total',
  help: 'Number of nginx-lua-prometheus errors',
  labels: [],
};

/** Kong's word for what handles HTTP. */
export const SUBSYSTEM = 'http';
export const TARGET_STATES = ['healthchecks_off', 'healthy', 'unhealthy', 'dns_error'] as const;
export type TargetState = (typeof TARGET_STATES)[number];
