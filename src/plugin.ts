/**
 * The plugin contract. A plugin is compiled once per entry of the config and load; what it returns
 * (its phases) is shared by all requests and must not keep per-request state.
 */
import type {
  Certificate,
  Consumer,
  ConsumerGroup,
  Key,
  PluginEntity,
  Route,
  Service,
} from './config/types.ts';
import type { HeaderList } from './http/headers.ts';
import type { QueryArgs } from './http/query.ts';
import type { GatewayResponse } from './http/response.ts';
import type { Logger } from './log.ts';
import type { PluginServices } from './services.ts';
import type { RequestSpans } from './tracing/spans.ts';

/** Read-only to the end of its life. */
export type Immutable<T> = T extends (...args: never) => unknown
  ? T
  : T extends object
    ? { readonly [K in keyof T]: Immutable<T[K]> }
    : T;

/** What an authentication plugin found out about the client. */
export interface Credential {
  /** The credential's own id (Kong: `authenticated_entity.id`). */
  readonly id: string;
  readonly consumerId: string;
}

/** The state of one request: the only mutable object it owns. */
export interface RequestContext {
  /** 32 lower-case hex digits; `X-Kong-Request-Id`. */
  readonly id: string;
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly httpVersion: '1.0' | '1.1' | '2';
  /** The Host header as received, or the empty string (HTTP/1.0). */
  readonly host: string;
  /** Port of the listener that took the request. */
  readonly port: number;
  /** Request target as received, origin-form: path with query. */
  readonly target: string;
  /** The normalised path: what the router matched and the upstream path is made of. */
  readonly path: string;
  /** Header fields; a plugin edits this list in place and the upstream receives the result. */
  readonly headers: HeaderList;
  /** Raw query with its `?`, or the empty string. A plugin may replace it. */
  rawQuery: string;
  /** The client's address after real-ip processing. */
  readonly clientAddress: string;
  readonly connectingAddress: string;
  readonly route: Route | undefined;
  readonly service: Service | undefined;
  /** Positional (0 = whole match) and named captures of the regex path that matched. */
  readonly captures: UriCaptures | undefined;
  /** Set through `authenticate`. */
  readonly consumer: Consumer | undefined;
  readonly credential: Credential | undefined;
  /** The claims of a token that a plugin has verified. */
  claims: unknown;
  /** State that plugins of one request share (Kong: `kong.ctx.shared`). */
  readonly shared: Map<string, unknown>;
  /** The trace id as it goes upstream, by the name of each format: the log record's `trace_id`. */
  traceIds: Readonly<Record<string, string>> | undefined;
  /** What correlation-id calls the request: the log record's `correlation_id`. */
  correlationId: string | undefined;
  /** What is recorded of the request; `undefined` unless the settings ask for it. */
  readonly spans: RequestSpans | undefined;
  /** The method the upstream is asked with: the client's, unless a plugin sets another. */
  upstreamMethod: string;
  /** The path the upstream is asked for instead of the one that Service and Route make: text, not encoded. */
  upstreamPath: string | undefined;
  /** The Host the upstream is told instead of the one that Service, Route and Upstream make. */
  upstreamHost: string | undefined;
  /** Decoded query arguments, at most 100 (Kong: `lua_max_uri_args`). Parsed on first use. */
  query(): QueryArgs;
  /** The whole request body. Rejects with a ProxyError when the client goes away. */
  body(): Promise<Buffer>;
  /**
   * How many bytes the body has. Reads it in for that and keeps it for the upstream, but gives up once
   * there are more than `limit`: the answer is then some number above it, and the rest is dropped.
   */
  bodySize(limit: number): Promise<number>;
  /** Replaces the body that goes upstream; framing headers follow by themselves. */
  setBody(body: Buffer): void;
  /**
   * Makes `consumer` the request's consumer and sets Kong's identity headers for the upstream
   * (removing what the client sent). Without a credential the consumer is the anonymous one.
   * `identifier` becomes X-Credential-Identifier.
   */
  authenticate(consumer: Consumer, credential?: Credential, identifier?: string): void;
}

