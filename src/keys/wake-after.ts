/** Timers for periods of any length, which keep no process alive. */

/** The longest that a timer of Node can wait; one with more fires at once. */
const DELAY_MS_MAX = 2 ** 31 - 1;

/** Wakes after `ms`, or after 25 days at the latest: whoever is woken looks at the clock again. */
export function wakeAfter(ms: number, wake: () => void): NodeJS.Timeout {
  return setTimeout(wake, Math.min(ms, DELAY_MS_MAX)).unref();
}
