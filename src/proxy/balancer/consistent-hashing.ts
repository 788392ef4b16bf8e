/**
 * Consistent hashing on Kong's ring: the same points for the same targets, so that a key leads to the
 * same address here as there.
 */
import type { Address } from './address.ts';
import type { AddressPool, Algorithm, Skip } from './algorithm.ts';
import { xxh32 } from './xxh32.ts';

/** Points of an address when all weigh the same. */
const POINTS_EACH = 160;
/** Kong takes this many for an upstream with fewer `slots`. */
const SLOTS_MIN = 1000;

export class ConsistentHashing implements Algorithm {
  readonly goesRound = true;
  readonly #slots: number;
  #all: readonly Address[] = [];
  /** By slot: whose point is there, if any. */
  #points: readonly (Address | undefined)[] = [];
  /** By slot: the usable address at it or next below, round the ring. */
  #owners: readonly (Address | undefined)[] = [];

  constructor(slots: number) {
    this.#slots = Math.max(slots, SLOTS_MIN);
  }

  update({ all, usable, targetCount }: AddressPool): void {
    if (all !== this.#all) {
      this.#all = all;
      this.#points = layOut(all, targetCount, this.#slots);
    }
    this.#owners = ownersOf(this.#points, new Set(usable));
  }

  pick(hashKey: string, skip: Skip | undefined): Address | undefined {
    const slot = xxh32(hashKey) % this.#slots;
    const owner = this.#owners[slot];
    if (skip === undefined || owner === undefined || !skip(owner)) return owner;
    return this.#next(slot, skip);
  }

  #next(slot: number, skip: Skip): Address | undefined {
    for (let below = 1; below < this.#slots; below++) {
      const owner = this.#owners[(slot - below + this.#slots) % this.#slots];
      if (owner !== undefined && !skip(owner)) return owner;
    }
    return undefined;
  }

  began(): void {}
  ended(): void {}
}

/** An address gets points for its share of the weight, at least one. A slot that is taken costs a further try. */
function layOut(
  all: readonly Address[],
  targetCount: number,
  slots: number,
): readonly (Address | undefined)[] {
  const points = Array.from<Address | undefined>({ length: slots });
  const total = all.reduce((sum, { weight }) => sum + weight, 0);
  for (const address of all) {
    const share = Math.floor((address.weight / total) * targetCount * POINTS_EACH);
    let entries = Math.max(share, 1);
    for (let i = 1; i <= entries && i <= slots; i++) {
      const slot = xxh32(`${address.label} ${i}`) % slots;
      if (points[slot] === undefined) points[slot] = address;
      else entries++;
    }
  }
  return points;
}

function ownersOf(
  points: readonly (Address | undefined)[],
  usable: ReadonlySet<Address>,
): readonly (Address | undefined)[] {
  const owners = Array.from<Address | undefined>({ length: points.length });
  const isUsable = (address: Address | undefined): address is Address =>
    address !== undefined && usable.has(address);
  let owner = points.findLast(isUsable);
  for (const [slot, address] of points.entries()) {
    if (isUsable(address)) owner = address;
    owners[slot] = owner;
  }
  return owners;
}