export interface UriCaptures {
  readonly positional: readonly (string | undefined)[];
  readonly named: ReadonlyMap<string, string>;
}

/** The head of an answer on its way to the client, from the upstream or made here. */
export interface ResponseHead {
  status: number;
  /** Edited in place. */
  readonly headers: HeaderList;
  /** `upstream`, or Kong's `exit` (a plugin) and `error` (the gateway). */
  readonly source: 'upstream' | 'exit' | 'error';
  /** Set by a plugin: goes out instead of the body that comes with the head. */
  body?: Buffer;
}

/** Facts for the log phase. Times are milliseconds. */
export interface Outcome {
  readonly status: number;
  readonly source: ResponseHead['source'];
  readonly aborted: boolean;
  readonly startedAt: number;
  readonly requestMs: number;
  readonly kongMs: number;
  readonly proxyMs: number;
  /** Of the body alone. */
  readonly responseBytes: number;
  readonly tries: readonly Try[];
  /** What log records and metrics say beyond that. Worked out anew by each call. */
  details(): OutcomeDetails;
}

/** The parts of an outcome that few ask for. Sizes count heads and bodies, in bytes. */
export interface OutcomeDetails {
  /** 0 unless a plugin of the config has `measures`. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** As they went to the client; empty when nothing did. */
  readonly responseHeaders: Readonly<HeaderList>;
  /** Path and query as the upstream was or would have been asked; empty without a route. */
  readonly upstreamUri: string;
  /** nginx' `$upstream_status`: one status for each try, `502, 200`; empty when no upstream was asked. */
  readonly upstreamStatus: string;
  /** From the first byte of the upstream's head to the last byte; 0 without one. Milliseconds. */
  readonly receiveMs: number;
  /** The port that the world sees (`port_maps`). */
  readonly publicPort: number;
  /** The other end of the client's connection; 0 when it is not known. */
  readonly clientPort: number;
  readonly tls: TlsFacts | undefined;
  /** What the plugins of the chain look for secrets in, in lower case; Authorization is not listed. */
  readonly secretQueryNames: ReadonlySet<string>;
  readonly secretHeaderNames: ReadonlySet<string>;
}

/** TLS of a client's connection. */
export interface TlsFacts {
  /** `TLSv1.3`. */
  readonly version: string;
  /** OpenSSL's name. */
  readonly cipher: string;
}

/** One attempt at an upstream address. */
export interface Try {
  readonly ip: string;
  readonly port: number;
  /** Of the Service or the target; an address where it has no name. */
  readonly hostname: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly error: string | undefined;
  /** How long choosing the address took. Milliseconds. */
  readonly balancerMs: number;
}

export type AccessResult = GatewayResponse | undefined | Promise<GatewayResponse | undefined>;

/** Kong's phases in the order they run. Absent members cost nothing. */
export interface PluginPhases {
  /** A value ends the request; later access handlers do not run. Sync where it can be. */
  readonly access?: (ctx: RequestContext) => AccessResult;
  /** Runs for proxied answers and for those made here, also when `access` never ran. */
  readonly headerFilter?: (ctx: RequestContext, head: ResponseHead) => void;
  /**
   * False for an answer whose body the plugin leaves alone, `reads` for one that its `bodyFilter` gives
   * on as it is: both keep their length. Asked after all `headerFilter`s; absent, `bodyFilter` gets
   * every body.
   */
  readonly filtersBody?: (ctx: RequestContext, head: ResponseHead) => boolean | 'reads';
  /** Gets each body chunk and at the end `undefined`; returns what to send instead, if anything. */
  readonly bodyFilter?: (ctx: RequestContext, chunk: Buffer | undefined) => Buffer | undefined;
  /** After the last byte. A throw is logged and hurts nobody. */
  readonly log?: (ctx: RequestContext, outcome: Outcome) => void;
  /** `log` only counts in the services' counters: it also runs for requests that are simulated. */
  readonly logCounts?: boolean;
  /** Query arguments whose values are secrets: no log shows them. */
  readonly secretQueryNames?: readonly string[];
  /** Request headers whose values are secrets, likewise. */
  readonly secretHeaderNames?: readonly string[];
  /** `log` wants the sizes of requests: their heads are measured before anything changes them. */
  readonly measures?: boolean;
  /** Called once when the gateway that owns the plugin has drained. */
  readonly close?: () => void | Promise<void>;
}

