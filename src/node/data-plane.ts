/** What carries the traffic: this process, or several workers. */
import type { AddressInfo } from 'node:net';
import type { OpenCache, StrategyFields } from '../answer-cache/strategy.ts';
import type { PurgeableCache } from '../answer-cache/types.ts';
import type { Config } from '../config/types.ts';
import type { CompileOptions } from '../gateway/compile.ts';
import type { SharedState } from '../gateway/runtime.ts';
import type { Balancer } from '../proxy/balancer/balancer.ts';
import type { MetricStore } from '../metrics/store.ts';
import type { Settings, TlsPair } from '../settings/types.ts';
import type { Logs } from './logger.ts';

/** One worker at one moment; counters since it started. */
export interface WorkerStatus {
  readonly pid: number;
  readonly accepted: number;
  readonly active: number;
  readonly writing: number;
  readonly requests: number;
  readonly heapUsedBytes: number;
  /** It runs the newest config. */
  readonly ready: boolean;
}

/** What workers counted that are no more. */
export type EndedCounters = Pick<WorkerStatus, 'accepted' | 'requests'>;

export interface DataPlane {
  /** In the order of `proxy_listen`. */
  addresses(): readonly AddressInfo[];
  /**
   * Resolves when `config` is live in every worker. Rejects with ConfigError when it does not compile,
   * and then nothing has changed.
   * @param prepared runs when every worker has compiled it and none serves it; if it rejects, none will
   */
  apply(config: Config, options?: CompileOptions, prepared?: () => Promise<void>): Promise<void>;
  status(): readonly WorkerStatus[];
  /** Of every Upstream of the newest config, by its id: what is known of its targets. */
  balancers(): ReadonlyMap<string, Balancer>;
  /** The answers that entries of the proxy-cache plugin with these fields keep, of all workers. */
  openCache(fields: StrategyFields): OpenCache<PurgeableCache>;
  /** Sums since the start; with `status` they never go back. */
  ended(): EndedCounters;
  /** What all workers, also ended ones, have counted of requests. */
  metrics(): MetricStore;
  /** Stops accepting; resolves with true when all requests finished within `graceMs`. */
  drain(graceMs: number): Promise<boolean>;
  reopenLogs(): void;
  /** Resolves with the reason when the data plane gives up; stays pending while it works. */
  readonly failed: Promise<Error>;
}

export interface DataPlaneOptions {
  readonly settings: Settings;
  readonly logs: Logs;
  /** For listeners with `ssl` and names without a certificate of their own. */
  readonly defaultTls: TlsPair | undefined;
  readonly config: Config;
  readonly compile?: CompileOptions;
  /** What this process does not hold itself. */
  readonly shared?: SharedState;
}
