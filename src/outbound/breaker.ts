/** A breaker: after several failures in a row, calls fail at once for a while; then one call tries. */

export interface Breaker {
  /** Whether a call may go out now. After `true`, its outcome must be told. */
  admit(): boolean;
  succeeded(): void;
  failed(): void;
  /** The call ended without an outcome, e.g. given up by its caller. */
  abandoned(): void;
  readonly state: 'closed' | 'open' | 'half-open';
}

export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly failuresMax: number;
  /** Doubles with every try that fails, up to `pauseMaxMs`. */
  readonly pauseMs: number;
  readonly pauseMaxMs: number;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

export function createBreaker({ failuresMax, pauseMs, pauseMaxMs, now }: BreakerOptions): Breaker {
  let failures = 0;
  let openUntil = 0;
  let isTrying = false;
  const isOpen = (): boolean => failures >= failuresMax;
  return {
    admit() {
      if (!isOpen()) return true;
      if (isTrying || now() < openUntil) return false;
      isTrying = true;
      return true;
    },
    succeeded() {
      failures = 0;
      isTrying = false;
    },
    failed() {
      failures += 1;
      isTrying = false;
      if (isOpen()) {
        const doublings = Math.min(failures - failuresMax, 16);
        openUntil = now() + Math.min(pauseMs * 2 ** doublings, pauseMaxMs);
      }
    },
    abandoned() {
      isTrying = false;
    },
    get state() {
      if (!isOpen()) return 'closed';
      return now() < openUntil ? 'open' : 'half-open';
    },
  };
}
