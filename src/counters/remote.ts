/** Counters that another process holds: the primary has those of a node's workers. */
import { CounterError } from '../errors.ts';
import { createTurnBatches, type Batch, type Replies } from '../turn-batches.ts';
import type { LocalCounters } from './local.ts';
import type { Counters, Usage } from './types.ts';
import type { CounterWindow } from './windows.ts';

export interface CounterCall {
  readonly method: 'take' | 'read' | 'add';
  readonly windows: readonly CounterWindow[];
  readonly identifier: string;
  readonly amount: number;
}

export type CounterBatch = Batch<CounterCall>;
export type CounterReplies = Replies<Usage>;

export interface RemoteCounters extends Counters {
  receive(replies: CounterReplies): void;
}

/** A primary that is busy with a reload answers late; one that is gone takes its workers with it. */
const ANSWER_MS = 5000;

/** @param send hands a batch to the process that holds the counts */
export function createRemoteCounters(send: (batch: CounterBatch) => void): RemoteCounters {
  const { ask, receive } = createTurnBatches<CounterCall, Usage>({
    send,
    answerMs: ANSWER_MS,
    tooLate: () => new CounterError('the process that counts does not answer'),
  });
  return {
    receive,
    take: (windows, identifier) => ask({ method: 'take', windows, identifier, amount: 1 }),
    read: (windows, identifier) => ask({ method: 'read', windows, identifier, amount: 0 }),
    async add(windows, identifier, amount) {
      await ask({ method: 'add', windows, identifier, amount });
    },
  };
}

/** What the process that holds the counts does with a batch: all of it in one turn. */
export function answerBatch(
  counters: LocalCounters,
  { id, questions }: CounterBatch,
): CounterReplies {
  const answers = questions.map(({ method, windows, identifier, amount }): Usage => {
    if (method === 'take') return counters.take(windows, identifier);
    if (method === 'read') return counters.read(windows, identifier);
    counters.add(windows, identifier, amount);
    return [];
  });
  return { id, answers };
}
