/**
 * A runtime that touches nothing: upstreams and other servers are functions, counts and kept answers
 * live as long as it does, signing keys are made on the spot, and nothing is logged or reported.
 */
import { isIP } from 'node:net';
import { createLocalAnswers } from '../answer-cache/local.ts';
import type { Config, PluginEntity } from '../config/types.ts';
import { createLocalCounters } from '../counters/local.ts';
import { KeysetError, ProxyError, RedisError } from '../errors.ts';
import { createRuntime, type Runtime } from '../gateway/runtime.ts';
import { createKeyHost } from '../keys/host.ts';
import type { Logger } from '../log.ts';
import type { PluginPhases, Trace } from '../plugin.ts';
import type { NameResolver } from '../proxy/types.ts';
import type { KeySources, Keysets, Outbound } from '../services.ts';
import type { Settings } from '../settings/types.ts';
import { simulatedPools, type AnswerUpstream } from './upstream.ts';

export interface SimulationOptions {
  readonly settings: Settings;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly upstream: AnswerUpstream;
  /** Servers that plugins ask: providers of keys, introspection. */
  readonly outbound: Outbound;
  /** Absent: every name has the address `UNRESOLVED`. */
  readonly resolver?: NameResolver | undefined;
  /** What signs: never the keysets of a real gateway. */
  readonly keysets: Keysets;
  /** Absent: keys come through `outbound`. */
  readonly keySources?: KeySources;
  readonly traceOf?: (entity: PluginEntity) => Trace;
  readonly wrapPhases?: (entity: PluginEntity, phases: PluginPhases) => PluginPhases;
}

/** Stands for the address of a name that nobody looked up. */
export const UNRESOLVED = '0.0.0.0';

const ADDRESSES_OF_NAMES: NameResolver = {
  resolve: (host) => [
    { ip: isIP(host) === 0 ? UNRESOLVED : host, port: undefined, weight: 1, name: undefined },
  ],
  close() {},
};

/** To be closed when its gateways are. */
export function createSimulatedRuntime(options: SimulationOptions): Runtime {
  const { settings, log, now, outbound, resolver = ADDRESSES_OF_NAMES } = options;
  const host = createKeyHost({ outbound, log, openStore: noStore });
  const real = createRuntime(settings, log, {
    connectKeys: host.connect,
    counters: createLocalCounters(now),
    answers: createLocalAnswers(settings.memCacheBytes, now),
  });
  return {
    ...real,
    now,
    resolver,
    pools: simulatedPools(options.upstream),
    sessions: { acquire: refuseSession, close() {} },
    services: {
      ...real.services,
      outbound,
      keysets: options.keysets,
      keySources: options.keySources ?? real.services.keySources,
      redis: { open: () => ({ run: noRedis, close() {} }), closeAll() {} },
      resolve: (name) => resolver.resolve(name),
    },
    traceOf: options.traceOf,
    wrapPhases: (entity, phases) => withoutReports(options.wrapPhases?.(entity, phases) ?? phases),
    async close() {
      await real.close();
      await host.close();
    },
  };
}

function noStore(): never {
  throw new KeysetError('the signing keys of a gateway are not touched here');
}

const noRedis = (): Promise<never> => Promise.reject(new RedisError('Redis is not asked here'));

/** Services of gRPC are simulated over HTTP/1 (`run.ts`). */
const refuseSession: Runtime['sessions']['acquire'] = (_identity, done) => {
  done(new ProxyError('ERR_UPSTREAM_CONNECT', 'HTTP/2 is not simulated'), null);
  return () => {};
};

/** Nothing leaves the process after the answer. */
function withoutReports(phases: PluginPhases): PluginPhases {
  if (phases.log === undefined || phases.logCounts === true) return phases;
  const { log: _, ...rest } = phases;
  return rest;
}

/** The config with its counts and kept answers in memory instead of in Redis. */
export function withoutRedis(config: Config): Config {
  const plugins = config.entities.plugins.map((entity) => {
    const { policy, strategy } = entity.config;
    if (policy !== 'redis' && strategy !== 'redis') return entity;
    return {
      ...entity,
      config: {
        ...entity.config,
        ...(policy === 'redis' && { policy: 'local' }),
        ...(strategy === 'redis' && { strategy: 'memory' }),
      },
    };
  });
  return { ...config, entities: { ...config.entities, plugins } };
}
