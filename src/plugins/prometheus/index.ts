/** Counts requests, their latencies and bytes for `GET /metrics`. Kong: prometheus. */
import type { PrometheusConfig } from '../../config/schema-types.ts';
import type { Route, Service } from '../../config/types.ts';
import {
  definePlugin,
  type Immutable,
  type Outcome,
  type PluginBuild,
  type RequestContext,
} from '../../plugin.ts';
import {
  BANDWIDTH,
  KONG_LATENCY,
  REQUEST_LATENCY,
  REQUESTS,
  UPSTREAM_LATENCY,
} from '../../metrics/kong-metrics.ts';
import type { Meter } from '../../metrics/store.ts';
import { WORKSPACE_NAME } from '../../telemetry/record.ts';

export const prometheus = definePlugin<PrometheusConfig>({
  name: 'prometheus',
  priority: 13,
  compile(config, build) {
    const metersOf = compileMeters(config, build);
    return {
      measures: config.bandwidth_metrics,
      log(ctx, outcome) {
        // Requests that match no route are not counted, as in Kong.
        if (ctx.route !== undefined) metersOf(ctx.route, ctx.service)(ctx, outcome);
      },
    };
  },
});

type Count = (ctx: RequestContext, outcome: Outcome) => void;

/** What is counted for one route is put together at its first request and kept for the load. */
function compileMeters(
  config: Immutable<PrometheusConfig>,
  build: PluginBuild,
): (route: Route, service: Service | undefined) => Count {
  const known = new WeakMap<Route, Count>();
  return (route, service) => {
    const found = known.get(route);
    if (found !== undefined) return found;
    const names = [service?.name ?? service?.host ?? '', route.name ?? route.id];
    const counts = [
      ...(config.status_code_metrics ? [countStatus(names, config, build)] : []),
      ...(config.bandwidth_metrics ? [countBytes(names, config, build)] : []),
      ...(config.latency_metrics ? [countLatencies(names, build)] : []),
    ];
    const made: Count = (ctx, outcome) => {
      for (const count of counts) count(ctx, outcome);
    };
    known.set(route, made);
    return made;
  };
}

/** Meters by what is different between requests of a route. */
function metersBy<K>(make: (key: K, consumer: string) => Meter): typeof make {
  const consumers = new Map<string, Map<K, Meter>>();
  return (key, consumer) => {
    let meters = consumers.get(consumer);
    if (meters === undefined) consumers.set(consumer, (meters = new Map()));
    let meter = meters.get(key);
    if (meter === undefined) meters.set(key, (meter = make(key, consumer)));
    return meter;
  };
}

const consumerOf = ({ consumer }: RequestContext, isWanted: boolean): string =>
  isWanted ? (consumer?.username ?? '') : '';

function countStatus(
  names: readonly string[],
  { per_consumer: perConsumer }: Immutable<PrometheusConfig>,
  { services }: PluginBuild,
): Count {
  const metersFrom = (source: string) =>
    metersBy((status: number, consumer) => {
      const labels = [...names, String(status), source, WORKSPACE_NAME, consumer];
      return services.metrics.meter(REQUESTS, labels);
    });
  const fromService = metersFrom('service');
  const fromKong = metersFrom('kong');
  return (ctx, { status, source }) => {
    const meter = source === 'upstream' ? fromService : fromKong;
    meter(status, consumerOf(ctx, perConsumer)).add(1);
  };
}

function countBytes(
  names: readonly string[],
  { per_consumer: perConsumer }: Immutable<PrometheusConfig>,
  { services }: PluginBuild,
): Count {
  const meter = metersBy((direction: 'ingress' | 'egress', consumer) =>
    services.metrics.meter(BANDWIDTH, [...names, direction, WORKSPACE_NAME, consumer]),
  );
  return (ctx, outcome) => {
    const consumer = consumerOf(ctx, perConsumer);
    const { requestBytes, responseBytes } = outcome.details();
    if (requestBytes > 0) meter('ingress', consumer).add(requestBytes);
    if (responseBytes > 0) meter('egress', consumer).add(responseBytes);
  };
}

/** Whole milliseconds, as Kong takes the time. */
function countLatencies(names: readonly string[], { services }: PluginBuild): Count {
  const labels = [...names, WORKSPACE_NAME];
  const total = services.metrics.meter(REQUEST_LATENCY, labels);
  const kong = services.metrics.meter(KONG_LATENCY, labels);
  // Made by the first request that an upstream was asked for.
  let upstream: Meter | undefined;
  return (_ctx, { requestMs, kongMs, proxyMs, tries }) => {
    total.add(Math.round(requestMs));
    kong.add(Math.round(kongMs));
    if (tries.length === 0) return;
    upstream ??= services.metrics.meter(UPSTREAM_LATENCY, labels);
    upstream.add(Math.round(proxyMs));
  };
}
