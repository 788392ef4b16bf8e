/** The settings of one process, complete: kong.conf names in camel case, units in names. */
import type { TracingSettings } from '../tracing/spans.ts';

export interface Listener {
  readonly host: string;
  /** 0 asks the system for a free port (tests). */
  readonly port: number;
  readonly ssl: boolean;
  readonly http2: boolean;
  readonly proxyProtocol: boolean;
  readonly backlog: number | undefined;
  readonly ipv6Only: boolean;
}

export type LogLevel = 'debug' | 'info' | 'notice' | 'warn' | 'error' | 'crit' | 'alert' | 'emerg';

/** Where a log goes: nowhere, a standard stream, or a file (relative paths are below the prefix). */
export type LogTarget =
  | { readonly kind: 'off' }
  | { readonly kind: 'stdout' }
  | { readonly kind: 'stderr' }
  | { readonly kind: 'file'; readonly path: string };

/** Which of Kong's informational headers are sent (`headers`, `headers_upstream`). */
export interface HeaderTokens {
  readonly server: boolean;
  readonly via: boolean;
  readonly proxyLatency: boolean;
  readonly responseLatency: boolean;
  readonly upstreamLatency: boolean;
  readonly adminLatency: boolean;
  readonly upstreamStatus: boolean;
  readonly requestId: boolean;
  readonly upstreamRequestId: boolean;
}

export interface Settings {
  readonly prefix: string;
  /** Worker processes; 1 runs everything in this process. */
  readonly workers: number;
  readonly nodeId: string;
  readonly hostname: string;
  readonly proxyListen: readonly Listener[];
  readonly adminListen: readonly Listener[];
  readonly statusListen: readonly Listener[];
  /** Listener port → public port (`port_maps`). */
  readonly portMaps: ReadonlyMap<number, number>;
  /** One token for everything, without a name. */
  readonly adminToken: string | undefined;
  /** File of named tokens, absolute; it is read at each request, so that a change counts at once. */
  readonly adminTokensFile: string | undefined;
  /** Names, lower case, by which the Admin API may be called beside the listeners' own. */
  readonly adminHosts: readonly string[];
  /** PEM of the CAs whose certificates clients must have on listeners with `ssl`. */
  readonly adminClientCa: string | undefined;
  /** Addresses beyond this machine that anybody may use, on purpose (`admin_unguarded`). */
  readonly adminUnguarded: readonly string[];
  /** Whether the Admin API edits the declarative files. */
  readonly adminWrite: boolean;

  /** Files and folders, absolute, and `-` for standard input; none: empty. */
  readonly declarativeConfig: readonly string[];
  readonly declarativeConfigString: string | undefined;
  /** Whether `${NAME}` and `${file:…}` in declarative files are replaced. */
  readonly interpolate: boolean;
  readonly watch: boolean;
  /** Names of the plugins of this build that are enabled. */
  readonly plugins: readonly string[];
  /** Plugins of the user's own: they have their names in them. */
  readonly ownPlugins: readonly PluginLocation[];
  readonly vaultEnvPrefix: string | undefined;

  readonly logLevel: LogLevel;
  readonly logFormat: 'json' | 'pretty';
  readonly proxyAccessLog: LogTarget;
  readonly proxyErrorLog: LogTarget;
  readonly adminAccessLog: LogTarget;
  readonly adminErrorLog: LogTarget;
  /** Who changed what through the Admin API. */
  readonly adminAuditLog: LogTarget;
  readonly statusAccessLog: LogTarget;
  readonly statusErrorLog: LogTarget;

  /** `undefined`: off. */
  readonly tracing: TracingSettings | undefined;

  readonly headers: HeaderTokens;
  readonly trustedIps: readonly string[];
  /** Lower case; `proxy_protocol` is refused until listeners speak it. */
  readonly realIpHeader: string;
  readonly realIpRecursive: boolean;
  readonly errorDefaultType: 'application/json' | 'application/xml' | 'text/html' | 'text/plain';
  readonly allowDebugHeader: boolean;

  /** 0 = unlimited. */
  readonly clientMaxBodyBytes: number;
  /** Bodies up to this size stay in memory while buffered; larger ones go to a temporary file. */
  readonly clientBodyBufferBytes: number;
  readonly adminMaxBodyBytes: number;
  readonly clientHeaderTimeoutMs: number;
  readonly clientBodyTimeoutMs: number;
  readonly clientKeepaliveTimeoutMs: number;
  readonly clientKeepaliveRequests: number;
  /** One header line or the request line; nginx' `large_client_header_buffers` 4 8k. */
  readonly headerLineBytesMax: number;
  readonly headerBytesMax: number;

  readonly upstreamKeepalivePoolSize: number;
  readonly upstreamKeepaliveMaxRequests: number;
  readonly upstreamKeepaliveIdleTimeoutMs: number;
  /** Default for services without `tls_verify`. */
  readonly upstreamTlsVerify: boolean;
  /** PEM bundle for verifying upstreams without `ca_certificates`; absent = the runtime's own store. */
  readonly trustedCertificates: string | undefined;

  /** PEM, leaf first. Absent: a self-signed pair is made at start. */
  readonly proxyTls: TlsPair | undefined;
  readonly adminTls: TlsPair | undefined;
  readonly statusTls: TlsPair | undefined;
  readonly clientTls: TlsPair | undefined;
  readonly tlsMinVersion: 'TLSv1' | 'TLSv1.2' | 'TLSv1.3';
  readonly tlsMaxVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly tlsCiphers: string | undefined;
  /** The listeners' order of ciphers counts, not the client's. */
  readonly tlsPreferServerCiphers: boolean;
  readonly tlsSessionTickets: boolean;
  readonly tlsSessionTimeoutSeconds: number;

  readonly dns: DnsSettings;
  /** Where generated keysets are kept. */
  readonly data: DataSettings;
  /** How much of the declarative files' history is kept beside the keysets. */
  readonly history: HistorySettings;
  /** Memory for answers that are kept (`mem_cache_size`). */
  readonly memCacheBytes: number;
  /** How long in-flight requests may take to finish after SIGTERM. */
  readonly gracePeriodMs: number;
  /** Effective value of every property by its kong.conf name, secrets masked: for `GET /`. */
  readonly effective: ReadonlyMap<string, unknown>;
}

/** Where a plugin of the user's own is. */
export type PluginLocation =
  /** Absolute. */
  | { readonly kind: 'file'; readonly path: string }
  /** A package that Node finds from `folder`, which is absolute. */
  | { readonly kind: 'package'; readonly name: string; readonly folder: string };

export interface DataSettings {
  /** Absolute; made on first use. */
  readonly folder: string;
  /** 32 bytes in base64 that encrypt what is stored; absent: stored in the clear. */
  readonly key: string | undefined;
  /** URL of the Redis that several nodes share, instead of the folder. */
  readonly redis: string | undefined;
}

export interface HistorySettings {
  /** 0 keeps none. */
  readonly versions: number;
  readonly bytes: number;
}

export interface TlsPair {
  readonly cert: string;
  readonly key: string;
}

export interface DnsSettings {
  /** `ip:port`; empty = resolv.conf. */
  readonly servers: readonly string[];
  readonly hostsFile: string;
  readonly order: readonly ('LAST' | 'SRV' | 'A' | 'AAAA' | 'CNAME')[];
  /** Overrides the records' own TTL. */
  readonly validTtlMs: number | undefined;
  readonly staleTtlMs: number;
  readonly notFoundTtlMs: number;
  readonly errorTtlMs: number;
  readonly cacheSize: number;
}
