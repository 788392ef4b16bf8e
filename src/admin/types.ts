/** What the Admin and Status API need from the process, and what their functions hand each other. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { OpenCache } from '../answer-cache/strategy.ts';
import type { PurgeableCache } from '../answer-cache/types.ts';
import type { DocumentSource } from '../config/load.ts';
import type { PluginSchemas } from '../config/schemas.ts';
import type { Config } from '../config/types.ts';
import type { ConfigError } from '../errors.ts';
import type { KeyAdmin } from '../keys/admin.ts';
import type { Logger } from '../log.ts';
import type { Balancer } from '../proxy/balancer/balancer.ts';
import type { MetricStore } from '../metrics/store.ts';
import type { AdminToken } from '../settings/admin-tokens.ts';
import type { Settings } from '../settings/types.ts';
import type { AuditTrail } from './audit.ts';
import type { ConfigWriter } from './write/types.ts';

export type { DocumentSource } from '../config/load.ts';

/** A request over either version of HTTP. */
export type ServerRequest = IncomingMessage | Http2ServerRequest;
/** The answer to it. */
export type ServerAnswer = ServerResponse | Http2ServerResponse;

export interface ApplyOptions {
  /** Answer `unchanged` when the text is the one that is loaded (Kong: `check_hash`). */
  readonly checkHash: boolean;
}

/** What became of a config: `applied` means that it is live in every worker. */
export type ApplyOutcome =
  | { readonly kind: 'applied'; readonly config: Config }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'rejected'; readonly error: ConfigError }
  | { readonly kind: 'busy' }
  | { readonly kind: 'exiting' };

/** Connections of the proxy listeners of all workers, counted since the start where not current. */
export interface ConnectionCounters {
  readonly accepted: number;
  readonly handled: number;
  readonly active: number;
  readonly reading: number;
  readonly writing: number;
  readonly waiting: number;
  readonly requests: number;
}

export interface WorkerMemory {
  readonly pid: number;
  readonly heapUsedBytes: number;
}

/** Whether traffic may come; `building` counts the workers that run the newest config. */
export type Readiness =
  | { readonly kind: 'ready' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'building'; readonly ready: number; readonly workers: number }
  | { readonly kind: 'draining' };

/** The process at one moment. */
export interface NodeStatus {
  readonly pids: { readonly master: number; readonly workers: readonly number[] };
  readonly connections: ConnectionCounters;
  /** One entry per worker. */
  readonly memory: readonly WorkerMemory[];
  readonly readiness: Readiness;
}

/** What `GET /` tells about a plugin. */
export interface PluginFacts {
  readonly name: string;
  readonly priority: number;
  /** Absent: that of Kong. */
  readonly version?: string | undefined;
}

/** The plugins of one load. */
export interface AdminPlugins {
  /** Those that the settings enable, the user's own included. */
  readonly enabled: readonly PluginFacts[];
  /** Of every plugin that there is. */
  readonly schemas: PluginSchemas;
}

/** The part of a balancer that these APIs need. */
export type UpstreamBalancer = Pick<Balancer, 'settle' | 'status' | 'mark'>;

/** The settings that these APIs read or show. */
export type AdminSettings = Pick<
  Settings,
  | 'hostname'
  | 'nodeId'
  | 'adminListen'
  | 'statusListen'
  | 'adminToken'
  | 'adminTokensFile'
  | 'adminHosts'
  | 'adminClientCa'
  | 'adminMaxBodyBytes'
  | 'clientBodyTimeoutMs'
  | 'logLevel'
  | 'headers'
  | 'effective'
  | 'vaultEnvPrefix'
>;

/** The answers that one entry of the proxy-cache plugin keeps. */
export interface PluginCache {
  readonly pluginId: string;
  readonly open: () => OpenCache<PurgeableCache>;
}

/** How the handlers reach the process. Every function may be called at any time. */
export interface AdminDeps {
  readonly settings: AdminSettings;
  /** The tokens that have names, as they are now. Never rejects; empty when there are none. */
  namedTokens(): Promise<readonly AdminToken[]>;
  /** Of the config that serves now. */
  plugins(): AdminPlugins;
  /** The config that serves now. */
  config(): Config;
  /** Loads and activates a config; an invalid one changes nothing. Rejects on our own bugs only. */
  apply(source: DocumentSource, options: ApplyOptions): Promise<ApplyOutcome>;
  /** Writes to the declarative files; absent: `admin_write` is off, and writes are refused. */
  readonly writer?: ConfigWriter | undefined;
  node(): NodeStatus;
  /** What is known of an Upstream's targets. */
  balancer(upstreamId: string): UpstreamBalancer | undefined;
  /** Generated keysets and providers' keys, of this node. */
  readonly keys: KeyAdmin;
  /** Of every entry of the proxy-cache plugin, the answers it keeps; what is opened has to be closed. */
  answerCaches(): readonly PluginCache[];
  /** What all workers have counted of requests. */
  metrics(): Pick<MetricStore, 'series' | 'rejected'>;
  /** Told of every write and every wrong token. */
  readonly audit: AuditTrail;
  /** From now on not ready, until the process ends. */
  drain(): void;
  readonly log: Logger;
}
