/**
 * What plugins may use of the process beside their own request: calls to other servers, the keys of
 * identity providers, and the gateway's own signing keys. All of it belongs to the Runtime, so that a
 * reload keeps connections, caches and keys. Interfaces only; `outbound/` and `keys/` implement them.
 */
import type { Answers } from './answer-cache/types.ts';
import type { Counters } from './counters/types.ts';
import type { RedisConnections } from './redis/connections.ts';
import type { LogTap } from './log-tap.ts';
import type { Metrics } from './metrics/store.ts';
import type { Algorithm } from './tokens/algorithms.ts';
import type { VerificationKey } from './tokens/jwk-set.ts';

/** Made once per process, handed to plugins as `build.services`. */
export interface PluginServices {
  readonly outbound: Outbound;
  readonly keySources: KeySources;
  readonly keysets: Keysets;
  /** Counts that the workers of this node share. */
  readonly counters: Counters;
  /** Answers that the workers of this node share. */
  readonly answers: Answers;
  readonly redis: RedisConnections;
  readonly resolve: ResolveHost;
  /** Counters and histograms of this process; `GET /metrics` shows the sums over all workers. */
  readonly metrics: Metrics;
  /** What the program logs, as it logs it. */
  readonly logTap: LogTap;
}

/**
 * The addresses of a host name, or of an address itself, the preferred one first; from the cache when
 * they are there. Throws or rejects with a ProxyError.
 */
export type ResolveHost = (
  host: string,
) => readonly { readonly ip: string }[] | Promise<readonly { readonly ip: string }[]>;

/** TLS of a call; absent members mean: verify against the process' trust store, no client certificate. */
export interface OutboundTls {
  /** False accepts any certificate. */
  readonly verify: boolean;
  /** PEM of the client certificate (mTLS), leaf first. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** PEM; instead of the process' trust store. */
  readonly ca?: string | undefined;
}

/** HTTP Basic (RFC 7617). It never follows a redirect to another origin. */
export interface BasicAuth {
  readonly username: string;
  readonly password: string;
}

/** Milliseconds. Calls with another `connectMs` have other connections. */
export interface PartTimeouts {
  readonly connectMs: number;
  /** Between two pieces of the body that the server takes. */
  readonly sendMs: number;
  /** From the end of the request to the head of the answer, and between two pieces of its body. */
  readonly readMs: number;
}

export interface OutboundRequest {
  /** `http:` or `https:`, from the config or from a document that a configured URL gave; never from a client. */
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Alternating names and values. */
  readonly headers?: readonly string[];
  /** With all methods but GET. */
  readonly body?: string | Uint8Array;
  readonly basicAuth?: BasicAuth | undefined;
  readonly tls?: OutboundTls | undefined;
  /** For the whole call, redirects included; 10 000 when absent. */
  readonly timeoutMs?: number;
  /** Limits of the parts of a call, beside that of the whole. */
  readonly partTimeouts?: PartTimeouts | undefined;
  /** How long an idle connection is kept; 30 000 when absent. Calls with another time have other connections. */
  readonly keepaliveMs?: number;
  /** Longest body that is taken; 256 KiB when absent. */
  readonly bytesMax?: number;
  /**
   * Redirects that are followed, only to the same scheme or from http to https; 0 when absent. A
   * redirect may not lead from a public address to a private one.
   */
  readonly redirectsMax?: number;
  /** The URL of the document that named `url`, if one did: the rules of redirects hold between them. */
  readonly via?: string;
  /** Gives the call up. */
  readonly signal?: AbortSignal;
}

export interface OutboundAnswer {
  readonly status: number;
  /** Alternating names and values, as received. */
  readonly headers: string[];
  readonly body: Buffer;
  /** Where it came from after redirects. */
  readonly url: string;
}

/** HTTP calls to other servers: pooled per origin, bounded in number, time and size, with a breaker. */
export interface Outbound {
  /** Rejects with an OutboundError. Any status is an answer. */
  request(request: OutboundRequest): Promise<OutboundAnswer>;
}

