/**
 * Latency: the least moving average of answer times for the weight. The average of every address
 * decays by the same law, so their order changes only when one of them gets a new measurement, and a
 * heap over the logarithms keeps it.
 */
import type { Address } from './address.ts';
import type { AddressPool, Algorithm, Skip } from './algorithm.ts';
import { MinHeap } from './heap.ts';

/** After this time a measurement counts 1/e (Kong). */
const DECAY_MS = 10_000;

export class Latency implements Algorithm {
  readonly #now: () => number;
  #heap = new MinHeap<Address>();
  #members: ReadonlySet<Address> = new Set();
  #picks = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Kong: with several addresses, a request that every one of them failed has no peer. */
  get goesRound(): boolean {
    return this.#members.size === 1;
  }

  /** Who is new, or back, begins with the average of the others: not with a rush. */
  update({ all, usable }: AddressPool): void {
    this.#members = new Set(usable);
    for (const { record } of all.filter((address) => !this.#members.has(address))) {
      record.answerMs = undefined;
    }
    const known = usable.flatMap(({ record }) => record.answerMs ?? []);
    const average = known.reduce((sum, ms) => sum + ms, 0) / Math.max(known.length, 1);
    for (const address of usable) {
      const { record } = address;
      if (record.answerMs === undefined) {
        record.answerMs = average;
        record.answeredAt = this.#now();
      }
      address.key = scoreOf(address);
    }
    this.#heap = new MinHeap(usable);
  }

  pick(_hashKey: string, skip: Skip | undefined): Address | undefined {
    return this.#heap.first(skip);
  }

  /** Among equals the one goes first that was not asked for longest: most of all before the first answers. */
  began(address: Address): void {
    address.tie = ++this.#picks;
    if (this.#members.has(address)) this.#heap.update(address);
  }

  /** A failure says nothing about the time that answers take. */
  ended(address: Address, ms: number | undefined): void {
    if (ms === undefined) return;
    const { record } = address;
    const now = this.#now();
    const kept = Math.exp(-Math.max(0, now - record.answeredAt) / DECAY_MS);
    record.answerMs = (record.answerMs ?? 0) * kept + ms * (1 - kept);
    record.answeredAt = now;
    address.key = scoreOf(address);
    if (this.#members.has(address)) this.#heap.update(address);
  }
}

/** The logarithm of average × e^(answeredAt / decay) / weight: orders as the decayed averages do. */
function scoreOf({ record, weight }: Address): number {
  return Math.log(record.answerMs ?? 0) + record.answeredAt / DECAY_MS - Math.log(weight);
}
