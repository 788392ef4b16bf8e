/** HTTP/2 connections to upstreams: a few per connection identity, each for many streams at a time. */
import { connect, type ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { ProxyError } from '../errors.ts';
import type { Settings } from '../settings/types.ts';
import { connectUpstream } from './connect.ts';
import type { Http2Sessions, LentSession, SessionCallback, SessionIdentity } from './types.ts';

export type SessionSettings = Pick<
  Settings,
  'upstreamKeepalivePoolSize' | 'upstreamKeepaliveMaxRequests' | 'upstreamKeepaliveIdleTimeoutMs'
>;

/** Streams of one connection at a time, where the upstream allows more. */
export const STREAMS_MAX = 100;
/** What node:http2 lets a stream have under way (RFC 9113 section 6.9.2). */
const STREAM_WINDOW_BYTES = 65_535;

/** A connection and what it is used for. */
interface Held {
  readonly session: ClientHttp2Session;
  streams: number;
  /** Streams since it was opened. */
  uses: number;
  /** No more new streams: it goes away with the last one it has. */
  isLeaving: boolean;
  idleTimer: NodeJS.Timeout | undefined;
}

interface Origin {
  readonly held: Set<Held>;
  /** Who waits for a connection, in order. */
  readonly waiting: Set<SessionCallback>;
  connecting: number;
  /** Takes it out of the pool, once nothing is left of it. */
  readonly forget: () => void;
}

/** Makes the process' HTTP/2 connections. */
export function createHttp2Sessions(settings: SessionSettings): Http2Sessions {
  const origins = new Map<string, Origin>();
  return {
    acquire(identity, done) {
      const key = keyOf(identity);
      let origin = origins.get(key);
      if (origin === undefined) {
        const forget = (): void => void origins.delete(key);
        origin = { held: new Set(), waiting: new Set(), connecting: 0, forget };
        origins.set(key, origin);
      }
      const { held, waiting } = origin;
      const free = [...held].find(hasRoom);
      if (free !== undefined) {
        done(null, lend(free, settings));
        return () => {};
      }
      waiting.add(done);
      if (waiting.size > origin.connecting * STREAMS_MAX) open(identity, origin, settings);
      return () => void waiting.delete(done);
    },
    close() {
      for (const { held } of origins.values()) for (const { session } of held) session.destroy();
      origins.clear();
    },
  };
}

function keyOf({ peer, tls, serverName, connectTimeoutMs }: SessionIdentity): string {
  const address = `${peer.ip}|${peer.port}|${connectTimeoutMs}`;
  return tls === undefined ? address : `${address}|${serverName ?? peer.hostname}|${tls.id}`;
}

function hasRoom({ session, streams, isLeaving }: Held): boolean {
  if (isLeaving || session.closed || session.destroyed) return false;
  const { maxConcurrentStreams = STREAMS_MAX } = session.remoteSettings;
  return streams < Math.min(maxConcurrentStreams, STREAMS_MAX);
}

function lend(held: Held, settings: SessionSettings): LentSession {
  const { upstreamKeepalivePoolSize: size, upstreamKeepaliveMaxRequests: usesMax } = settings;
  clearTimeout(held.idleTimer);
  held.streams++;
  held.uses++;
  // Without keep-alive a connection is for one stream, as with Kong.
  if (size === 0 || (usesMax > 0 && held.uses >= usesMax)) held.isLeaving = true;
  let isReleased = false;
  return {
    session: held.session,
    release() {
      if (isReleased) return;
      isReleased = true;
      held.streams--;
      if (held.streams === 0) rest(held, settings);
    },
  };
}

/** A connection without a stream waits for the next one, but not for ever. */
function rest(held: Held, { upstreamKeepaliveIdleTimeoutMs: idleMs }: SessionSettings): void {
  if (held.isLeaving) {
    held.session.close();
    return;
  }
  if (idleMs === 0) return;
  held.idleTimer = setTimeout(() => held.session.close(), idleMs);
  held.idleTimer.unref();
}

function open(identity: SessionIdentity, origin: Origin, settings: SessionSettings): void {
  const { peer, tls, serverName, connectTimeoutMs: timeoutMs } = identity;
  origin.connecting++;
  const target = {
    peer,
    tls,
    serverName,
    timeoutMs,
    allowHalfOpen: false,
    protocol: 'h2',
  } as const;
  connectUpstream(target, (error, socket) => {
    origin.connecting--;
    if (error === null) serve(adopt(socket, origin), origin, settings);
    else refuse(error, origin);
  });
}

function forgetIfEmpty({ held, waiting, connecting, forget }: Origin): void {
  if (held.size === 0 && waiting.size === 0 && connecting === 0) forget();
}

function adopt(socket: Socket, origin: Origin): Held {
  const { held } = origin;
  const session = connect('http://upstream', {
    createConnection: () => socket,
    settings: { enablePush: false },
  });
  const entry: Held = { session, streams: 0, uses: 0, isLeaving: false, idleTimer: undefined };
  held.add(entry);
  session.once('connect', () => {
    // A stream that nobody reads may fill its own window and not the whole connection's.
    session.setLocalWindowSize(STREAMS_MAX * STREAM_WINDOW_BYTES);
  });
  // Node lets the streams that the upstream has taken in come to their end (RFC 9113 section 6.8).
  session.on('goaway', () => {
    entry.isLeaving = true;
  });
  // Its streams hear of it themselves.
  session.on('error', () => {});
  session.once('close', () => {
    clearTimeout(entry.idleTimer);
    held.delete(entry);
    forgetIfEmpty(origin);
  });
  return entry;
}

/** The new connection takes as many as it has room for; for the rest another one is needed. */
function serve(entry: Held, origin: Origin, settings: SessionSettings): void {
  for (const done of origin.waiting) {
    if (!hasRoom(entry)) break;
    origin.waiting.delete(done);
    done(null, lend(entry, settings));
  }
  if (entry.streams === 0) rest(entry, settings);
}

/** What one cannot reach, the others who wait for it cannot reach either. */
function refuse(error: ProxyError, origin: Origin): void {
  const waiting = [...origin.waiting];
  origin.waiting.clear();
  for (const done of waiting) done(error, null);
  forgetIfEmpty(origin);
}
