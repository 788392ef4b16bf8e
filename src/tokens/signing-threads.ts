/**
 * Threads that sign. A signature of hundreds of microseconds must not hold the event loop, and one that
 * is waited for by itself costs nearly as much again: the loop wakes for it alone. So inputs go to a
 * thread in batches, and their signatures come back in batches.
 */
import type { KeyObject } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Algorithm } from './algorithms.ts';
import { createSignatureMaker, slowSignature, type MakerFor, type SlowSignature } from './sign.ts';

export interface SigningThreads {
  /** As `createSignatureMaker`; what is slow is done by the threads. */
  readonly makerFor: MakerFor;
  /** Ends them; what was under way rejects. A later signature starts new ones. */
  close(): Promise<void>;
}

/** So many signatures keep a loop that waits for them for a few milliseconds, and cost one wake-up. */
const BATCH_MAX = 8;
/** The second one is there when the first is done: the thread never waits. */
const BATCHES_MAX = 2;
const THREADS_MAX = 4;
/** Megabytes; what is alive in a thread is a few batches. */
const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 };

const ENDED = new Error('the thread that signs has ended');

/** As text, because a file of its own would be TypeScript in development and nothing loads that in a thread. */
const SCRIPT = `
const { sign } = require('node:crypto');
const { parentPort } = require('node:worker_threads');
function answer({ input, signature: { hash, options } }) {
  try {
    return sign(hash, Buffer.from(input), options).toString('base64url');
  } catch (error) {
    return error;
  }
}
parentPort.on('message', (questions) => parentPort.postMessage(questions.map(answer)));`;

interface Question {
  readonly input: string;
  /** The same object for all inputs of a key: a message holds it once. */
  readonly signature: SlowSignature;
}

interface Job {
  readonly question: Question;
  readonly resolve: (signature: string) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  /** In the order in which their answers come. */
  readonly batches: (readonly Job[])[];
}

export interface SigningThreadsOptions {
  /** What a thread runs, for tests: CommonJS. */
  readonly script?: string;
  readonly threadsMax?: number;
}

/** One core is left for the event loop. Threads start when there is something to sign. */
export function createSigningThreads({
  script = SCRIPT,
  threadsMax = Math.min(Math.max(1, availableParallelism() - 1), THREADS_MAX),
}: SigningThreadsOptions = {}): SigningThreads {
  const threads = new Set<Thread>();
  let waiting: Job[] = [];
  let isScheduled = false;

  function sign(question: Question): Promise<string> {
    return new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      if (isScheduled) return;
      isScheduled = true;
      // What this turn of the loop still brings goes along.
      setImmediate(() => {
        isScheduled = false;
        dispatch();
      });
    });
  }

  function dispatch(): void {
    while (waiting.length > 0) {
      const thread = freeThread();
      if (thread === undefined) return;
      const batch = waiting.slice(0, BATCH_MAX);
      waiting = waiting.slice(BATCH_MAX);
      thread.worker.ref();
      thread.batches.push(batch);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      thread.worker.postMessage(batch.map(({ question }) => question));
    }
  }

  /** The least busy one, or a new one when all are busy; `undefined` when none may take more. */
  function freeThread(): Thread | undefined {
    const [idlest] = [...threads].toSorted((a, b) => a.batches.length - b.batches.length);
    const isBusy = idlest === undefined || idlest.batches.length > 0;
    if (isBusy && threads.size < threadsMax) return start();
    return idlest !== undefined && idlest.batches.length < BATCHES_MAX ? idlest : undefined;
  }

  function start(): Thread {
    const options = { eval: true, execArgv: [], env: {}, resourceLimits: LIMITS };
    const thread: Thread = { worker: new Worker(script, options), batches: [] };
    threads.add(thread);
    thread.worker.on('message', (answers: unknown) => {
      settle(thread.batches.shift() ?? [], answers);
      if (thread.batches.length === 0) thread.worker.unref();
      dispatch();
    });
    thread.worker.once('error', (error) => end(thread, error));
    thread.worker.once('exit', () => end(thread, ENDED));
    return thread;
  }

  /** Nothing of it is signed in another way: whoever asked is told, and the next one starts anew. */
  function end(thread: Thread, error: Error): void {
    threads.delete(thread);
    for (const { reject } of thread.batches.splice(0).flat()) reject(error);
    dispatch();
  }

  return {
    makerFor(algorithm: Algorithm, key: KeyObject) {
      const signature = slowSignature(algorithm, key);
      return signature === undefined
        ? createSignatureMaker(algorithm, key)
        : (input) => sign({ input, signature });
    },
    async close() {
      const left = waiting;
      waiting = [];
      for (const { reject } of left) reject(ENDED);
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}

function settle(batch: readonly Job[], answers: unknown): void {
  const list: readonly unknown[] = Array.isArray(answers) ? answers : [];
  batch.forEach(({ resolve, reject }, index) => {
    const answer = list[index];
    if (typeof answer === 'string') resolve(answer);
    else reject(answer);
  });
}
