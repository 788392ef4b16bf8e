/** What was found out about tokens, by their text: a bounded memory, so that a token in use is worked on once. */

export interface TokenCache<Value> {
  get(token: string): Value | undefined;
  /** Replaces what was known of it. */
  add(token: string, value: Value): void;
  clear(): void;
}

/** Characters of all tokens kept at once, which is bytes: tokens are ASCII. */
const BYTES_MAX = 8 * 1024 * 1024;
const ENTRIES_MAX = 8192;

/**
 * A bounded store. Two generations stand in for an exact order of use: when the younger one is
 * half of the bounds, it becomes the older one and the older one is dropped. A hit costs one lookup.
 */
export function createTokenCache<Value>(
  entriesMax = ENTRIES_MAX,
  bytesMax = BYTES_MAX,
): TokenCache<Value> {
  let young = new Map<string, Value>();
  let old: ReadonlyMap<string, Value> = new Map();
  let youngBytes = 0;
  function add(token: string, value: Value): void {
    if (token.length > bytesMax / 2) return;
    if (young.size >= entriesMax / 2 || youngBytes + token.length > bytesMax / 2) {
      old = young;
      young = new Map();
      youngBytes = 0;
    }
    young.set(token, value);
    youngBytes += token.length;
  }
  return {
    add,
    get(token) {
      const recent = young.get(token);
      if (recent !== undefined) return recent;
      const older = old.get(token);
      if (older !== undefined) add(token, older);
      return older;
    },
    clear() {
      young = new Map();
      old = new Map();
      youngBytes = 0;
    },
  };
}
