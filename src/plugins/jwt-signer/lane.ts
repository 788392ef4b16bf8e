/** How many signatures the thread pool makes at once: one core is left for the event loop. */
import { availableParallelism } from 'node:os';

/** Runs `work`, now or when it is its turn. */
export type Lane = <T>(work: () => T | Promise<T>) => Promise<T>;

/** First come, first served. What waits are requests, whose number is limited elsewhere. */
export function createLane(width: number): Lane {
  const waiting: (() => void)[] = [];
  let free = width;
  return async (work) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

/** Shared by all entries of the process: they share its cores. */
export const signingLane: Lane = createLane(Math.max(1, availableParallelism() - 1));
