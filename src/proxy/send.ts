/** One request to an upstream over HTTP/1.1: dispatches on the peer's pool, streams the answer with back-pressure. */
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { ProxyError } from '../errors.ts';
import type { HeaderList } from '../http/headers.ts';
import { Call, type CallRequest } from './call.ts';
import { SLOW_UPSTREAM } from './connect.ts';
import type { Peer, UpstreamPools } from './types.ts';
import { HOST_VALUE, hostName } from './upstream-head.ts';

export interface UpstreamRequest extends CallRequest {
  readonly pools: UpstreamPools;
}

/** undici hands header bytes over as `[name, value, …]`; HTTP/1.1 fields are latin1. */
function toHeaderList(raw: readonly (Buffer | string)[] | null): HeaderList {
  if (raw === null) return [];
  const list: HeaderList = [];
  for (const part of raw) list.push(typeof part === 'string' ? part : part.toString('latin1'));
  return list;
}

export class UpstreamCall extends Call<UpstreamRequest> implements Dispatcher.DispatchHandler {
  readonly speaks = '1.1';
  #abortTry: ((error?: Error) => void) | undefined;

  override start(): void {
    const { body, headers } = this.request;
    // undici counts bytes in memory by itself.
    if (body.kind === 'file') headers.push('Content-Length', String(body.size));
    if (body.kind === 'stream' && body.length !== undefined) {
      headers.push('Content-Length', String(body.length));
    }
    super.start();
  }

  protected override cancel(error: ProxyError): void {
    this.#abortTry?.(error);
  }

  protected override dispatch(peer: Peer, host: string): void {
    const { target, pools, method, path, headers } = this.request;
    headers[HOST_VALUE] = host;
    this.#abortTry = undefined;
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
  }

  #openBody(): Buffer | Readable | null {
    const { body, target } = this.request;
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
    if (this.done) {
      abort(new ProxyError('ERR_CLIENT_ABORTED', 'the client closed the connection'));
      return;
    }
    this.bytesSent = true;
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void): boolean {
    if (this.done) return false;
    // Interim answers end here, as with Kong: 100 was for us, 102 and 103 carry nothing we need.
    if (status < 200) return true;
    this.answered(status, toHeaderList(raw), resume);
    return true;
  }

  onUpgrade(): void {
    // Nothing sent from here asks for an upgrade, so an upstream that switches protocols is broken.
    this.#abortTry?.();
  }

  onData(chunk: Buffer): boolean {
    return this.done ? false : this.sink.onData(chunk);
  }

  onComplete(trailers: string[] | null): void {
    this.complete(toHeaderList(trailers));
  }

  onError(error: Error): void {
    if (this.#isWholeWithoutBody(error)) this.onComplete(null);
    else this.tryFailed(error);
  }

  /** The length in such an answer is another answer's (RFC 9110 section 8.6); undici waits for it. */
  #isWholeWithoutBody(error: Error): boolean {
    const isBodiless = this.status === 204 || this.status === 304;
    return isBodiless && 'code' in error && error.code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
  }
}
