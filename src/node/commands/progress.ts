/** What a command is busy with, on a terminal, for as long as it is. */
import { printable } from '../../report/frame.ts';

/** Smaller documents are done before anybody has read the line. */
const SLOW_BYTES = 200_000;

export interface Progress {
  /** Says what the work is at now. */
  readonly at: (phase: string) => void;
  /** Takes the line away again. */
  readonly end: () => void;
}

const NONE: Progress = { at: () => {}, end: () => {} };
const CLEAR_LINE = '\r\u001B[K';

/**
 * A line on stderr where that is a terminal.
 * @param bytes the size of what is worked on
 */
export function showProgress(what: string, bytes: number): Progress {
  if (!process.stderr.isTTY || bytes < SLOW_BYTES) return NONE;
  const head = `${what} (${(bytes / 1e6).toFixed(1)} MB)`;
  return {
    at: (phase) => void process.stderr.write(`${CLEAR_LINE}${head}: ${phase} …`),
    end: () => void process.stderr.write(CLEAR_LINE),
  };
}

export interface CountProgress {
  /** Says how many are done and which one comes now. */
  readonly at: (done: number, name: string) => void;
  readonly end: () => void;
}

/** So often at most: a terminal is slower than the work. */
const COUNT_EVERY_MS = 100;
const NAME_MAX = 60;

/**
 * The same for work that is counted.
 * @param parts 0 shows nothing
 */
export function showCount(parts: number): CountProgress {
  if (!process.stderr.isTTY || parts === 0) return { at: () => {}, end: () => {} };
  let shownAt = 0;
  return {
    at(done, name) {
      const now = performance.now();
      if (now - shownAt < COUNT_EVERY_MS) return;
      shownAt = now;
      process.stderr.write(
        `${CLEAR_LINE}${done} done, now: ${printable(name.slice(0, NAME_MAX))} …`,
      );
    },
    end: () => void process.stderr.write(CLEAR_LINE),
  };
}
