/** What the gateways of one process share: it outlives reloads, so that they drop no connection. */
import { compileTrust, type RealIpRules } from '../http/client-address.ts';
import type { PluginEntity } from '../config/types.ts';
import { createLocalAnswers } from '../answer-cache/local.ts';
import type { Answers } from '../answer-cache/types.ts';
import { createLocalCounters } from '../counters/local.ts';
import type { Counters } from '../counters/types.ts';
import { createRequestIds } from '../http/request-id.ts';
import { createKeyServices } from '../keys/client.ts';
import { connectNowhere, type ConnectKeys } from '../keys/link.ts';
import type { Logger } from '../log.ts';
import { createOutbound } from '../outbound/index.ts';
import type { PluginPhases, Trace } from '../plugin.ts';
import { createResolver } from '../proxy/dns.ts';
import { createHealthBoard, type HealthBoard } from '../proxy/health/board.ts';
import { createHealthMonitor, type HealthMonitor } from '../proxy/health/monitor.ts';
import { createHttp2Sessions } from '../proxy/http2-sessions.ts';
import { createPools } from '../proxy/pools.ts';
import type { Http2Sessions, NameResolver, UpstreamPools } from '../proxy/types.ts';
import { createRedisConnections } from '../redis/connections.ts';
import type { PluginServices } from '../services.ts';
import { createMetricStore, type Metrics } from '../metrics/store.ts';
import type { LogLevel, Settings } from '../settings/types.ts';
import { tapLogger, type LineLevel } from '../log-tap.ts';
import { Tracer } from '../tracing/spans.ts';

/** The lowest lines that a level shows. */
const LOWEST_LINE: Readonly<Record<LogLevel, LineLevel>> = {
  debug: 'debug',
  info: 'info',
  notice: 'info',
  warn: 'warn',
  error: 'error',
  crit: 'fatal',
  alert: 'fatal',
  emerg: 'fatal',
};

export interface Runtime {
  readonly settings: Settings;
  readonly log: Logger;
  readonly pools: UpstreamPools;
  /** For services of gRPC. */
  readonly sessions: Http2Sessions;
  readonly resolver: NameResolver;
  /** What is known of the health of targets. */
  readonly health: HealthBoard;
  /** Active health checks; whoever puts a gateway in place tells it. */
  readonly monitor: HealthMonitor;
  readonly services: PluginServices;
  /** `undefined`: nothing is recorded of requests. */
  readonly tracer: Tracer | undefined;
  readonly realIp: RealIpRules;
  readonly nextRequestId: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Only while a request is being explained. */
  readonly traceOf?: ((entity: PluginEntity) => Trace) | undefined;
  /** Takes the place of an entry's phases, where requests are only simulated. */
  readonly wrapPhases?: (entity: PluginEntity, phases: PluginPhases) => PluginPhases;
  close(): Promise<void>;
}

/** What a process does not hold itself, in a node of several. */
export interface SharedState {
  readonly counters?: Counters;
  readonly answers?: Answers;
  readonly health?: HealthBoard;
  readonly monitor?: HealthMonitor;
  /** To the key host of the node; without it, keys are neither loaded nor made. */
  readonly connectKeys?: ConnectKeys;
  readonly metrics?: Metrics;
}

export function createRuntime(settings: Settings, sink: Logger, shared: SharedState = {}): Runtime {
  const { log, tap } = tapLogger(sink, LOWEST_LINE[settings.logLevel]);
  const { counters = createLocalCounters(Date.now), connectKeys = connectNowhere } = shared;
  const { metrics = createMetricStore() } = shared;
  const { health = createHealthBoard({ log }), monitor = createHealthMonitor() } = shared;
  const { answers = createLocalAnswers(settings.memCacheBytes, Date.now) } = shared;
  const pools = createPools(settings, log);
  const sessions = createHttp2Sessions(settings);
  const redis = createRedisConnections(log);
  const resolver = createResolver(settings.dns, log);
  const outbound = createOutbound({
    resolve: (host) => resolver.resolve(host),
    ca: settings.trustedCertificates,
  });
  const keys = createKeyServices(connectKeys);
  return {
    settings,
    log,
    pools,
    sessions,
    resolver,
    health,
    monitor,
    services: {
      outbound,
      keySources: keys.keySources,
      keysets: keys.keysets,
      counters,
      answers,
      redis,
      resolve: (host) => resolver.resolve(host),
      metrics,
      logTap: tap,
    },
    tracer: settings.tracing && new Tracer(settings.tracing),
    realIp: {
      trusted: compileTrust(settings.trustedIps),
      header: settings.realIpHeader,
      recursive: settings.realIpRecursive,
    },
    nextRequestId: createRequestIds(),
    now: Date.now,
    async close() {
      monitor.close();
      keys.close();
      sessions.close();
      resolver.close();
      redis.closeAll();
      await Promise.all([pools.close(), outbound.close()]);
    },
  };
}
