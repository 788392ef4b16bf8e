/** Everything the program throws on purpose. `code` discriminates; text is for people only. */

export abstract class GatewayError extends Error {
  abstract readonly code: string;
  override get name(): string {
    return this.constructor.name;
  }
}

/** Where in a source text a problem is, for a person who has to edit it. Both count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A stretch of a source text; the end is exclusive. */
export interface SourceRange extends SourcePosition {
  readonly endLine: number;
  readonly endColumn: number;
}

/** Another place that has to do with a problem, e.g. the entity that already has the name. */
export interface RelatedPlace {
  /** A clause, e.g. `the first service named 'pay'`. */
  readonly message: string;
  /** Absent when the document came as an object and not as text. */
  readonly range: SourceRange | undefined;
}

/** A step from the document's root: a member name or a 0-based list index. */
export type ConfigPath = readonly (string | number)[];

/** One thing wrong with the declarative config. */
export interface ConfigIssue {
  /** Of the catalogue (`config/diagnostic-codes.ts`), e.g. `SB1101`; absent: a plugin refuses its config. */
  readonly code?: string;
  /** From the document's root, e.g. `['services', 0, 'routes', 1, 'paths', 0]`. */
  readonly path: ConfigPath;
  /** Kong's own words for it, e.g. `expected an integer`; `POST /config` answers with them. */
  readonly message: string;
  /** A whole sentence for people, where `message` is too short for them. */
  readonly summary?: string;
  /** What that sentence says of the field or entity at `path`, e.g. `needs one of 'jwk', 'pem'`. */
  readonly predicate?: string;
  /** What a report points at, when that is not `path`: e.g. the name that is taken. */
  readonly at?: ConfigPath;
  /** Other places to show, until they are located and become `related`. */
  readonly seeAlso?: readonly { readonly message: string; readonly path: ConfigPath }[];
  /** True for a rule about a whole entity: Kong files these under `@entity`. */
  readonly entityLevel?: boolean;
  /** What to do about it, where the catalogue's sentence for the code is too general. */
  readonly hint?: string;
  /** The word that was probably meant, to be put in place of what stands at `position`. */
  readonly suggestion?: string;
  /** Absent when the document came as an object and not as text. */
  readonly position?: SourceRange;
  readonly related?: readonly RelatedPlace[];
  /** True for what Kong adds to another issue; it says nothing new to people. */
  readonly isEcho?: boolean;
  /** Where Kong files it, when that is not `path`: e.g. a uniqueness violation of a nested entity. */
  readonly kongPath?: ConfigPath;
  /** The entity it is about. A function, so that no log shows the entity's secrets. */
  readonly subject?: () => ConfigSubject;
}

/** One entity of a document, as `flatten_errors` shows it. */
export interface ConfigSubject {
  /** Kong's singular, e.g. `service`. */
  readonly type: string;
  /** Of the entity in the document. */
  readonly path: ConfigPath;
  /** As written, without nested children. */
  readonly entity: Readonly<Record<string, unknown>>;
}

/** A declarative config that cannot be loaded, with every reason at once. */
export class ConfigError extends GatewayError {
  readonly code = 'ERR_CONFIG';
  /** What Kong would answer: the problems of the first stage that has any. */
  readonly issues: readonly ConfigIssue[];
  /** What Kong would only find once `issues` are mended. */
  readonly further: readonly ConfigIssue[];
  constructor(
    issues: readonly ConfigIssue[],
    options: ErrorOptions & { readonly further?: readonly ConfigIssue[] } = {},
  ) {
    const { further = [], ...rest } = options;
    super(`${issues.length + further.length} problem(s) in the declarative config`, rest);
    this.issues = issues;
    this.further = further;
  }
}

/** A setting (kong.conf, environment, flag) that the program cannot start with. */
export class SettingsError extends GatewayError {
  readonly code = 'ERR_SETTINGS';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Why a request could not be answered by its upstream. */
export type ProxyErrorCode =
  | 'ERR_UPSTREAM_CONNECT'
  | 'ERR_UPSTREAM_RESPONSE'
  | 'ERR_UPSTREAM_TIMEOUT'
  | 'ERR_NAME_RESOLUTION'
  | 'ERR_DNS_SERVER'
  | 'ERR_NO_PEER'
  | 'ERR_CLIENT_ABORTED';

/** The one place where an upstream failure becomes an HTTP status (Kong's choice). */
export const STATUS_OF = {
  ERR_UPSTREAM_CONNECT: 502,
  ERR_UPSTREAM_RESPONSE: 502,
  ERR_UPSTREAM_TIMEOUT: 504,
  ERR_NAME_RESOLUTION: 503,
  ERR_DNS_SERVER: 500,
  ERR_NO_PEER: 503,
  ERR_CLIENT_ABORTED: 499,
} as const satisfies Record<ProxyErrorCode, number>;

/** An upstream that failed one try. `message` is what the client may read. */
export class ProxyError extends GatewayError {
  readonly code: ProxyErrorCode;
  constructor(code: ProxyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A count of uses cannot be had. `message` may be logged. */
export class CounterError extends GatewayError {
  readonly code = 'ERR_COUNTER';
}

/** A cache that cannot be asked. `message` may be logged. */
export class CacheError extends GatewayError {
  readonly code = 'ERR_CACHE';
}

/** A Redis server that does not answer, or not as it should. `message` may be logged. */
export class RedisError extends GatewayError {
  readonly code = 'ERR_REDIS';
}

/** Why a call to another server (a provider of keys, an introspection endpoint) has no answer. */
export type OutboundErrorCode =
  | 'ERR_OUTBOUND_URL'
  | 'ERR_OUTBOUND_ADDRESS'
  | 'ERR_OUTBOUND_CONNECT'
  | 'ERR_OUTBOUND_TIMEOUT'
  | 'ERR_OUTBOUND_RESPONSE'
  | 'ERR_OUTBOUND_REDIRECT'
  | 'ERR_OUTBOUND_TOO_LARGE'
  | 'ERR_OUTBOUND_BUSY'
  | 'ERR_OUTBOUND_BREAKER'
  | 'ERR_OUTBOUND_ABORTED';

/** A call that failed. `message` may be logged: it holds no URL, token or password. */
export class OutboundError extends GatewayError {
  readonly code: OutboundErrorCode;
  constructor(code: OutboundErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Keys to sign with cannot be had: nothing is signed then. `message` may be logged. */
export class KeysetError extends GatewayError {
  readonly code = 'ERR_KEYSET';
}
