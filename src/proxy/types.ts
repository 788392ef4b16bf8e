/** The pieces the proxy is assembled from. */
import type { ClientHttp2Session } from 'node:http2';
import type { Dispatcher } from 'undici';
import type { ProxyError, ProxyErrorCode } from '../errors.ts';
import type { HashSource } from './balancer/hash-source.ts';

/** One address to connect to. */
export interface Peer {
  readonly ip: string;
  readonly port: number;
  /** What the service or target was called: the Host header and TLS server name come from it. */
  readonly hostname: string;
  /** Who wants to hear what becomes of a request to it; a plain host's peers have nobody. */
  readonly usage?: PeerUsage;
}

/** Hears of every try of a peer: `begin`, then `answer` or `fail`, then `end`. */
export interface PeerUsage {
  begin(): void;
  /** A final head has come. */
  answer(status: number): void;
  /** @param isLast nothing else is tried for this request */
  fail(code: ProxyErrorCode, isLast: boolean): void;
  /** @param ms from the choice to the end of the answer; `undefined` when there was no whole one */
  end(ms: number | undefined): void;
}

/** Hands out peers; one per service (plain host) or per Upstream entity (targets). */
export interface PeerSource {
  /**
   * The peer for the next try, synchronously when every name is in the DNS cache. `tried` are the
   * peers that failed this request; `hashKey` is what it is hashed by, as bytes. Throws or rejects
   * with ProxyError: ERR_NAME_RESOLUTION, ERR_DNS_SERVER, ERR_NO_PEER.
   */
  next(tried: readonly Peer[], hashKey: string): Peer | Promise<Peer>;
  /** An Upstream's `host_header`, else `undefined`. */
  readonly hostHeader: string | undefined;
  /** Where the hash key comes from; empty when it does not matter. */
  readonly hashing: readonly HashSource[];
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
  get(
    peer: Peer,
    connectTimeoutMs: number,
    tls?: UpstreamTls,
    serverName?: string,
  ): Pick<Dispatcher, 'dispatch'>;
  close(): Promise<void>;
}

/** One HTTP/2 connection, lent for one stream. */
export interface LentSession {
  readonly session: ClientHttp2Session;
  /** To be called once, when the stream is over. */
  release(): void;
}

/** HTTP/2 connections to upstreams, shared by every gateway of a process. */
export interface Http2Sessions {
  /**
   * Calls back once, at once when there is room on a connection that stands. The error is a
   * ProxyError as of `connectUpstream`: nothing was sent. The function that is returned gives up.
   */
  acquire(identity: SessionIdentity, done: SessionCallback): () => void;
  close(): void;
}

export type SessionCallback = (...outcome: [null, LentSession] | [ProxyError, null]) => void;

/** What makes two HTTP/2 connections to one address different. */
export interface SessionIdentity {
  readonly peer: Peer;
  readonly tls: UpstreamTls | undefined;
  readonly serverName: string | undefined;
  readonly connectTimeoutMs: number;
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
