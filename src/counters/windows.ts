/** Calendar windows in UTC (Kong: `get_timestamps`), kept until the clock leaves them. */

/** Seconds for which a counter is of interest; Kong's months have 30 days. */
const SECONDS = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  month: 2_592_000,
  year: 31_536_000,
} as const;

export type Period = keyof typeof SECONDS;

/** From the shortest to the longest. */
export const PERIODS: readonly Period[] = ['second', 'minute', 'hour', 'day', 'month', 'year'];

/** One window of one kind of counter; within it every identifier has a count of its own. */
export interface CounterWindow {
  /** What is counted, without the identifier and the time. */
  readonly scope: string;
  /** The last part of a counter's name: the period, and in Kong's order what else it counts. */
  readonly kind: string;
  readonly period: Period;
  /** First millisecond since the epoch. */
  readonly startMs: number;
  /** First millisecond after it. */
  readonly endMs: number;
  /** What Kong says a window of this period lasts, for `RateLimit-Reset` and the life of a counter. */
  readonly seconds: number;
  readonly limit: number;
}

export interface Limit {
  readonly kind: string;
  readonly period: Period;
  readonly limit: number;
}

/** Limits of the periods that a record of the config sets. @param name what else than the period is counted by */
export function limitsOf(record: Readonly<Record<Period, number | null>>, name?: string): Limit[] {
  return PERIODS.flatMap((period) => {
    const limit = record[period];
    const kind = name === undefined ? period : `${name}:${period}`;
    return limit === null ? [] : [{ kind, period, limit }];
  });
}

/** The window of each limit at `nowMs`, in their order. The same list as long as none has ended. */
export type WindowClock = (nowMs: number) => readonly CounterWindow[];

export function createWindowClock(scope: string, limits: readonly Limit[]): WindowClock {
  const at = (nowMs: number): readonly CounterWindow[] =>
    limits.map((limit) => ({
      ...limit,
      scope,
      ...bounds(limit.period, nowMs),
      seconds: SECONDS[limit.period],
    }));
  let windows = at(0);
  // A clock that is set back must find its old windows, not the newer ones.
  let startMs = 0;
  let endMs = 0;
  return (nowMs) => {
    if (nowMs >= endMs || nowMs < startMs) {
      windows = at(nowMs);
      startMs = Math.max(...windows.map((window) => window.startMs));
      endMs = Math.min(...windows.map((window) => window.endMs));
    }
    return windows;
  };
}

/** The name of a counter in a store that all nodes share. Kong's, so that both can count together. */
export const counterName = (window: CounterWindow, identifier: string): string =>
  `${window.scope}:${identifier}:${window.startMs}:${window.kind}`;

function bounds(
  period: Period,
  nowMs: number,
): { readonly startMs: number; readonly endMs: number } {
  if (period === 'month' || period === 'year') {
    const now = new Date(nowMs);
    const year = now.getUTCFullYear();
    if (period === 'year') return { startMs: Date.UTC(year), endMs: Date.UTC(year + 1) };
    const month = now.getUTCMonth();
    return { startMs: Date.UTC(year, month), endMs: Date.UTC(year, month + 1) };
  }
  const lengthMs = SECONDS[period] * 1000;
  const startMs = Math.floor(nowMs / lengthMs) * lengthMs;
  return { startMs, endMs: startMs + lengthMs };
}

const NOBODY = '00000000-0000-0000-0000-000000000000';

interface Scoped {
  readonly route: { readonly id: string } | null;
  readonly service: { readonly id: string } | null;
}

/** The part of a counter's name that says which entry counts: its own scope, not the request's. */
export const scopeOf = ({ route, service }: Scoped): string =>
  `${route?.id ?? NOBODY}:${service?.id ?? NOBODY}`;
