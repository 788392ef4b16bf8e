/** What a command is busy with, on a terminal, for as long as it is. */

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
