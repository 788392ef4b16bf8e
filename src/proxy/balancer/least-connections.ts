/** Least connections: who has the fewest requests under way for its weight, counted in this process. */
import type { Address } from './address.ts';
import type { AddressPool, Algorithm, Skip } from './algorithm.ts';
import { MinHeap } from './heap.ts';

export class LeastConnections implements Algorithm {
  readonly goesRound = true;
  #heap = new MinHeap<Address>();
  #members: ReadonlySet<Address> = new Set();

  update({ usable }: AddressPool): void {
    for (const [tie, address] of usable.entries()) {
      address.key = loadOf(address);
      address.tie = tie;
    }
    this.#heap = new MinHeap(usable);
    this.#members = new Set(usable);
  }

  pick(_hashKey: string, skip: Skip | undefined): Address | undefined {
    return this.#heap.first(skip);
  }

  began(address: Address): void {
    this.#reorder(address);
  }

  ended(address: Address): void {
    this.#reorder(address);
  }

  #reorder(address: Address): void {
    address.key = loadOf(address);
    if (this.#members.has(address)) this.#heap.update(address);
  }
}

/** With the request that would come: else an idle peer would win whatever its weight (Kong). */
const loadOf = ({ active, weight }: Address): number => (active + 1) / weight;
