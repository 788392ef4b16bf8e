/** Answers that are kept to be given again: what the proxy-cache plugin is made of. */

/** One answer as it is kept. */
export interface CachedAnswer {
  readonly status: number;
  /** Alternating names and values, without the fields that belong to one connection. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
  /** Seconds since the epoch. */
  readonly storedAt: number;
  /** Seconds from then on in which it is fresh. */
  readonly ttl: number;
  /** Tells requests apart that share a key; empty for most. */
  readonly identity: string;
  /** The upstream forbids to give it again once it is stale, whatever the client accepts. */
  readonly mustRevalidate: boolean;
}

/** Longest body that is kept anywhere. */
export const ENTRY_BYTES_MAX = 8 * 1024 * 1024;

/** What this process holds itself is answered at once, the rest by a promise that may reject. */
export interface AnswerCache {
  /** Longest body that is kept. */
  readonly entryBytesMax: number;
  get(key: string): CachedAnswer | undefined | Promise<CachedAnswer | undefined>;
  /** Replaces what was there. `keepSeconds` 0 keeps it until there is no room. */
  set(key: string, answer: CachedAnswer, keepSeconds: number): void | Promise<void>;
}

/** A cache that can also forget, for every process that uses it. */
export interface PurgeableCache extends AnswerCache {
  /** False when there was nothing. */
  delete(key: string): boolean | Promise<boolean>;
  clear(): void | Promise<void>;
}

/** The memory of a node, in parts with a name (Kong: shared dictionaries). */
export interface Answers {
  open(dictionary: string): AnswerCache;
}
