/** Counting uses: what rate limits are made of. */
import type { CounterWindow } from './windows.ts';

/** How often each of the windows was used, in their order. */
export type Usage = readonly number[];

/**
 * Counts that several processes may share. What this process holds itself is answered at once, the
 * rest by a promise that rejects with a CounterError.
 */
export interface Counters {
  /**
   * Counts one use in every window, unless one of them has none left: then in none. Gives the usage
   * before. Exact, however many ask at the same time.
   */
  take(windows: readonly CounterWindow[], identifier: string): Usage | Promise<Usage>;
  /** The usage, nothing counted. */
  read(windows: readonly CounterWindow[], identifier: string): Usage | Promise<Usage>;
  /** Counts `amount` uses in every window, whatever is left. */
  add(windows: readonly CounterWindow[], identifier: string, amount: number): void | Promise<void>;
}

/** True when each window has at least a part of a use left (Kong: `limit - usage > 0`). */
export const hasRoom = (windows: readonly CounterWindow[], usage: Usage): boolean =>
  windows.every((window, i) => window.limit - (usage[i] ?? 0) > 0);
