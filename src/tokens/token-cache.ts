/** What was found out about tokens, by their text: a bounded memory, so that a token in use is worked on once. */
import { createRecentMap } from '../recent-map.ts';

export interface TokenCache<Value> {
  get(token: string): Value | undefined;
  /** Replaces what was known of it. */
  add(token: string, value: Value): void;
  clear(): void;
}

/** Characters of all tokens kept at once, which is bytes: tokens are ASCII. */
const BYTES_MAX = 8 * 1024 * 1024;
const ENTRIES_MAX = 8192;

/** @param lengthOf what counts instead of the token's own length, for values that are not small */
export function createTokenCache<Value>(
  entriesMax = ENTRIES_MAX,
  bytesMax = BYTES_MAX,
  lengthOf?: (token: string, value: Value) => number,
): TokenCache<Value> {
  const bounds = { entriesMax, keyLengthsMax: bytesMax, lengthOf };
  const { get, set: add, clear } = createRecentMap<Value>(bounds);
  return { get, add, clear };
}
