/** Weighted round robin: in every full turn each value comes up exactly as often as its weight says. */

export interface Weighted<T> {
  readonly value: T;
  /** A whole number; 0 is never chosen. */
  readonly weight: number;
}

/**
 * Picks the next value, passing over those that `skip` names; `undefined` when none is left.
 * With nothing skipped the picks repeat every sum(weights)/gcd(weights) calls.
 */
export type Pick<T> = (skip?: (value: T) => boolean) => T | undefined;

interface Slot<T> extends Weighted<T> {
  credit: number;
}

/** Enough turns to spread the starting points of many workers; not more work than a blink. */
const WARM_UP_MAX = 1_000;

/**
 * Smooth weighted round robin (nginx' method): every value earns its weight, the richest is chosen
 * and pays the sum. Kong lays the same proportions out as a shuffled wheel, whose size explodes with
 * coprime weights. `random` gives 0 ≤ x < 1 and decides where in the cycle to begin, so that
 * workers and reloads do not all start at the same value.
 */
export function createRoundRobin<T>(
  values: readonly Weighted<T>[],
  random: () => number = Math.random,
): Pick<T> {
  const slots = values
    .filter(({ weight }) => weight > 0)
    .map(({ value, weight }): Slot<T> => ({ value, weight, credit: 0 }));
  const turn = slots.reduce((sum, slot) => sum + slot.weight, 0);
  const pick: Pick<T> = (skip) => choose(slots, skip);
  const start = Math.floor(random() * Math.min(turn, WARM_UP_MAX));
  for (let i = 0; i < start; i++) pick();
  return pick;
}

function choose<T>(slots: readonly Slot<T>[], skip?: (value: T) => boolean): T | undefined {
  let sum = 0;
  let best: Slot<T> | undefined;
  for (const slot of slots) {
    if (skip?.(slot.value)) continue;
    slot.credit += slot.weight;
    sum += slot.weight;
    if (best === undefined || slot.credit > best.credit) best = slot;
  }
  if (best === undefined) return undefined;
  best.credit -= sum;
  return best.value;
}
