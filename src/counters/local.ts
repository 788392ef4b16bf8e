/** Counters in the memory of one process. They outlive reloads and end with their window. */
import { hasRoom, type Counters, type Usage } from './types.ts';
import type { CounterWindow } from './windows.ts';

/** Identifiers of one window; a client that invents more of them evicts the oldest. */
const IDENTIFIERS_MAX = 100_000;
const SWEEP_EVERY_MS = 60_000;

interface Counted {
  startMs: number;
  endMs: number;
  counts: Map<string, number>;
}

export interface LocalCounters extends Counters {
  take(windows: readonly CounterWindow[], identifier: string): Usage;
  read(windows: readonly CounterWindow[], identifier: string): Usage;
  add(windows: readonly CounterWindow[], identifier: string, amount: number): void;
}

/** @param now milliseconds since the epoch */
export function createLocalCounters(now: () => number): LocalCounters {
  /** Per scope and kind the window that was asked for last: the others are over. */
  const scopes = new Map<string, Map<string, Counted>>();
  let sweptAtMs = now();

  /** Forgets what belongs to limits that nobody asks for any more. */
  function sweep(nowMs: number): void {
    if (nowMs - sweptAtMs < SWEEP_EVERY_MS) return;
    sweptAtMs = nowMs;
    for (const [scope, kinds] of scopes) {
      for (const [kind, { endMs }] of kinds) if (endMs <= nowMs) kinds.delete(kind);
      if (kinds.size === 0) scopes.delete(scope);
    }
  }

  function countsOf({ scope, kind, startMs, endMs }: CounterWindow): Map<string, number> {
    let kinds = scopes.get(scope);
    if (kinds === undefined) scopes.set(scope, (kinds = new Map()));
    let counted = kinds.get(kind);
    if (counted === undefined || counted.startMs !== startMs) {
      kinds.set(kind, (counted = { startMs, endMs, counts: new Map() }));
      sweep(now());
    }
    return counted.counts;
  }

  const read = (windows: readonly CounterWindow[], identifier: string): Usage =>
    windows.map((window) => countsOf(window).get(identifier) ?? 0);

  function add(windows: readonly CounterWindow[], identifier: string, amount: number): void {
    for (const window of windows) {
      const counts = countsOf(window);
      const before = counts.get(identifier);
      if (before === undefined && counts.size >= IDENTIFIERS_MAX) evictOldest(counts);
      counts.set(identifier, (before ?? 0) + amount);
    }
  }

  return {
    read,
    add,
    take(windows, identifier) {
      const usage = read(windows, identifier);
      if (hasRoom(windows, usage)) add(windows, identifier, 1);
      return usage;
    },
  };
}

function evictOldest(counts: Map<string, number>): void {
  for (const identifier of counts.keys()) {
    counts.delete(identifier);
    return;
  }
}
