/** Lets plugins hear what the program logs, beside the log itself. */
import type { Logger } from './log.ts';

export type LineLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export interface LogLine {
  readonly level: LineLevel;
  /** Also those of the loggers it came through; not masked. */
  readonly fields: object;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface LogTap {
  /** Gives the function that ends it. */
  subscribe(listener: (line: LogLine) => void): () => void;
}

const LEVELS: readonly LineLevel[] = ['debug', 'info', 'warn', 'error', 'fatal'];

/** The logger to use, and the tap on it. Lines below `lowest` are heard by nobody. */
export function tapLogger(
  log: Logger,
  lowest: LineLevel,
): { readonly log: Logger; readonly tap: LogTap } {
  const listeners = new Set<(line: LogLine) => void>();
  const isHeard = new Set(LEVELS.slice(LEVELS.indexOf(lowest)));

  function wrap(inner: Logger, own: object): Logger {
    const teeing =
      (level: LineLevel) =>
      (fields: object, message: string): void => {
        inner[level](fields, message);
        if (listeners.size === 0 || !isHeard.has(level)) return;
        const line = { level, fields: { ...own, ...fields }, message, at: Date.now() };
        for (const listener of listeners) listener(line);
      };
    return {
      debug: teeing('debug'),
      info: teeing('info'),
      warn: teeing('warn'),
      error: teeing('error'),
      fatal: teeing('fatal'),
      child: (fields) => wrap(inner.child(fields), { ...own, ...fields }),
    };
  }

  return {
    log: wrap(log, {}),
    tap: {
      subscribe(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
  };
}
