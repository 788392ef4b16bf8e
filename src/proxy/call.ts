/**
 * What every request to an upstream does, whatever it speaks: pick a peer, try it, and on a failure
 * try the next one within Kong's rules. Callbacks, not promises: this is the hottest code of the gateway.
 */
import { ProxyError } from '../errors.ts';
import type { HeaderList } from '../http/headers.ts';
import type { Try } from '../plugin.ts';
import type { UpstreamBody } from './body.ts';
import { BAD_UPSTREAM, SLOW_UPSTREAM } from './connect.ts';
import type { Peer, PeerSource, PeerUsage, UpstreamTls } from './types.ts';
import { upstreamHost } from './upstream-head.ts';

/** Everything about a service that its requests share; compiled once per load. */
export interface UpstreamTarget {
  readonly peers: PeerSource;
  readonly tls: UpstreamTls | undefined;
  /** What the upstream speaks: HTTP/2 for services of gRPC only, as in Kong. */
  readonly speaks: 'http/1.1' | 'h2';
  /** Tries after the first. */
  readonly retries: number;
  readonly connectTimeoutMs: number;
  readonly writeTimeoutMs: number;
  readonly readTimeoutMs: number;
}

export interface CallRequest {
  readonly target: UpstreamTarget;
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
  /**
   * The final head (never a 1xx). `resume` lets the body flow again after `onData` returned false;
   * `isWhole` says that neither body nor trailers follow.
   */
  onHead(status: number, headers: HeaderList, resume: () => void, isWhole: boolean): void;
  /** False asks for no more until `resume`. */
  onData(chunk: Buffer): boolean;
  onEnd(trailers: HeaderList): void;
  onFail(error: ProxyError): void;
}

/** Requests that may have had an effect are not sent twice (nginx: POST, LOCK, PATCH). */
const NON_IDEMPOTENT: ReadonlySet<string> = new Set(['POST', 'LOCK', 'PATCH']);

/** A request in flight. `abort` stops it at any time; the sink then hears nothing more. */
export abstract class Call<Request extends CallRequest> {
  readonly tries: Try[] = [];
  /** When the last try had its peer: the end of what Kong calls its own latency. Milliseconds. */
  balancedAt = 0;
  protected readonly request: Request;
  protected readonly sink: UpstreamSink;
  protected bytesSent = false;
  /** 0 until a final head has come. */
  protected status = 0;
  protected done = false;
  readonly #failedPeers: Peer[] = [];
  /** When the choice of the try's peer began. */
  #askedAt = 0;
  /** Of the try under way. */
  #usage: PeerUsage | undefined;

  constructor(request: Request, sink: UpstreamSink) {
    this.request = request;
    this.sink = sink;
  }

  /** Sends the request to that peer. A throw fails the request. */
  protected abstract dispatch(peer: Peer, host: string): void;

  /** Stops the try under way. */
  protected abstract cancel(error: ProxyError): void;

  /** Begins the first try. */
  start(): void {
    this.#nextTry();
  }

  /** The client is gone: ends the upstream request too. */
  abort(): void {
    if (this.done) return;
    this.done = true;
    this.cancel(new ProxyError('ERR_CLIENT_ABORTED', 'the client closed the connection'));
    this.#endTry(undefined);
    this.#releaseBody();
  }

  #nextTry(): void {
    const { target, hashKey } = this.request;
    let peer: Peer | Promise<Peer>;
    this.#askedAt = performance.now();
    try {
      peer = target.peers.next(this.#failedPeers, hashKey);
    } catch (error) {
      this.fail(toError(error));
      return;
    }
    if (peer instanceof Promise) void this.#tryWhenKnown(peer);
    else this.#try(peer);
  }

  async #tryWhenKnown(pending: Promise<Peer>): Promise<void> {
    try {
      const peer = await pending;
      if (!this.done) this.#try(peer);
    } catch (error) {
      this.fail(toError(error));
    }
  }

  #try(peer: Peer): void {
    const { target, preservedHost } = this.request;
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
    this.tries.push({
      ip: peer.ip,
      port: peer.port,
      hostname: peer.hostname,
      startedAt: Date.now(),
      error: undefined,
      balancerMs: this.balancedAt - this.#askedAt,
    });
    this.#failedPeers.push(peer);
    try {
      this.dispatch(peer, host);
    } catch (error) {
      this.fail(toError(error));
    }
  }

  /** The final head has come. */
  protected answered(
    status: number,
    headers: HeaderList,
    resume: () => void,
    isWhole = false,
  ): void {
    this.status = status;
    this.#usage?.answer(status);
    this.sink.onHead(status, headers, resume, isWhole);
  }

  /** The whole answer is there. */
  protected complete(trailers: HeaderList): void {
    if (this.done) return;
    this.done = true;
    this.#endTry(performance.now() - this.balancedAt);
    this.#releaseBody();
    this.sink.onEnd(trailers);
  }

  /** The try under way is over without a whole answer: the next one, or the end. */
  protected tryFailed(error: Error): void {
    if (this.done) return;
    const failure = toProxyError(error);
    const last = this.tries.at(-1);
    if (last !== undefined) this.tries[this.tries.length - 1] = { ...last, error: failure.code };
    const mayRetry = this.#mayRetry();
    // Once there is a status, it has said what there is to say about the peer's health.
    if (this.status === 0) this.#usage?.fail(failure.code, !mayRetry);
    this.#endTry(undefined);
    if (mayRetry) {
      this.bytesSent = false;
      this.#nextTry();
      return;
    }
    this.fail(failure);
  }

  #endTry(ms: number | undefined): void {
    const usage = this.#usage;
    this.#usage = undefined;
    usage?.end(ms);
  }

  #mayRetry(): boolean {
    const { target, method } = this.request;
    if (this.status !== 0 || this.tries.length > target.retries) return false;
    if (!this.canRepeatBody()) return false;
    return !this.bytesSent || !NON_IDEMPOTENT.has(method);
  }

  /** Whether what the last try sent of the body can be sent again. */
  protected canRepeatBody(): boolean {
    const { body } = this.request;
    return body.kind !== 'stream' || !body.started();
  }

  protected fail(error: Error): void {
    if (this.done) return;
    this.done = true;
    this.#endTry(undefined);
    this.#releaseBody();
    this.sink.onFail(toProxyError(error));
  }

  #releaseBody(): void {
    const { body } = this.request;
    if (body.kind === 'file' || body.kind === 'stream') body.release();
  }
}

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

const toError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown));