/** Where keys that verify come from. */
export interface KeySourceSpec {
  /** A JWK set, or an issuer (or its `/.well-known/openid-configuration`) to discover one from. */
  readonly kind: 'jwks' | 'discovery';
  readonly url: string;
  readonly basicAuth?: BasicAuth | undefined;
  readonly tls?: OutboundTls | undefined;
  /** Reload without being asked; 0 leaves it to unknown keys. Seconds. */
  readonly refreshSeconds?: number;
}

/** The keys of one provider at one moment. */
export interface SourceKeys {
  /** Tried first. */
  readonly keys: readonly VerificationKey[];
  /** Those of the set before, while it is not too old; tried after `keys`. */
  readonly previous: readonly VerificationKey[];
  /** Grows with every document that differs. */
  readonly version: number;
  /** What the discovery document said, when there was one. */
  readonly issuer: string | undefined;
}

/** One provider's keys, shared by every plugin entry and load that names the same spec. */
export interface KeySource {
  /** For logs and the Admin API: the URL without credentials. */
  readonly name: string;
  /**
   * From memory; `undefined` while nothing was loaded. Keys older than 24 h without a successful
   * look at the provider are not given.
   */
  current(): SourceKeys | undefined;
  /** The current keys, loading them when there are none. Never rejects. */
  load(): Promise<SourceKeys | undefined>;
  /**
   * Looks whether the provider has newer keys than `seen`, because a token named one that is not
   * there or did not verify. One fetch serves all who wait, and there is at most one in 30 s.
   * Never rejects; gives the current keys.
   */
  refresh(seen: SourceKeys | undefined): Promise<SourceKeys | undefined>;
  /** The user is gone (its gateway has drained). Keys stay cached for the next one. */
  close(): void;
}

export interface KeySources {
  /**
   * Starts to load at once, so that the first request finds keys. Throws KeysetError for a declared
   * set in which no key verifies.
   */
  open(spec: KeySourceSpec | DeclaredKeySet): KeySource;
}

/** Where signing keys come from: generated here under a name, or a URL with private keys. */
export type KeysetSpec =
  | {
      readonly kind: 'named';
      readonly name: string;
      /** 0 rotates by request only. Seconds. */
      readonly rotateSeconds: number;
    }
  | {
      readonly kind: 'url';
      readonly url: string;
      readonly basicAuth?: BasicAuth | undefined;
      readonly tls?: OutboundTls | undefined;
      /** Loads it again; 0 never does. Seconds. */
      readonly rotateSeconds: number;
    }
  | DeclaredKeySet;

/** A `key_sets` entity with its members: JWK texts or PEM keys. */
export interface DeclaredKeySet {
  readonly kind: 'declared';
  readonly name: string;
  readonly keys: readonly DeclaredKey[];
}

/** A `keys` entity. */
export interface DeclaredKey {
  readonly kid: string;
  /** The text of a JWK. */
  readonly jwk?: string | null;
  readonly pem?: { readonly private_key: string | null; readonly public_key: string | null } | null;
}

/** A key to sign with. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: Algorithm;
  /** Over the first two parts of a token, in base64url; a promise when another thread does it. */
  sign(input: string): string | Promise<string>;
  /**
   * To be called with the `exp` of every token before it is handed out (`undefined` without one):
   * the key stays published until then, after it was retired. Cheap to call often.
   */
  noteExpiry(exp: number | undefined): void;
}

export interface Keyset {
  /** The name, or the URL. */
  readonly name: string;
  /**
   * The key that signs now. From memory when it is there, else a promise. Throws or rejects with a
   * KeysetError: nothing is ever signed with a key that could not be stored or read back.
   * A token remembered with a key is good as long as this gives the same object.
   */
  signingKey(algorithm: Algorithm): SigningKey | Promise<SigningKey>;
  /**
   * What may be shown to anybody: a JWK set with every key that verifies tokens which are or soon
   * will be around; no private member and no symmetric key. Throws or rejects with a KeysetError.
   */
  publicSet(): PublicSet | Promise<PublicSet>;
  /** The user is gone. Keys stay cached for the next one. */
  close(): void;
}

/** A JWK set of public keys, and its text. The same object as long as nothing changes. */
export interface PublicSet {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
  readonly text: string;
}

export interface Keysets {
  /** Starts to load or generate at once. */
  open(spec: KeysetSpec): Keyset;
}
