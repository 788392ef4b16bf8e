/** An explanation as data: the shape of `explain --format json` (`schemas/explain.schema.json`). Secrets are masked. */
import type { SourceRange } from '../../errors.ts';

/** An entity, so that a person finds it. */
export interface Named {
  readonly id: string;
  readonly name: string | null;
  /** `kong.yaml:12`; `null` where it was not read from a file. */
  readonly place: string | null;
}

export interface Explanation {
  readonly version: 1;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: readonly HeaderField[];
    readonly client_address: string;
  };
  readonly route: ExplainedRoute | null;
  readonly service: Named | null;
  readonly consumer: (Named & { readonly identified_by: string | null }) | null;
  readonly candidates: {
    /** Of the whole config. */
    readonly routes: number;
    /** They match as well, and are tried later; the next one first. */
    readonly also_match: readonly OutrankedRoute[];
    /** Nearest first; only those of a better rank where a route was found. */
    readonly missed: readonly MissedRoute[];
  };
  /** In the order they run. */
  readonly plugins: readonly ExplainedPlugin[];
  readonly upstream: ExplainedUpstream | null;
  readonly outcome: Outcome;
  /** What would be asked of other servers and was not (`--online`). */
  readonly not_asked: readonly string[];
}

export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

export interface ExplainedRoute extends Named {
  /** The host and path of the route that fit, as the config has them; `null`: it asks for none. */
  readonly host: string | null;
  readonly path: string | null;
  /** What the path consumed of the request's. */
  readonly prefix: string | null;
  /** Named captures of a regex. */
  readonly captures: Readonly<Record<string, string>>;
  readonly strip_path: boolean;
  readonly preserve_host: boolean;
}

export interface OutrankedRoute extends Named {
  readonly paths: readonly string[];
  /** Why the route that was taken is tried first. */
  readonly reason: string;
}

export interface MissedRoute extends Named {
  readonly paths: readonly string[];
  readonly misses: readonly {
    readonly attribute: 'host' | 'path' | 'method' | 'header' | 'sni';
    /** Of the header. */
    readonly name: string | null;
    readonly wanted: readonly string[];
    readonly got: string | null;
    /** A sentence of it. */
    readonly message: string;
  }[];
}

export interface ExplainedPlugin extends Named {
  /** `name` is the instance's. */
  readonly plugin: string;
  readonly priority: number;
  /** `route orders`, `consumer alice and service pay`, `all requests`. */
  readonly scope: string;
  /** Entries of the same plugin that apply as well and are less specific. */
  readonly passed_over: readonly (Named & { readonly scope: string })[];
  /** All fields, defaults included. */
  readonly config: unknown;
  /** The fields that are not at their defaults: dotted names. */
  readonly set: Readonly<Record<string, unknown>>;
  readonly request: {
    readonly result: 'passes' | 'answers' | 'fails' | 'not reached' | 'nothing to do';
    /** Of its answer. */
    readonly status: number | null;
    readonly changes: readonly ShownChange[];
  };
  /** What it found out, in its own words. */
  readonly steps: readonly {
    readonly mark: 'passed' | 'noted' | 'failed';
    readonly step: string;
    readonly detail: string;
  }[];
  /** To the answer, supposed that the upstream says 200 without a body. */
  readonly response: readonly ShownChange[];
  readonly response_body: 'changes' | 'reads' | null;
  /** It reports or counts the request afterwards, which is not done here. */
  readonly reports: boolean;
}

export interface ShownChange {
  readonly kind: string;
  /** Of a header. */
  readonly name: string | null;
  readonly value: string | null;
}

export interface ExplainedUpstream {
  readonly method: string;
  readonly url: string;
  /** All that it gets; `origin` says where each is from. */
  readonly headers: readonly (HeaderField & { readonly origin: 'client' | 'changed' | 'added' })[];
  /** Names of the client's header fields that it does not get. */
  readonly dropped: readonly string[];
  readonly body_bytes: number;
  /** Where the connection goes; `ip` is `null` for a name that was not looked up. */
  readonly peer: {
    readonly host: string;
    readonly port: number;
    readonly ip: string | null;
  };
  /** The Upstream entity that chooses among its targets. */
  readonly balancer: {
    readonly name: string;
    readonly algorithm: string;
    readonly hash_on: string | null;
    readonly targets: readonly { readonly target: string; readonly weight: number }[];
  } | null;
}

export type Outcome =
  | { readonly kind: 'proxied' }
  | {
      readonly kind: 'answered';
      /** `plugin jwt`, `the router`, … */
      readonly by: string;
      readonly status: number;
      readonly headers: readonly HeaderField[];
      readonly body: string;
    };

/** `kong.yaml:12`. */
export const placeText = (range: SourceRange | undefined): string | null =>
  range === undefined ? null : `${range.file}:${range.line}`;
