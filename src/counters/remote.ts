/**
 * Counters that another process holds: the primary has those of a node's workers. What one turn of the
 * event loop asks goes in one message, so that a busy worker pays for few of them.
 */
import { CounterError } from '../errors.ts';
import type { LocalCounters } from './local.ts';
import type { Counters, Usage } from './types.ts';
import type { CounterWindow } from './windows.ts';

export interface CounterCall {
  readonly method: 'take' | 'read' | 'add';
  readonly windows: readonly CounterWindow[];
  readonly identifier: string;
  readonly amount: number;
}

/** The calls of one turn; answered by a list of the same length. */
export interface CounterBatch {
  readonly id: number;
  readonly calls: readonly CounterCall[];
}

export interface CounterReplies {
  readonly id: number;
  readonly usages: readonly Usage[];
}

export interface RemoteCounters extends Counters {
  receive(replies: CounterReplies): void;
}

/** A primary that is busy with a reload answers late; one that is gone takes its workers with it. */
const ANSWER_MS = 5000;

interface Waiting {
  readonly resolve: (usage: Usage) => void;
  readonly reject: (reason: CounterError) => void;
}

interface Sent {
  readonly waiting: readonly Waiting[];
  readonly timer: NodeJS.Timeout;
}

/** @param send hands a batch to the process that holds the counts */
export function createRemoteCounters(send: (batch: CounterBatch) => void): RemoteCounters {
  const sent = new Map<number, Sent>();
  let calls: CounterCall[] = [];
  let waiting: Waiting[] = [];
  let nextId = 1;

  function flush(): void {
    const id = nextId++;
    const asked = waiting;
    const timer = setTimeout(() => giveUp(id), ANSWER_MS);
    timer.unref();
    sent.set(id, { waiting: asked, timer });
    const batch = { id, calls };
    calls = [];
    waiting = [];
    send(batch);
  }

  function giveUp(id: number): void {
    const batch = sent.get(id);
    sent.delete(id);
    for (const { reject } of batch?.waiting ?? []) {
      reject(new CounterError('the process that counts does not answer'));
    }
  }

  function call(entry: CounterCall): Promise<Usage> {
    if (calls.length === 0) setImmediate(flush);
    calls.push(entry);
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  }

  return {
    take: (windows, identifier) => call({ method: 'take', windows, identifier, amount: 1 }),
    read: (windows, identifier) => call({ method: 'read', windows, identifier, amount: 0 }),
    async add(windows, identifier, amount) {
      await call({ method: 'add', windows, identifier, amount });
    },
    receive({ id, usages }) {
      const batch = sent.get(id);
      if (batch === undefined) return;
      sent.delete(id);
      clearTimeout(batch.timer);
      batch.waiting.forEach(({ resolve }, i) => resolve(usages[i] ?? []));
    },
  };
}

/** What the process that holds the counts does with a batch: all of it in one turn. */
export function answerBatch(counters: LocalCounters, { id, calls }: CounterBatch): CounterReplies {
  const usages = calls.map(({ method, windows, identifier, amount }): Usage => {
    if (method === 'take') return counters.take(windows, identifier);
    if (method === 'read') return counters.read(windows, identifier);
    counters.add(windows, identifier, amount);
    return [];
  });
  return { id, usages };
}
