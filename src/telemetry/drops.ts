/** Says that records were lost: what happens a thousand times a second is one line of the log. */
import type { Logger } from '../log.ts';

const INTERVAL_MS = 1000;

export interface DropLog {
  /** `reason` is a clause without secrets, e.g. `the queue is full`. */
  dropped(count: number, reason: string): void;
  /** Says at once what has not been said yet. */
  close(): void;
}

/** At most one line a second, whose `dropped` is the number of records since the one before. */
export function createDropLog(log: Logger): DropLog {
  let count = 0;
  let reason = '';
  let timer: NodeJS.Timeout | undefined;

  function say(): void {
    timer = undefined;
    if (count === 0) return;
    log.error({ dropped: count }, `log records were lost: ${reason}`);
    count = 0;
    timer = setTimeout(say, INTERVAL_MS);
    timer.unref();
  }

  return {
    dropped(more, why) {
      count += more;
      reason = why;
      if (timer === undefined) say();
    },
    close() {
      clearTimeout(timer);
      say();
      clearTimeout(timer);
    },
  };
}
