/**
 * Answers that another process holds: the primary has those of a node's workers. A worker keeps copies of
 * what it has been given, and still asks before it uses one whether it is the newest: what is purged or
 * replaced is so for all workers at once, and a body travels to each of them once.
 */
import { CacheError } from '../errors.ts';
import { createTurnBatches, type Batch, type Replies } from '../turn-batches.ts';
import { createByteLru } from './byte-lru.ts';
import { bytesOf, entryBytesMax, nameOf, type HeldAnswer, type LocalAnswers } from './local.ts';
import type { Answers, CachedAnswer } from './types.ts';

interface Question {
  readonly name: string;
  /** Version of the worker's copy. */
  readonly known: number | undefined;
}

/** `same`: the worker's copy is the newest. */
type Found = HeldAnswer | 'same' | undefined;

export type CacheBatch = Batch<Question>;
export type CacheReplies = Replies<Found>;

/** An answer to keep. */
export interface CacheEntry {
  readonly name: string;
  readonly answer: CachedAnswer;
  readonly keepSeconds: number;
}

export interface CacheLink {
  readonly ask: (batch: CacheBatch) => void;
  /** `sent` is called when the entry has left this process. */
  readonly keep: (entry: CacheEntry, sent: () => void) => void;
}

export interface RemoteAnswers extends Answers {
  receive(replies: CacheReplies): void;
}

/** Longer than this, the upstream is the faster one to ask. */
const ANSWER_MS = 1000;
/** Bodies on their way to the primary; what comes while there are more is not kept. */
const SENDING_BYTES_MAX = 32 * 1024 * 1024;

/** @param bytesMax of the node's memory; the copies of this process take an eighth of that */
export function createRemoteAnswers(link: CacheLink, bytesMax: number): RemoteAnswers {
  const { ask, receive } = createTurnBatches<Question, Found>({
    send: link.ask,
    answerMs: ANSWER_MS,
    tooLate: () => new CacheError('the process that holds the cache does not answer'),
  });
  const copies = createByteLru<HeldAnswer>(bytesMax / 8);
  /** Names whose bodies are on their way here. */
  const arriving = new Map<string, Promise<CachedAnswer | undefined>>();
  let sendingBytes = 0;

  async function confirm(name: string, copy: HeldAnswer | undefined) {
    const found = await ask({ name, known: copy?.version });
    if (found === 'same') return copy?.answer;
    if (found === undefined) copies.delete(name);
    else copies.set(name, found, bytesOf(name, found.answer));
    return found?.answer;
  }

  async function get(name: string): Promise<CachedAnswer | undefined> {
    const arrival = copies.get(name) === undefined ? arriving.get(name) : undefined;
    // A body that many ask for travels once: they wait for it, and then ask whether it is the newest.
    if (arrival !== undefined && (await arrival) === undefined) return undefined;
    const copy = copies.get(name);
    if (copy !== undefined || arriving.has(name)) return confirm(name, copy);
    const first = confirm(name, undefined).finally(() => arriving.delete(name));
    arriving.set(name, first);
    return first;
  }

  function keep(entry: CacheEntry): void {
    const bytes = entry.answer.body.byteLength;
    if (sendingBytes + bytes > SENDING_BYTES_MAX) return;
    sendingBytes += bytes;
    link.keep(entry, () => (sendingBytes -= bytes));
  }

  const longest = entryBytesMax(bytesMax);
  return {
    receive,
    open: (dictionary) => ({
      entryBytesMax: longest,
      get: (key) => get(nameOf(dictionary, key)),
      set: (key, answer, keepSeconds) =>
        keep({ name: nameOf(dictionary, key), answer, keepSeconds }),
    }),
  };
}

/** What the process that holds the answers says to a batch. */
export function answerQuestions(kept: LocalAnswers, { id, questions }: CacheBatch): CacheReplies {
  const answers = questions.map(({ name, known }): Found => {
    const held = kept.find(name);
    if (held === undefined) return undefined;
    const { answer, version } = held;
    return version === known ? 'same' : { answer, version };
  });
  return { id, answers };
}
