/**
 * One request to an upstream: picks a peer, dispatches on its pool, retries on the next peer within
 * Kong's rules, and streams the answer to a sink with backpressure.
 * Callbacks, not promises: this is the hottest code of the gateway.
 */
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { ProxyError } from '../errors.ts';
import type { HeaderList } from '../http/headers.ts';
import type { Try } from '../plugin.ts';
import type { UpstreamBody } from './body.ts';
import { BAD_UPSTREAM, SLOW_UPSTREAM } from './connect.ts';
import type { Peer, PeerSource, PeerUsage, UpstreamPools, UpstreamTls } from './types.ts';
import { HOST_VALUE, hostName, upstreamHost } from './upstream-head.ts';

/** Everything about a service that its requests share; compiled once per load. */
export interface UpstreamTarget {
  readonly peers: PeerSource;
  readonly tls: UpstreamTls | undefined;
  /** Tries after the first. */
  readonly retries: number;
  readonly connectTimeoutMs: number;
  readonly writeTimeoutMs: number;
  readonly readTimeoutMs: number;
}

export interface UpstreamRequest {
  readonly target: UpstreamTarget;
  readonly pools: UpstreamPools;
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  /** From `buildUpstreamHead`; Host is filled in for every try, Content-Length once. */
  readonly headers: HeaderList;
  /** The client's Host when the route preserves it. */
  readonly preservedHost: string | undefined;
  /** What an Upstream hashes the request by, as bytes; empty when by nothing. */
  readonly hashKey: string;
  readonly body: UpstreamBody;
}

/** Where the answer goes. After `onFail` or `onEnd` nothing follows. */
export interface UpstreamSink {
  /** The final head (never a 1xx). `resume` lets the body flow again after `onData` returned false. */
  onHead(status: number, headers: HeaderList, resume: () => void): void;
  /** False asks for no more until `resume`. */
  onData(chunk: Buffer): boolean;
  onEnd(trailers: HeaderList): void;
  onFail(error: ProxyError): void;
}

/** Requests that may have had an effect are not sent twice (nginx: POST, LOCK, PATCH). */
const NON_IDEMPOTENT: ReadonlySet<string> = new Set(['POST', 'LOCK', 'PATCH']);

function toProxyError(error: Error): ProxyError {
  if (error instanceof ProxyError) return error;
  const code = 'code' in error ? error.code : undefined;
  switch (code) {
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
    case 'ETIMEDOUT':
      return new ProxyError('ERR_UPSTREAM_TIMEOUT', SLOW_UPSTREAM, { cause: error });
    case 'ECONNREFUSED':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return new ProxyError('ERR_UPSTREAM_CONNECT', BAD_UPSTREAM, { cause: error });
    default:
      return new ProxyError('ERR_UPSTREAM_RESPONSE', BAD_UPSTREAM, { cause: error });
  }
}

/** undici hands header bytes over as `[name, value, …]`; HTTP/1.1 fields are latin1. */
function toHeaderList(raw: readonly (Buffer | string)[] | null): HeaderList {
  if (raw === null) return [];
  const list: HeaderList = [];
  for (const part of raw) list.push(typeof part === 'string' ? part : part.toString('latin1'));
  return list;
}

/** A request in flight. `abort` stops it at any time; the sink then hears nothing more. */
export class UpstreamCall implements Dispatcher.DispatchHandler {
  readonly tries: Try[] = [];
  /** When the last try had its peer: the end of what Kong calls its own latency. Milliseconds. */
  balancedAt = 0;
  readonly #request: UpstreamRequest;
  readonly #sink: UpstreamSink;
  readonly #failedPeers: Peer[] = [];
  #abortTry: ((error?: Error) => void) | undefined;
  #bytesSent = false;
  /** 0 until a final head has come. */
  #status = 0;
  #done = false;
  /** Of the try under way. */
  #usage: PeerUsage | undefined;

  constructor(request: UpstreamRequest, sink: UpstreamSink) {
    this.#request = request;
    this.#sink = sink;
  }

  /** Begins the first try. */
  start(): void {
    const { body, headers } = this.#request;
    // undici counts bytes in memory by itself.
    if (body.kind === 'file') headers.push('Content-Length', String(body.size));
    if (body.kind === 'stream' && body.length !== undefined) {
      headers.push('Content-Length', String(body.length));
    }
    this.#nextTry();
  }

