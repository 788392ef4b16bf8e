/** The pieces the proxy is assembled from. */
import type { Dispatcher } from 'undici';

/** One address to connect to. */
export interface Peer {
  readonly ip: string;
  readonly port: number;
  /** What the service or target was called: the Host header and TLS server name come from it. */
  readonly hostname: string;
}

/** Hands out peers; one per service (plain host) or per Upstream entity (targets). */
export interface PeerSource {
  /**
   * The peer for the next try, synchronously when every name is in the DNS cache. `tried` are the
   * peers that failed this request. Throws or rejects with ProxyError: ERR_NAME_RESOLUTION,
   * ERR_DNS_SERVER, ERR_NO_PEER.
   */
  next(tried: readonly Peer[]): Peer | Promise<Peer>;
  /** An Upstream's `host_header`, else `undefined`. */
  readonly hostHeader: string | undefined;
  /** True when peers come from an Upstream entity: Host is then the target's name. */
  readonly balanced: boolean;
  close(): void;
}

/** What makes two TLS connections to one address different. */
export interface UpstreamTls {
  /** Equal for equal options: part of the pool key. */
  readonly id: string;
  readonly rejectUnauthorized: boolean;
  /** PEM; absent = the default store. */
  readonly ca: readonly string[] | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Longest chain of intermediates allowed; absent = no own limit. */
  readonly verifyDepth: number | undefined;
}

/** Connections to upstreams, shared by every gateway of a process so that a reload closes none. */
export interface UpstreamPools {
  /** The pool for one connection identity. `serverName` only with `tls`. */
  get(peer: Peer, connectTimeoutMs: number, tls?: UpstreamTls, serverName?: string): Dispatcher;
  close(): Promise<void>;
}

/** A name's addresses. */
export interface ResolvedAddress {
  readonly ip: string;
  /** From an SRV record, where 0 means none, else `undefined`. */
  readonly port: number | undefined;
  readonly weight: number;
  /** The name an SRV record leads to (`use_srv_name`), else `undefined`. */
  readonly name: string | undefined;
}

export interface NameResolver {
  /** Synchronous on a cache hit (also a stale one, refreshed behind). Rejects with ProxyError. */
  resolve(host: string): readonly ResolvedAddress[] | Promise<readonly ResolvedAddress[]>;
  close(): void;
}
