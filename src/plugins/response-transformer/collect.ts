/** Bodies that are only changed once the whole of them has come. */

export type Collected =
  | { readonly kind: 'pending' }
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  /** Passed on as it comes: what was held back, and from then on each chunk. */
  | { readonly kind: 'too-large'; readonly bytes: Buffer | undefined };

export interface BodyCollector<Owner extends object> {
  /** @param chunk `undefined` at the end */
  add(owner: Owner, chunk: Buffer | undefined): Collected;
}

/** A larger answer would cost more memory than a transformation is worth. */
const BYTES_MAX = 16 * 1024 * 1024;

const PENDING: Collected = { kind: 'pending' };

interface Held {
  chunks: Buffer[];
  size: number;
  isTooLarge: boolean;
}

/** What is held goes with its owner. */
export function collectBodies<Owner extends object>(bytesMax = BYTES_MAX): BodyCollector<Owner> {
  const bodies = new WeakMap<Owner, Held>();

  function heldFor(owner: Owner): Held {
    const known = bodies.get(owner);
    if (known !== undefined) return known;
    const held: Held = { chunks: [], size: 0, isTooLarge: false };
    bodies.set(owner, held);
    return held;
  }

  return {
    add(owner, chunk) {
      const held = heldFor(owner);
      if (held.isTooLarge) return { kind: 'too-large', bytes: chunk };
      if (chunk === undefined) {
        bodies.delete(owner);
        return { kind: 'whole', bytes: Buffer.concat(held.chunks, held.size) };
      }
      held.chunks.push(chunk);
      held.size += chunk.length;
      if (held.size <= bytesMax) return PENDING;
      held.isTooLarge = true;
      return { kind: 'too-large', bytes: Buffer.concat(held.chunks.splice(0), held.size) };
    },
  };
}
