/**
 * One request to an upstream over HTTP/2, for services of gRPC: bodies stream both ways, trailers
 * follow the answer, and a stream that the upstream refused is tried again.
 */
import { constants, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import { ProxyError } from '../errors.ts';
import type { HeaderList } from '../http/headers.ts';
import { fromHttp2Fields, toHttp2Fields } from '../http/http2-fields.ts';
import { Call, type CallRequest, type UpstreamSink } from './call.ts';
import { BAD_UPSTREAM, SLOW_UPSTREAM } from './connect.ts';
import { StreamedBody } from './streamed-body.ts';
import type { Http2Sessions, LentSession, Peer } from './types.ts';
import { hostName } from './upstream-head.ts';

export interface GrpcRequest extends CallRequest {
  readonly sessions: Http2Sessions;
}

export class GrpcCall extends Call<GrpcRequest> {
  readonly speaks = '2';
  /** A body that is not in memory. */
  readonly #streamed: StreamedBody | undefined;
  #giveUp: (() => void) | undefined;
  #stream: ClientHttp2Stream | undefined;

  constructor(request: GrpcRequest, sink: UpstreamSink) {
    super(request, sink);
    const { body } = request;
    if (body.kind === 'file' || body.kind === 'stream') this.#streamed = new StreamedBody(body);
  }

  protected override cancel(_error: ProxyError): void {
    this.#giveUp?.();
    this.#stream?.close(constants.NGHTTP2_CANCEL);
    this.#streamed?.close();
  }

  protected override canRepeatBody(): boolean {
    return this.#streamed?.canRepeat ?? true;
  }

  protected override dispatch(peer: Peer, host: string): void {
    const { target, sessions } = this.request;
    const serverName = target.tls === undefined ? undefined : hostName(host);
    const { tls, connectTimeoutMs } = target;
    this.#stream = undefined;
    this.#giveUp = sessions.acquire({ peer, tls, serverName, connectTimeoutMs }, (error, lent) => {
      this.#giveUp = undefined;
      if (error !== null) this.tryFailed(error);
      else if (this.done) lent.release();
      else this.#open(lent, host);
    });
  }

  #open(lent: LentSession, host: string): void {
    const { method, path, headers, body } = this.request;
    // Host is the list's first field; here it is a pseudo-field.
    const fields = toHttp2Fields(headers.slice(2));
    const pseudo = {
      ':method': method,
      ':path': path,
      ':authority': host,
      ':scheme': this.#scheme,
    };
    let stream: ClientHttp2Stream;
    try {
      stream = lent.session.request({ ...pseudo, ...fields }, { endStream: body.kind === 'none' });
    } catch (error) {
      lent.release();
      this.tryFailed(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#stream = stream;
    this.bytesSent = true;
    this.#listen(stream, lent);
    this.#send(stream);
  }

  get #scheme(): 'http' | 'https' {
    return this.request.target.tls === undefined ? 'http' : 'https';
  }

  #listen(stream: ClientHttp2Stream, lent: LentSession): void {
    let trailers: HeaderList = [];
    let failure: Error | undefined;
    const resume = (): void => void stream.resume();
    stream.setTimeout(this.request.target.readTimeoutMs, () => {
      failure = timedOut();
      stream.close(constants.NGHTTP2_CANCEL);
    });
    stream.on('response', (fields: IncomingHttpHeaders, flags: number) => {
      if (this.done) return;
      this.#streamed?.forget();
      const status = Number(fields[':status']);
      const isWhole = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      this.answered(status, fromHttp2Fields(fields), resume, isWhole);
    });
    stream.on('trailers', (fields: IncomingHttpHeaders) => {
      trailers = fromHttp2Fields(fields);
    });
    stream.on('data', (chunk: Buffer) => {
      if (!this.done && !this.sink.onData(chunk)) stream.pause();
    });
    stream.once('end', () => {
      // A reset looks like an end, too.
      if (this.status === 0 || stream.aborted || stream.rstCode !== constants.NGHTTP2_NO_ERROR)
        return;
      this.#streamed?.close();
      // The upstream has said all it has to say: the rest of the request is of no use to it.
      if (!stream.writableFinished) stream.close(constants.NGHTTP2_CANCEL);
      this.complete(trailers);
    });
    stream.once('error', (error: Error) => {
      failure ??= error;
    });
    stream.once('close', () => {
      lent.release();
      if (this.#stream === stream) this.#ended(stream, failure);
    });
  }

  /** Only for a stream that did not bring a whole answer; after that one this says nothing new. */
  #ended(stream: ClientHttp2Stream, failure: Error | undefined): void {
    // The upstream did nothing with a stream it refused (RFC 9113 section 8.7): not even a POST.
    if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) this.bytesSent = false;
    if (!this.done) this.#streamed?.detach();
    this.tryFailed(failure ?? new ProxyError('ERR_UPSTREAM_RESPONSE', BAD_UPSTREAM));
  }

  #send(stream: ClientHttp2Stream): void {
    const { body, target } = this.request;
    if (body.kind === 'memory') stream.end(body.bytes);
    this.#streamed?.send(stream, {
      stalledMs: target.writeTimeoutMs,
      onStalled: () => stream.destroy(timedOut()),
      onBroken: (error) => {
        stream.close(constants.NGHTTP2_CANCEL);
        this.fail(error);
      },
    });
  }
}

const timedOut = (): ProxyError => new ProxyError('ERR_UPSTREAM_TIMEOUT', SLOW_UPSTREAM);
