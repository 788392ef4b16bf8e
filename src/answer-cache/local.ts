/** Answers in the memory of one process, bounded in bytes. They outlive reloads. */
import { createByteLru } from './byte-lru.ts';
import { ENTRY_BYTES_MAX, type Answers, type CachedAnswer, type PurgeableCache } from './types.ts';

/** An answer in memory. Another `version` is another answer, also under the same name. */
export interface HeldAnswer {
  readonly answer: CachedAnswer;
  readonly version: number;
}

export interface LocalAnswers extends Answers {
  open(dictionary: string): PurgeableCache;
  /** By `nameOf` of dictionary and key. */
  find(name: string): HeldAnswer | undefined;
  put(name: string, answer: CachedAnswer, keepSeconds: number): void;
  /** What everything takes. */
  bytes(): number;
}

interface Timed extends HeldAnswer {
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

/** One answer may take an eighth of the memory: otherwise a few would leave no room for the others. */
export const entryBytesMax = (bytesMax: number): number =>
  Math.min(ENTRY_BYTES_MAX, Math.floor(bytesMax / 8));

/** Maps, objects and strings around the bytes that are counted. */
const OVERHEAD_BYTES = 512;

/** What an answer takes in memory, about. */
export function bytesOf(name: string, { headers, body, identity }: CachedAnswer): number {
  const texts = headers.reduce((sum, text) => sum + text.length, name.length + identity.length);
  return body.byteLength + 2 * texts + OVERHEAD_BYTES;
}

/** No key holds a line break, so that no two pairs have one name. */
export const nameOf = (dictionary: string, key: string): string => `${dictionary}\n${key}`;

/** @param now milliseconds since the epoch */
export function createLocalAnswers(bytesMax: number, now: () => number): LocalAnswers {
  const lru = createByteLru<Timed>(bytesMax);
  const longest = entryBytesMax(bytesMax);
  let versions = 0;

  function find(name: string): HeldAnswer | undefined {
    const held = lru.get(name);
    if (held === undefined || now() < held.endsAt) return held;
    lru.delete(name);
    return undefined;
  }

  function put(name: string, answer: CachedAnswer, keepSeconds: number): void {
    if (answer.body.byteLength > longest) return void lru.delete(name);
    const endsAt = keepSeconds === 0 ? Infinity : now() + keepSeconds * 1000;
    lru.set(name, { answer, version: ++versions, endsAt }, bytesOf(name, answer));
  }

  return {
    find,
    put,
    bytes: () => lru.bytes(),
    open: (dictionary) => ({
      entryBytesMax: longest,
      get: (key) => find(nameOf(dictionary, key))?.answer,
      set: (key, answer, keepSeconds) => put(nameOf(dictionary, key), answer, keepSeconds),
      delete(key) {
        const name = nameOf(dictionary, key);
        return find(name) !== undefined && lru.delete(name);
      },
      clear() {
        const start = nameOf(dictionary, '');
        for (const name of lru.keys()) if (name.startsWith(start)) lru.delete(name);
      },
    }),
  };
}
