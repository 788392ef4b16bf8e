/** What a command is busy with, on a terminal, for as long as it is. */

/** Smaller documents are done before anybody has read the line. */
const SLOW_BYTES = 200_000;

export interface Progress {
  /** Takes the line away again. */
  readonly end: () => void;
}

const NONE: Progress = { end: () => {} };

/**
 * A line on stderr where that is a terminal. The check itself blocks the process, so that nothing on
 * the line could move.
 * @param bytes the size of what is worked on
 */
export function showProgress(what: string, bytes: number): Progress {
  if (!process.stderr.isTTY || bytes < SLOW_BYTES) return NONE;
  process.stderr.write(`${what} (${(bytes / 1e6).toFixed(1)} MB) …`);
  return { end: () => void process.stderr.write('\r\u001B[K') };
}
