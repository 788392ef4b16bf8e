/** The header fields that tell a client what is left of its limits. */
import { setHeader, type HeaderList } from '../../http/headers.ts';
import type { Usage } from '../../counters/types.ts';
import type { CounterWindow, Period } from '../../counters/windows.ts';

const namesFor = (word: string) => ({
  limit: `X-RateLimit-Limit-${word}`,
  remaining: `X-RateLimit-Remaining-${word}`,
});

const NAMES: Readonly<Record<Period, ReturnType<typeof namesFor>>> = {
  second: namesFor('Second'),
  minute: namesFor('Minute'),
  hour: namesFor('Hour'),
  day: namesFor('Day'),
  month: namesFor('Month'),
  year: namesFor('Year'),
};

/** The longest window without anything left, or `undefined`: the request may pass. */
export function usedUp(windows: readonly CounterWindow[], usage: Usage): CounterWindow | undefined {
  return windows.findLast((window, i) => window.limit - (usage[i] ?? 0) <= 0);
}

/**
 * `X-RateLimit-*` of every window and `RateLimit-*` of the one with the least left, the longest of
 * several. The request itself is taken off already; of a refused one only where it was refused.
 * @param nowMs milliseconds since the epoch
 */
export function rateLimitHeaders(
  windows: readonly CounterWindow[],
  usage: Usage,
  stop: CounterWindow | undefined,
  nowMs: number,
): HeaderList {
  const headers: HeaderList = [];
  let tightest: CounterWindow | undefined;
  let least = Infinity;
  for (const [i, window] of windows.entries()) {
    const own = stop === undefined || stop === window ? 1 : 0;
    const remaining = Math.max(0, window.limit - (usage[i] ?? 0) - own);
    const names = NAMES[window.period];
    headers.push(names.limit, String(window.limit), names.remaining, String(remaining));
    if (remaining > least) continue;
    least = remaining;
    tightest = window;
  }
  if (tightest === undefined) return headers;
  const elapsed = Math.floor(nowMs / 1000) - tightest.startMs / 1000;
  const reset = String(Math.max(1, tightest.seconds - elapsed));
  headers.push('RateLimit-Limit', String(tightest.limit));
  headers.push('RateLimit-Remaining', String(least), 'RateLimit-Reset', reset);
  if (stop !== undefined) headers.push('Retry-After', reset);
  return headers;
}

/** Puts them in place of what an answer has under these names. */
export function setHeaders(list: HeaderList, headers: Readonly<HeaderList>): void {
  for (let i = 0; i < headers.length; i += 2)
    setHeader(list, headers[i] ?? '', headers[i + 1] ?? '');
}
