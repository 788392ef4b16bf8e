/**
 * Which regular expressions explode, found by recheck. It runs in a thread of its own that is ended
 * when it takes too long, and only for what this gateway's own proof (`router/regex-safety.ts`) leaves
 * open, so that most configs never load it.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { emit } from '../router/regex-emit.ts';
import { isSafeForV8 } from '../router/regex-safety.ts';
import { parseRegex } from '../router/regex-syntax.ts';

export interface RegexChecker {
  /** How the time grows (`exponential`, `3rd degree polynomial`); `undefined`: slowly, or nobody knows. */
  readonly check: (pattern: string, isAnchored: boolean) => Promise<string | undefined>;
  /** Whether a pattern had no answer because the time was over. */
  readonly hasGivenUp: () => boolean;
  /** Ends the thread. */
  readonly close: () => Promise<void>;
}

export interface RegexCheckerOptions {
  /** Milliseconds for one regex; starting the thread is not counted. */
  readonly timeoutMs: number;
  /** Milliseconds for all together; what comes later is not checked. */
  readonly totalMs: number;
  /** What the thread runs, for tests: CommonJS that answers each message. */
  readonly script?: string;
}

/** A pattern takes some milliseconds; a machine that is busy with other things many times that. */
export const DEFAULT_LIMITS: RegexCheckerOptions = { timeoutMs: 3000, totalMs: 10_000 };

/**
 * As text, because a file of its own would be TypeScript in development and nothing loads that in a
 * thread. The pure backend: the others start Java or a binary.
 */
const SCRIPT = `
const { parentPort, workerData } = require('node:worker_threads');
const { checkSync } = require(workerData.recheck);
parentPort.postMessage('ready');
parentPort.on('message', ({ source, timeout }) => {
  const { status, complexity } = checkSync(source, 'u', { timeout });
  parentPort.postMessage(status === 'unknown' ? undefined : complexity);
});`;

/** Answers are kept for equal patterns. */
export function createRegexChecker(options: RegexCheckerOptions = DEFAULT_LIMITS): RegexChecker {
  const known = new Map<string, string | undefined>();
  const thread = createThread(options);
  let spentMs = 0;
  let hasGivenUp = false;
  const ask = async (source: string): Promise<string | undefined> => {
    const begun = performance.now();
    const answer = spentMs < options.totalMs ? await thread.ask(source) : undefined;
    spentMs += performance.now() - begun;
    hasGivenUp ||= answer === undefined;
    return growthOf(answer);
  };
  return {
    async check(pattern, isAnchored) {
      const source = sourceOf(isAnchored ? `^${pattern}` : pattern);
      if (source === undefined) return undefined;
      if (!known.has(source)) known.set(source, await ask(source));
      return known.get(source);
    },
    hasGivenUp: () => hasGivenUp,
    close: () => thread.close(),
  };
}

/** In JS syntax; `undefined` for what needs no check, or cannot be read. */
function sourceOf(pattern: string): string | undefined {
  try {
    const root = parseRegex(pattern);
    return isSafeForV8(root) ? undefined : emit(root, 'v8');
  } catch {
    return undefined; // PCRE's own syntax in a plugin's config
  }
}

/** The square of a path of 8 KB is a blink, its cube is minutes. */
const DEGREE_MIN = 3;

function growthOf(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const type: unknown = Reflect.get(answer, 'type');
  if (type === 'exponential') return 'exponential';
  const degree: unknown = Reflect.get(answer, 'degree');
  return type === 'polynomial' && typeof degree === 'number' && degree >= DEGREE_MIN
    ? `cubic or worse (degree ${degree})`
    : undefined;
}

interface Thread {
  /** The answer; `undefined` when it takes too long or fails. One question at a time. */
  ask(source: string): Promise<unknown>;
  readonly close: () => Promise<void>;
}

function createThread({ timeoutMs, script = SCRIPT }: RegexCheckerOptions): Thread {
  let worker: Promise<Worker> | undefined;
  const close = async (): Promise<void> => {
    const ending = worker;
    worker = undefined;
    // oxlint-disable-next-line promise/prefer-await-to-then -- one that did not start is no failure here
    await ending?.then((thread) => thread.terminate()).catch(() => undefined);
  };
  return {
    close,
    async ask(source) {
      try {
        worker ??= start(script);
        return await answerOf(await worker, { source, timeout: timeoutMs });
      } catch {
        await close();
        return undefined;
      }
    },
  };
}

/** Resolves when the thread has loaded recheck. */
function start(script: string): Promise<Worker> {
  const worker = new Worker(script, {
    eval: true,
    env: { RECHECK_BACKEND: 'pure' },
    execArgv: [],
    workerData: { recheck: createRequire(import.meta.url).resolve('recheck') },
  });
  worker.unref();
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve(worker));
    worker.once('error', reject);
  });
}

/** recheck looks at its own clock now and then; a thread that does not answer is given up. */
function answerOf(
  worker: Worker,
  question: { readonly source: string; readonly timeout: number },
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('took too long')), question.timeout * 1.5);
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      worker.off('error', onError);
      worker.off('message', onMessage);
      end();
    };
    const onError = (error: Error): void => settle(() => reject(error));
    const onMessage = (answer: unknown): void => settle(() => resolve(answer));
    worker.once('error', onError);
    worker.once('message', onMessage);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage(question);
  });
}
