/** One HTTP/2 request (a stream) and the means to answer it. */
import type { Http2ServerRequest, Http2ServerResponse, OutgoingHttpHeaders } from 'node:http2';
import type { ClientExchange, ConnectionFacts } from '../gateway/client.ts';
import type { HeaderList } from '../http/headers.ts';

/** Fields that have no meaning in HTTP/2 (RFC 9113 section 8.2.2). */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
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

/** node:http2 wants an object; repeated fields become lists. Names are the upstream's to choose. */
function toOutgoing(list: Readonly<HeaderList>): OutgoingHttpHeaders {
  const headers = new Map<string, string | string[]>();
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i]?.toLowerCase() ?? '';
    const value = list[i + 1] ?? '';
    if (CONNECTION_FIELDS.has(name)) continue;
    const present = headers.get(name);
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

  constructor(
    request: Http2ServerRequest,
    response: Http2ServerResponse,
    connection: ConnectionFacts,
  ) {
    this.request = request;
    this.#response = response;
    this.connection = connection;
    this.method = request.method;
    this.target = request.url;
    const { authority } = request;
    this.headers = toHeaderList(request.rawHeaders, authority === '' ? undefined : authority);
  }

  /** node:http2 answers `100-continue` by itself. */
  continueRequest(): void {}

  writeHead(status: number, headers: HeaderList): void {
    this.#response.writeHead(status, toOutgoing(headers));
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
    if (body === undefined) this.#response.end();
    else this.#response.end(body);
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
