/** Weighted round robin: in every full turn each value comes up exactly as often as its weight says. */
import { MinHeap, type HeapNode } from './heap.ts';

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

interface Slot<T> extends Weighted<T>, HeapNode {
  /** Picks in this turn. */
  taken: number;
}

/** Enough turns to spread the starting points of many workers; not more work than a blink. */
const WARM_UP_MAX = 1_000;

/**
 * The k-th pick of a value is due at k/weight of the turn, and what is due first is picked. Keys are
 * quotients of whole numbers below 2^32, so equal ones are equal as doubles and others differ: the
 * proportions are exact. Kong lays the same ones out as a shuffled wheel, whose size explodes with
 * coprime weights. `random` gives 0 ≤ x < 1 and decides where in the turn to begin, so that workers
 * and reloads do not all start at the same value.
 */
export function createRoundRobin<T>(
  values: readonly Weighted<T>[],
  random: () => number = Math.random,
): Pick<T> {
  const slots = values
    .filter(({ weight }) => weight > 0)
    .map(({ value, weight }, tie): Slot<T> => ({
      value,
      weight,
      taken: 0,
      key: 1 / weight,
      tie,
      at: 0,
    }));
  const heap = new MinHeap(slots);
  const turn = slots.reduce((sum, slot) => sum + slot.weight, 0);
  let picks = 0;

  function take(slot: Slot<T>): T {
    slot.taken++;
    slot.key = (slot.taken + 1) / slot.weight;
    heap.update(slot);
    picks++;
    if (picks === turn) beginTurn();
    return slot.value;
  }
  /** Every key loses 1, which changes no order. What was passed over keeps its claim. */
  function beginTurn(): void {
    picks = 0;
    for (const slot of slots) {
      slot.taken -= slot.weight;
      slot.key = (slot.taken + 1) / slot.weight;
    }
  }
  const pick: Pick<T> = (skip) => {
    const slot = heap.first(skip && (({ value }) => skip(value)));
    return slot && take(slot);
  };
  const start = Math.floor(random() * Math.min(turn, WARM_UP_MAX));
  for (let i = 0; i < start; i++) pick();
  return pick;
}
