/** Random ids: lower-case hex digits from the system's randomness, drawn in blocks. */
import { randomFillSync } from 'node:crypto';

const REQUEST_ID_BYTES = 16;
const IDS_PER_BLOCK = 256;

/**
 * Makes a source of ids of so many bytes. One call of the random generator serves 256 of them: asking it for every
 * request would cost about a microsecond each.
 */
export function createIds(bytes: number): () => string {
  const block = Buffer.allocUnsafe(bytes * IDS_PER_BLOCK);
  let next = block.length;
  return () => {
    if (next === block.length) {
      randomFillSync(block);
      next = 0;
    }
    next += bytes;
    return block.toString('hex', next - bytes, next);
  };
}

/** 32 digits each. */
export const createRequestIds = (): (() => string) => createIds(REQUEST_ID_BYTES);
