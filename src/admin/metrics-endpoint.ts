/** `GET /metrics`: Kong's metrics in the Prometheus format, summed over all workers. */
import type { BalancerStatus } from '../proxy/balancer/status.ts';
import { familyText, gaugeText, type Sample } from '../metrics/exposition.ts';
import * as kong from '../metrics/kong-metrics.ts';
import { KONG_VERSION } from '../version.ts';
import type { Handler } from './request.ts';
import type { AdminDeps } from './types.ts';

const CONTENT_TYPE = 'text/plain; charset=UTF-8';

export const readMetrics: Handler = async (_request, deps) => {
  const entries = deps
    .config()
    .entities.plugins.filter(({ name, enabled }) => name === 'prometheus' && enabled);
  // A process-wide switch, as in Kong: on when any entry asks for it.
  const wantsHealth = entries.some(({ config }) => config['upstream_health_metrics'] === true);
  const body =
    nodeText(deps) +
    (wantsHealth ? await healthText(deps) : '') +
    (entries.length > 0 ? requestText(deps) : '');
  return { status: 200, body, contentType: CONTENT_TYPE, headers: [] };
};

/** What is there without the plugin, too. */
function nodeText(deps: AdminDeps): string {
  const { nodeId } = deps.settings;
  const { connections, memory } = deps.node();
  const { accepted, handled, requests, active, reading, writing, waiting } = connections;
  const states = { accepted, active, handled, reading, total: requests, waiting, writing };
  return [
    gaugeText(kong.DATASTORE, [{ labels: [], value: 1 }]),
    gaugeText(
      kong.WORKER_MEMORY,
      memory.map(({ pid, heapUsedBytes }) => ({
        labels: [nodeId, String(pid), kong.SUBSYSTEM],
        value: heapUsedBytes,
      })),
    ),
    gaugeText(
      kong.CONNECTIONS,
      Object.entries(states).map(([state, value]) => ({
        labels: [nodeId, kong.SUBSYSTEM, state],
        value,
      })),
    ),
    gaugeText(kong.METRIC_ERRORS, [{ labels: [], value: deps.metrics().rejected }]),
    gaugeText(kong.REQUESTS_SEEN, [{ labels: [nodeId, kong.SUBSYSTEM], value: requests }]),
    gaugeText(kong.TIMERS, [
      { labels: ['pending'], value: 0 },
      { labels: ['running'], value: 0 },
    ]),
    gaugeText(kong.NODE_INFO, [{ labels: [nodeId, KONG_VERSION], value: 1 }]),
  ].join('');
}

const requestText = (deps: AdminDeps): string => {
  const series = deps.metrics().series();
  return kong.REQUEST_FAMILIES.map((family) => familyText(family, series)).join('');
};

async function healthText(deps: AdminDeps): Promise<string> {
  const { upstreams } = deps.config().entities;
  const samples = await Promise.all(
    upstreams.map(async ({ id, name }) => {
      const balancer = deps.balancer(id);
      if (balancer === undefined) return [];
      await balancer.settle();
      return samplesOf(name, balancer.status());
    }),
  );
  return gaugeText(kong.TARGET_HEALTH, samples.flat());
}

function samplesOf(upstream: string, { isChecked, hosts }: BalancerStatus): readonly Sample[] {
  const one = (target: string, address: string, current: kong.TargetState): readonly Sample[] =>
    kong.TARGET_STATES.map((state) => ({
      labels: [upstream, target, address, state, kong.SUBSYSTEM],
      value: state === current ? 1 : 0,
    }));
  return hosts.flatMap(({ host, port, addresses }) => {
    const target = `${host}:${port}`;
    if (addresses.length === 0) return one(target, '', 'dns_error');
    return addresses.flatMap((address) => {
      const state = !isChecked ? 'healthchecks_off' : address.healthy ? 'healthy' : 'unhealthy';
      return one(target, `${address.ip}:${address.port}`, state);
    });
  });
}
