/** Request ids: 32 lower-case hex digits from the system's randomness, drawn in blocks. */
import { randomFillSync } from 'node:crypto';

const ID_BYTES = 16;
const IDS_PER_BLOCK = 256;

/**
 * Makes a source of ids. One call of the random generator serves 256 of them: asking it for every
 * request would cost about a microsecond each.
 */
export function createRequestIds(): () => string {
  const block = Buffer.allocUnsafe(ID_BYTES * IDS_PER_BLOCK);
  let next = block.length;
  return () => {
    if (next === block.length) {
      randomFillSync(block);
      next = 0;
    }
    next += ID_BYTES;
    return block.toString('hex', next - ID_BYTES, next);
  };
}
