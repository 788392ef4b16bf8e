/** A map with bounds: what was not used for long falls out. */

export interface RecentMap<V> {
  readonly get: (key: string) => V | undefined;
  /** Replaces what was there. */
  readonly set: (key: string, value: V) => void;
  readonly clear: () => void;
}

export interface RecentMapBounds<V> {
  readonly entriesMax: number;
  /** Characters of all keys together; a key longer than half of it is not kept. */
  readonly keyLengthsMax: number;
  /** What counts instead of the length of the key, for values that are not small. */
  readonly lengthOf?: ((key: string, value: V) => number) | undefined;
}

/**
 * Two generations stand in for an exact order of use: when the younger one is half of the bounds, it
 * becomes the older one and the older one is dropped. A hit costs one lookup, most of the time.
 */
export function createRecentMap<V>(bounds: RecentMapBounds<V>): RecentMap<V> {
  const { entriesMax, keyLengthsMax, lengthOf } = bounds;
  let young = new Map<string, V>();
  let old: ReadonlyMap<string, V> = new Map();
  let youngLengths = 0;

  function set(key: string, value: V): void {
    const length = lengthOf === undefined ? key.length : lengthOf(key, value);
    if (length > keyLengthsMax / 2) return;
    if (young.size >= entriesMax / 2 || youngLengths + length > keyLengthsMax / 2) {
      old = young;
      young = new Map();
      youngLengths = 0;
    }
    young.set(key, value);
    youngLengths += length;
  }

  return {
    set,
    get(key) {
      const recent = young.get(key);
      if (recent !== undefined) return recent;
      const older = old.get(key);
      if (older !== undefined) set(key, older);
      return older;
    },
    clear() {
      young = new Map();
      old = new Map();
      youngLengths = 0;
    },
  };
}