/**
 * Name in `shared` of the groups that a plugin found out about the client, a list of texts (Kong:
 * `authenticated_groups`). The acl plugin decides by them.
 */
export const AUTHENTICATED_GROUPS = 'authenticated_groups';

/** Looks entities up; complete for the load the plugin belongs to. */
export interface PluginLookups {
  /** Every credential of one kind, by the field it is looked up with (`key`, `username`). */
  credentials<K extends CredentialKind>(kind: K): CredentialMaps[K];
  consumerById(id: string): Consumer | undefined;
  /** Exact; fields of which no two consumers share a value. */
  consumerBy(field: 'id' | 'username' | 'custom_id', value: string): Consumer | undefined;
  /** Kong's `anonymous`: by id when it looks like one, else (and then too) by username. */
  anonymousConsumer(idOrUsername: string): Consumer | undefined;
  groupsOf(consumerId: string): readonly ConsumerGroup[];
  /** The groups of a consumer's `acls`, ordered by the ids of those. */
  aclGroupsOf(consumerId: string): readonly string[];
  /** Its secrets are revealed. */
  certificate(id: string): Certificate | undefined;
  /** The `keys` of the `key_sets` entity of that name, secrets revealed; `undefined` when there is none. */
  keysOfSet(name: string): readonly Key[] | undefined;
}

export type CredentialKind =
  'jwt_secrets' | 'keyauth_credentials' | 'basicauth_credentials' | 'hmacauth_credentials';
export type CredentialMaps = {
  readonly [K in CredentialKind]: ReadonlyMap<string, CredentialOf<K>>;
};
export type CredentialOf<K extends CredentialKind> = import('./config/types.ts').EntityOf<K>;

export interface RegexTest {
  /** True when the pattern matches anywhere in `text`. */
  test(text: string): boolean;
}

/** What the build hands a plugin while it compiles. */
export interface PluginBuild {
  readonly entity: Immutable<PluginEntity>;
  readonly lookups: PluginLookups;
  readonly log: Logger;
  /** Calls to other servers, keys of providers, signing keys; they outlive the load. */
  readonly services: PluginServices;
  /** This node's UUID (Kong: `node_id`). */
  readonly nodeId: string;
  /** Of this machine. */
  readonly hostname: string;
  /** Milliseconds since the epoch; tests replace it. */
  readonly now: () => number;
  /**
   * A regular expression of the config, in Rust's syntax, that takes time linear in the text. Throws
   * ConfigError without a path; the `regex` check of a schema finds the same before.
   */
  readonly compileRegex: (pattern: string) => RegexTest;
  /** The value of a referenceable field: `{vault://…}` becomes the secret, anything else stays. */
  readonly reveal: (text: string) => string;
  /** Only while a request is being explained. */
  readonly trace?: Trace | undefined;
}

/** Told step by step what a plugin finds out about a request, for `token explain`. No secrets. */
export interface Trace {
  /** A trace of a part, under a heading. */
  section(title: string): Trace;
  /** A check that passed. */
  passed(step: string, detail: string): void;
  /** What is worth knowing and decides nothing. */
  noted(step: string, detail: string): void;
  /** The check that the request fails. */
  failed(step: string, detail: string): void;
}

/** One plugin of this build. `Config` is the shape its schema gives after defaults. */
export interface Plugin<Config> {
  /** Kong's name; also the stem of `schemas/plugins/<name>.json`. */
  readonly name: string;
  /** Kong's PRIORITY: higher runs earlier. */
  readonly priority: number;
  /** Runs once per entry and load. Throws ConfigError with a path below `config`. */
  readonly compile: (config: Immutable<Config>, build: PluginBuild) => PluginPhases;
}

/** Gives a plugin literal its type without widening it. */
export const definePlugin = <Config>(plugin: Plugin<Config>): Plugin<Config> => plugin;
