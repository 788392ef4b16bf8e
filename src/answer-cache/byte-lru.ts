/** A map that is bounded in bytes: what was not used for the longest time falls out first. */

export interface ByteLru<V> {
  /** Counts as a use. */
  get(key: string): V | undefined;
  /** Replaces what was there. What is larger than the whole is not kept. */
  set(key: string, value: V, bytes: number): void;
  delete(key: string): boolean;
  keys(): Iterable<string>;
  /** Of everything that is kept. */
  bytes(): number;
}

interface Entry<V> {
  readonly value: V;
  readonly bytes: number;
}

export function createByteLru<V>(bytesMax: number): ByteLru<V> {
  /** In the order of use: a Map keeps that of insertion. */
  const entries = new Map<string, Entry<V>>();
  let total = 0;

  function remove(key: string): boolean {
    const entry = entries.get(key);
    if (entry === undefined) return false;
    total -= entry.bytes;
    return entries.delete(key);
  }

  function makeRoom(): void {
    for (const key of entries.keys()) {
      if (total <= bytesMax) return;
      remove(key);
    }
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, bytes) {
      remove(key);
      if (bytes > bytesMax) return;
      entries.set(key, { value, bytes });
      total += bytes;
      makeRoom();
    },
    delete: remove,
    keys: () => entries.keys(),
    bytes: () => total,
  };
}
