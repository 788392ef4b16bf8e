/** The state of one request, and what plugins may do with it. */
import type { Consumer, Route, Service } from '../config/types.ts';
import { bytesOfText } from '../http/bytes.ts';
import { removeHeader, type HeaderList } from '../http/headers.ts';
import { parseQuery, type QueryArgs } from '../http/query.ts';
import type { BodyLimits, UpstreamBody } from '../proxy/body.ts';
import type { Credential, RequestContext, UriCaptures } from '../plugin.ts';
import type { RouteQuestion } from '../router/types.ts';
import type { RequestSpans } from '../tracing/spans.ts';
import type { ClientExchange } from './client.ts';
import { bodyForPlugin, bodySizeForPlugin } from './request-body.ts';

const NO_BODY: UpstreamBody = { kind: 'none' };

/** Made per request; created with every field so that all of them share one hidden class. */
export class Context implements RequestContext, RouteQuestion {
  readonly id: string;
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly httpVersion: '1.0' | '1.1' | '2';
  readonly host: string;
  readonly port: number;
  readonly serverName: string | undefined;
  readonly headers: HeaderList;
  readonly clientAddress: string;
  readonly connectingAddress: string;
  readonly client: ClientExchange;
  readonly bodyLimits: BodyLimits;
  target = '';
  path = '';
  rawPath = '';
  rawQuery = '';
  /** The authority of an absolute-form target: what redirects point to. */
  targetAuthority: string | undefined = undefined;
  route: Route | undefined = undefined;
  service: Service | undefined = undefined;
  captures: UriCaptures | undefined = undefined;
  /** The part of the path that the route's path consumed. */
  prefix: string | undefined = undefined;
  consumer: Consumer | undefined = undefined;
  credential: Credential | undefined = undefined;
  claims: unknown = undefined;
  traceIds: Readonly<Record<string, string>> | undefined = undefined;
  correlationId: string | undefined = undefined;
  spans: RequestSpans | undefined = undefined;
  upstreamMethod: string;
  upstreamPath: string | undefined = undefined;
  upstreamHost: string | undefined = undefined;
  /** What goes upstream; `undefined` until it was read or replaced. */
  upstreamBody: UpstreamBody | undefined = undefined;
  #shared: Map<string, unknown> | undefined = undefined;
  #query: QueryArgs | undefined = undefined;
  #queryText = '';

  constructor(init: {
    readonly id: string;
    readonly client: ClientExchange;
    readonly host: string;
    readonly clientAddress: string;
    readonly bodyLimits: BodyLimits;
  }) {
    const { client } = init;
    this.id = init.id;
    this.client = client;
    this.method = client.method;
    this.upstreamMethod = client.method;
    this.scheme = client.connection.scheme;
    this.httpVersion = client.httpVersion;
    this.host = init.host;
    this.port = client.connection.port;
    this.serverName = client.connection.serverName;
    this.headers = client.headers;
    this.clientAddress = init.clientAddress;
    this.connectingAddress = client.connection.address;
    this.bodyLimits = init.bodyLimits;
  }

  get shared(): Map<string, unknown> {
    return (this.#shared ??= new Map());
  }

  query(): QueryArgs {
    if (this.#query === undefined || this.#queryText !== this.rawQuery) {
      this.#queryText = this.rawQuery;
      this.#query = parseQuery(this.rawQuery);
    }
    return this.#query;
  }

  body(): Promise<Buffer> {
    return bodyForPlugin(this);
  }

  bodySize(limit: number): Promise<number> {
    return bodySizeForPlugin(this, limit);
  }

  setBody(body: Buffer): void {
    this.upstreamBody = body.length === 0 ? NO_BODY : { kind: 'memory', bytes: body };
  }

  authenticate(consumer: Consumer, credential?: Credential, identifier?: string): void {
    this.consumer = consumer;
    this.credential = credential;
    const { headers } = this;
    setOrRemove(headers, 'X-Consumer-ID', consumer.id);
    setOrRemove(headers, 'X-Consumer-Custom-ID', consumer.custom_id);
    setOrRemove(headers, 'X-Consumer-Username', consumer.username);
    setOrRemove(headers, 'X-Credential-Identifier', identifier ?? null);
    setOrRemove(headers, 'X-Anonymous-Consumer', credential === undefined ? 'true' : null);
  }
}

function setOrRemove(headers: HeaderList, name: string, value: string | null): void {
  removeHeader(headers, name.toLowerCase());
  if (value !== null) headers.push(name, bytesOfText(value));
}
