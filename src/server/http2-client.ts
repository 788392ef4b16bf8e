/** One HTTP/2 request (a stream) and the means to answer it. */
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { ClientExchange, ConnectionFacts } from '../gateway/client.ts';
import type { HeaderList } from '../http/headers.ts';
import { toHttp2Fields } from '../http/http2-fields.ts';

/** How long the rest of an unwanted body may take. */
const LINGER_MS = 5000;

/**
 * The request's fields as HTTP/1 has them: pseudo-fields out, `:authority` as Host, cookie crumbs in
 * one line (RFC 9113 sections 8.3.1 and 8.2.3).
 */
function toHeaderList(raw: readonly string[], authority: string | undefined): HeaderList {
  const list: HeaderList = authority === undefined ? [] : ['host', authority];
  const cookies: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const value = raw[i + 1] ?? '';
    if (name.startsWith(':') || (name === 'host' && authority !== undefined)) continue;
    if (name === 'cookie') cookies.push(value);
    else list.push(name, value);
  }
  if (cookies.length > 0) list.push('cookie', cookies.join('; '));
  return list;
}

export class Http2Client implements ClientExchange {
  readonly connection: ConnectionFacts;
  readonly request: Http2ServerRequest;
  readonly method: string;
  readonly httpVersion = '2';
  readonly target: string;
  readonly headers: HeaderList;
  readonly upgrade = undefined;
  readonly #response: Http2ServerResponse;
  #awaitsContinue: boolean;

  constructor(init: {
    readonly request: Http2ServerRequest;
    readonly response: Http2ServerResponse;
    readonly connection: ConnectionFacts;
    readonly awaitsContinue: boolean;
    /** Longest time the client may take nothing of what is there for it. */
    readonly sendTimeoutMs: number;
  }) {
    const { request, response, connection } = init;
    this.#awaitsContinue = init.awaitsContinue;
    // Of all streams of a connection one may be left unread: the connection's own clock sees no pause.
    request.stream.setTimeout(init.sendTimeoutMs, () => {
      if (request.stream.writableLength > 0) request.stream.destroy();
    });
    this.request = request;
    this.#response = response;
    this.connection = connection;
    this.method = request.method;
    this.target = request.url;
    const { authority } = request;
    this.headers = toHeaderList(request.rawHeaders, authority === '' ? undefined : authority);
  }

  continueRequest(): void {
    if (!this.#awaitsContinue) return;
    this.#awaitsContinue = false;
    this.#response.writeContinue();
  }

  writeHead(status: number, headers: HeaderList): void {
    this.#guarded(() => this.#response.writeHead(status, toHttp2Fields(headers)));
  }

  /** Node puts the end into the head when it gets both at once: what gRPC calls Trailers-Only. */
  writeWhole(status: number, headers: HeaderList): void {
    const response = this.#response;
    this.#guarded(() => {
      response.statusCode = status;
      for (const [name, value] of Object.entries(toHttp2Fields(headers))) {
        if (value !== undefined) response.setHeader(name, value);
      }
    });
    this.end(undefined, []);
  }

  #guarded(write: () => void): void {
    try {
      write();
    } catch (error) {
      // Node has kept what it took before it refused the rest: the next head starts afresh.
      for (const name of this.#response.getHeaderNames()) this.#response.removeHeader(name);
      throw error;
    }
  }

  countSent(): void {}

  /** Frames of several streams share the connection. */
  sentBytes(): undefined {}

  write(chunk: Buffer): boolean {
    return this.#response.write(chunk);
  }

  pendingBytes(): number {
    return this.#response.stream.writableLength;
  }

  onceDrained(listener: () => void): void {
    this.#response.once('drain', listener);
  }

  end(body: string | Uint8Array | undefined, trailers: HeaderList): void {
    if (trailers.length > 0) this.#response.addTrailers(toHttp2Fields(trailers));
    this.#boundUnreadBody();
    if (body === undefined) this.#response.end();
    else this.#response.end(body);
  }

  /** A body that nobody wants must end, however long the client sends (RFC 9113 section 8.1). */
  #boundUnreadBody(): void {
    const { stream } = this.request;
    if (stream.readableEnded || stream.endAfterHeaders) return;
    // The response's own `finish` comes with the end of the stream only.
    stream.once('finish', () => {
      const timer = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), LINGER_MS);
      timer.unref();
      stream.once('close', () => {
        clearTimeout(timer);
      });
    });
  }

  destroy(): void {
    this.#response.stream.destroy();
  }

  onceClosed(listener: (finished: boolean) => void): void {
    const response = this.#response;
    response.once('close', () => {
      listener(response.writableEnded && response.stream?.rstCode === 0);
    });
  }

  releaseSocket(): undefined {
    return undefined;
  }
}