  /** The client is gone: ends the upstream request too. */
  abort(): void {
    if (this.#done) return;
    this.#done = true;
    this.#abortTry?.(new ProxyError('ERR_CLIENT_ABORTED', 'the client closed the connection'));
    this.#endTry(undefined);
    this.#releaseBody();
  }

  #nextTry(): void {
    const { target, hashKey } = this.#request;
    let peer: Peer | Promise<Peer>;
    try {
      peer = target.peers.next(this.#failedPeers, hashKey);
    } catch (error) {
      this.#fail(toError(error));
      return;
    }
    if (peer instanceof Promise) void this.#dispatchWhenKnown(peer);
    else this.#dispatch(peer);
  }

  async #dispatchWhenKnown(pending: Promise<Peer>): Promise<void> {
    try {
      const peer = await pending;
      if (!this.#done) this.#dispatch(peer);
    } catch (error) {
      this.#fail(toError(error));
    }
  }

  #dispatch(peer: Peer): void {
    const { target, pools, method, path, headers, preservedHost } = this.#request;
    const host = upstreamHost({
      preserved: preservedHost,
      hostHeader: target.peers.hostHeader,
      hostname: peer.hostname,
      port: peer.port,
      tls: target.tls !== undefined,
    });
    this.balancedAt = performance.now();
    this.#usage = peer.usage;
    peer.usage?.begin();
    this.tries.push({ ip: peer.ip, port: peer.port, startedAt: Date.now(), error: undefined });
    this.#failedPeers.push(peer);
    headers[HOST_VALUE] = host;
    this.#abortTry = undefined;
    try {
      const serverName = target.tls === undefined ? undefined : hostName(host);
      pools.get(peer, target.connectTimeoutMs, target.tls, serverName).dispatch(
        {
          path,
          method,
          headers,
          body: this.#openBody(),
          headersTimeout: target.readTimeoutMs,
          bodyTimeout: target.readTimeoutMs,
        },
        this,
      );
    } catch (error) {
      this.#fail(toError(error));
    }
  }

  #openBody(): Buffer | Readable | null {
    const { body, target } = this.#request;
    if (body.kind === 'none') return null;
    if (body.kind === 'memory') return body.bytes;
    return this.#guardWrites(body.open(), target.writeTimeoutMs);
  }

  /** undici pauses the body while the upstream does not read: that must end (`write_timeout`). */
  #guardWrites(body: Readable, timeoutMs: number): Readable {
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => clearTimeout(timer);
    body.on('pause', () => {
      stop();
      timer = setTimeout(() => {
        this.#abortTry?.(new ProxyError('ERR_UPSTREAM_TIMEOUT', SLOW_UPSTREAM));
      }, timeoutMs);
    });
    body.on('resume', stop);
    body.on('close', stop);
    return body;
  }

  onConnect(abort: (error?: Error) => void): void {
    this.#abortTry = abort;
    if (this.#done) {
      abort(new ProxyError('ERR_CLIENT_ABORTED', 'the client closed the connection'));
      return;
    }
    this.#bytesSent = true;
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void): boolean {
    if (this.#done) return false;
    // Interim answers end here, as with Kong: 100 was for us, 102 and 103 carry nothing we need.
    if (status < 200) return true;
    this.#status = status;
    this.#usage?.answer(status);
    this.#sink.onHead(status, toHeaderList(raw), resume);
    return true;
  }

  onUpgrade(): void {
    // Nothing sent from here asks for an upgrade, so an upstream that switches protocols is broken.
    this.#abortTry?.();
  }

  onData(chunk: Buffer): boolean {
    return this.#done ? false : this.#sink.onData(chunk);
  }

  onComplete(trailers: string[] | null): void {
    if (this.#done) return;
    this.#done = true;
    this.#endTry(performance.now() - this.balancedAt);
    this.#releaseBody();
    this.#sink.onEnd(toHeaderList(trailers));
  }

  onError(error: Error): void {
    if (this.#done) return;
    if (this.#isWholeWithoutBody(error)) {
      this.onComplete(null);
      return;
    }
    const failure = toProxyError(error);
    const last = this.tries.at(-1);
    if (last !== undefined) this.tries[this.tries.length - 1] = { ...last, error: failure.code };
    const mayRetry = this.#mayRetry();
    // Once there is a status, it has said what there is to say about the peer's health.
    if (this.#status === 0) this.#usage?.fail(failure.code, !mayRetry);
    this.#endTry(undefined);
    if (mayRetry) {
      this.#bytesSent = false;
      this.#nextTry();
      return;
    }
    this.#fail(failure);
  }

  #endTry(ms: number | undefined): void {
    const usage = this.#usage;
    this.#usage = undefined;
    usage?.end(ms);
  }

  /** The length in such an answer is another answer's (RFC 9110 section 8.6); undici waits for it. */
  #isWholeWithoutBody(error: Error): boolean {
    const isBodiless = this.#status === 204 || this.#status === 304;
    return isBodiless && 'code' in error && error.code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
  }

  #mayRetry(): boolean {
    const { target, method, body } = this.#request;
    if (this.#status !== 0 || this.tries.length > target.retries) return false;
    if (body.kind === 'stream' && body.started()) return false;
    return !this.#bytesSent || !NON_IDEMPOTENT.has(method);
  }

  #fail(error: Error): void {
    if (this.#done) return;
    this.#done = true;
    this.#endTry(undefined);
    this.#releaseBody();
    this.#sink.onFail(toProxyError(error));
  }

  #releaseBody(): void {
    const { body } = this.#request;
    if (body.kind === 'file' || body.kind === 'stream') body.release();
  }
}

const toError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown));
