/** Connections to upstreams: one undici pool per connection identity, shared by all gateways. */
import type { Socket } from 'node:net';
import type { Dispatcher, Pool } from 'undici';
import type { Logger } from '../log.ts';
import type { Settings } from '../settings/types.ts';
import { undici } from '../undici.ts';
import { connectUpstream, type ConnectTarget } from './connect.ts';
import type { Peer, UpstreamPools, UpstreamTls } from './types.ts';

export type PoolSettings = Pick<
  Settings,
  'upstreamKeepalivePoolSize' | 'upstreamKeepaliveMaxRequests' | 'upstreamKeepaliveIdleTimeoutMs'
>;

/** How often unused pools are looked for; a pool goes after one whole period without use. */
const SWEEP_MS = 60_000;
/** The longest a timer can be: stands for "no limit". */
const FOREVER_MS = 2_147_483_647;

/** 0 means no limit. */
const idleTimeoutMs = (settings: PoolSettings): number =>
  settings.upstreamKeepaliveIdleTimeoutMs || FOREVER_MS;

interface Entry {
  readonly pool: BoundedPool;
  /** Set by every use, cleared by every sweep. */
  used: boolean;
}

/** Pools of real connections. */
export interface ConnectionPools extends UpstreamPools {
  get(...identity: Parameters<UpstreamPools['get']>): Dispatcher;
}

/**
 * Makes the process' pools. The dispatcher that `get` returns is good for the current tick: a later
 * one asks again, because unused pools are closed. A failed connect reaches the dispatch handler's
 * `onError` as a ProxyError (ERR_UPSTREAM_CONNECT or ERR_UPSTREAM_TIMEOUT) before any `onConnect`.
 * `close` ends what is still running too. `sweepMs` is for tests.
 */
export function createPools(
  settings: PoolSettings,
  log: Logger,
  sweepMs: number = SWEEP_MS,
): ConnectionPools {
  const entries = new Map<string, Entry>();
  const sweeper = setInterval(() => sweep(entries, log), sweepMs);
  sweeper.unref();
  // Peers outlive requests: the key of a plain connection need not be spelled out for each of them.
  const plainKeys = new WeakMap<Peer, { readonly timeoutMs: number; readonly key: string }>();
  function plainKey(peer: Peer, timeoutMs: number): string {
    const known = plainKeys.get(peer);
    if (known?.timeoutMs === timeoutMs) return known.key;
    const key = keyOf(peer, timeoutMs, undefined, undefined);
    plainKeys.set(peer, { timeoutMs, key });
    return key;
  }
  return {
    get(peer, timeoutMs, tls, serverName) {
      const key =
        tls === undefined ? plainKey(peer, timeoutMs) : keyOf(peer, timeoutMs, tls, serverName);
      let entry = entries.get(key);
      if (entry === undefined) {
        const target = { peer, tls, serverName, timeoutMs, allowHalfOpen: false };
        const connect = connector(target, idleTimeoutMs(settings));
        entry = { pool: createBoundedPool(originOf(peer), settings, connect), used: true };
        entries.set(key, entry);
      }
      entry.used = true;
      return entry.pool;
    },
    async close() {
      clearInterval(sweeper);
      const pools = [...entries.values()];
      entries.clear();
      await Promise.all(pools.map(({ pool }) => pool.destroy()));
    },
  };
}

/** Plain connections do not differ by name: Kong's key is address and port there. */
function keyOf(
  peer: Peer,
  connectTimeoutMs: number,
  tls: UpstreamTls | undefined,
  serverName: string | undefined,
): string {
  const address = `${peer.ip}|${peer.port}|${connectTimeoutMs}`;
  return tls === undefined ? address : `${address}|${serverName ?? peer.hostname}|${tls.id}`;
}

/**
 * Always `http:`, also with TLS: the connector knows what to do, and with `https:` undici would
 * drop a connection whenever the Host header of a request differs from the one before.
 */
function originOf(peer: Peer): string {
  return `http://${peer.ip.includes(':') ? `[${peer.ip}]` : peer.ip}:${peer.port}`;
}

type Connect = Extract<Pool.Options['connect'], (...args: never) => unknown>;

function connector(target: ConnectTarget, idleMs: number): Connect {
  return (_options, done) => {
    connectUpstream(target, (error, socket) => {
      if (error === null) {
        closeIfUnused(socket, idleMs);
        done(null, socket);
      } else done(error, null);
    });
  };
}

/**
 * undici connects anew for a request that was aborted meanwhile, and then has no use for the
 * connection. The next request may take it; if none comes, no timeout of undici's would end it.
 */
function closeIfUnused(socket: Socket, idleMs: number): void {
  const timer = setTimeout(() => {
    if (socket.bytesWritten === 0) socket.destroy();
  }, idleMs);
  timer.unref();
  socket.once('close', () => {
    clearTimeout(timer);
  });
}

function sweep(entries: Map<string, Entry>, log: Logger): void {
  for (const [key, entry] of entries) {
    if (entry.used || entry.pool.busy()) {
      entry.used = false;
      continue;
    }
    entries.delete(key);
    entry.pool.close().catch((error: unknown) => {
      log.warn({ err: error }, 'an unused upstream pool did not close');
    });
  }
}

/**
 * `upstream_keepalive_pool_size` limits the connections that are kept, not those in use. So the pool
 * has that many lasting ones; while all are busy, requests take connections that close after them.
 */
function defineBoundedPool() {
  return class BoundedPool extends undici().Pool {
    readonly #overflow: Pool;
    /** True from the request that took the last lasting connection until one is free again. */
    #full = false;

    constructor(origin: string, settings: PoolSettings, connect: Connect) {
      const { upstreamKeepalivePoolSize: size, upstreamKeepaliveMaxRequests: uses } = settings;
      const reuse = size > 0 && uses !== 1;
      const idleMs = idleTimeoutMs(settings);
      super(origin, {
        connect,
        connections: size > 0 ? size : null,
        // 0 means one request per connection: undici then sends `Connection: close`.
        pipelining: reuse ? 1 : 0,
        keepAliveTimeout: idleMs,
        keepAliveMaxTimeout: idleMs,
        // undici closes with the request after the last counted one.
        ...(uses > 1 ? { maxRequestsPerClient: uses - 1 } : {}),
      });
      this.#overflow = new (undici().Pool)(origin, { connect, pipelining: 0 });
      this.on('drain', () => {
        this.#full = false;
      });
    }

    override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) {
      if (this.#full) return this.#overflow.dispatch(options, handler);
      this.#full = !super.dispatch(options, handler);
      return true;
    }

    /** True while a connection is open or a request waits. */
    busy(): boolean {
      const { connected, size } = this.stats;
      return connected > 0 || size > 0 || this.#overflow.stats.size > 0;
    }
  };
}

type BoundedPool = InstanceType<ReturnType<typeof defineBoundedPool>>;

let Bounded: ReturnType<typeof defineBoundedPool> | undefined;

/** The class is defined on first use: it extends one of undici's. */
function createBoundedPool(origin: string, settings: PoolSettings, connect: Connect): BoundedPool {
  Bounded ??= defineBoundedPool();
  return new Bounded(origin, settings, connect);
}
