/** One HTTP/2 request (a stream) and the means to answer it. */
import {
  constants,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { ClientExchange, ConnectionFacts } from '../gateway/client.ts';
import type { HeaderList } from '../http/headers.ts';

/** How long the rest of an unwanted body may take. */
const LINGER_MS = 5000;

/** Fields that have no meaning in HTTP/2 (RFC 9113 section 8.2.2). */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'te',
]);

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

/**
 * node:http2 refuses a head in which one of these stands twice. Upstreams do send them twice, and a
 * client of HTTP/1 gets both; here the first stands for all.
 */
const SINGLE: ReadonlySet<string> = new Set([
  'access-control-allow-credentials',
  'access-control-max-age',
  'access-control-request-method',
  'age',
  'authorization',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'date',
  'dnt',
  'etag',
  'expires',
  'from',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'range',
  'referer',
  'retry-after',
  'tk',
  'upgrade-insecure-requests',
  'user-agent',
  'x-content-type-options',
]);

/** node:http2 wants an object; repeated fields become lists. Names are the upstream's to choose. */
function toOutgoing(list: Readonly<HeaderList>): OutgoingHttpHeaders {
  const headers = new Map<string, string | string[]>();
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i]?.toLowerCase() ?? '';
    const value = list[i + 1] ?? '';
    if (CONNECTION_FIELDS.has(name)) continue;
    const present = headers.get(name);
    if (present !== undefined && SINGLE.has(name)) continue;
    headers.set(name, present === undefined ? value : [present, value].flat());
  }
  return Object.fromEntries(headers);
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
    try {
      this.#response.writeHead(status, toOutgoing(headers));
    } catch (error) {
      // Node has kept what it took before it refused the rest: the next head starts afresh.
      for (const name of this.#response.getHeaderNames()) this.#response.removeHeader(name);
      throw error;
    }
  }

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
    if (trailers.length > 0) this.#response.addTrailers(toOutgoing(trailers));
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
