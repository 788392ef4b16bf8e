/** What the balancing algorithms have in common. */
import type { Upstream } from '../../config/types.ts';
import type { Address } from './address.ts';
import { ConsistentHashing } from './consistent-hashing.ts';
import { Latency } from './latency.ts';
import { LeastConnections } from './least-connections.ts';
import { createRoundRobin, type Pick } from './round-robin.ts';

/** The addresses of an upstream at one moment; each has a weight above 0. */
export interface AddressPool {
  /** The same list until DNS changes it. */
  readonly all: readonly Address[];
  /** Those of `all` that health lets through. */
  readonly usable: readonly Address[];
  /** How many targets the upstream has, those of weight 0 as well. */
  readonly targetCount: number;
}

/** Names addresses that a request has tried. */
export type Skip = (address: Address) => boolean;

/** Chooses among the usable addresses of the pool it was given last. */
export interface Algorithm {
  update(pool: AddressPool): void;
  /** @param hashKey what the request is hashed by, as bytes; empty when by nothing */
  pick(hashKey: string, skip: Skip | undefined): Address | undefined;
  /** Whether a request that has tried them all begins anew, else it has no peer. */
  readonly goesRound: boolean;
  /** A request goes to the address, and is over after `ms`; `undefined`: without a whole answer. */
  began(address: Address): void;
  ended(address: Address, ms: number | undefined): void;
}

export interface AlgorithmTools {
  /** 0 ≤ x < 1. */
  readonly random: (() => number) | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function createAlgorithm(upstream: Upstream, { random, now }: AlgorithmTools): Algorithm {
  switch (upstream.algorithm) {
    case 'round-robin':
      return new RoundRobin(random);
    case 'least-connections':
      return new LeastConnections();
    case 'latency':
      return new Latency(now);
    case 'consistent-hashing':
      return new ConsistentHashing(upstream.slots);
  }
}

class RoundRobin implements Algorithm {
  readonly goesRound = true;
  readonly #random: (() => number) | undefined;
  #pick: Pick<Address> | undefined = undefined;

  constructor(random: (() => number) | undefined) {
    this.#random = random;
  }

  update({ usable }: AddressPool): void {
    const weighted = usable.map((value) => ({ value, weight: value.weight }));
    this.#pick = createRoundRobin(weighted, this.#random);
  }

  pick(_hashKey: string, skip: Skip | undefined): Address | undefined {
    return this.#pick?.(skip);
  }

  began(): void {}
  ended(): void {}
}
