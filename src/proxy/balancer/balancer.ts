/** The balancer of one Upstream: its targets, their health and an algorithm that chooses among them. */
import type { Target, Upstream } from '../../config/types.ts';
import { ProxyError } from '../../errors.ts';
import type { HealthBoard, UpstreamBoard } from '../health/board.ts';
import { isWatched, watchPassively } from '../health/checks.ts';
import type { NameResolver, Peer, PeerSource, UpstreamTls } from '../types.ts';
import { isSame, type Address, type AddressListener } from './address.ts';
import { createAlgorithm, type Algorithm, type Skip } from './algorithm.ts';
import { hashSources, type HashSource } from './hash-source.ts';
import { balancerStatus, type BalancerStatus } from './status.ts';
import { Targets } from './targets.ts';

export interface BalancerOptions {
  readonly upstream: Upstream;
  readonly targets: readonly Target[];
  readonly resolver: NameResolver;
  readonly health: HealthBoard;
  /** For probes over TLS. */
  readonly probeTls?: UpstreamTls | undefined;
  /** 0 ≤ x < 1: where a round begins. Tests replace it. */
  readonly random?: () => number;
  /** Milliseconds since the epoch; tests replace it. */
  readonly now?: () => number;
}

/** Which addresses of a target; `ip` absent: all of them. */
export interface MarkedTarget {
  readonly host: string;
  readonly port: number;
  readonly address?: { readonly ip: string; readonly port: number } | undefined;
}

/** Made once per load; `close` lets go of what the process remembers for it. */
export class Balancer implements PeerSource {
  readonly upstream: Upstream;
  readonly board: UpstreamBoard;
  readonly probeTls: UpstreamTls | undefined;
  readonly hostHeader: string | undefined;
  readonly hashing: readonly HashSource[];
  readonly #targets: Targets;
  readonly #targetCount: number;
  readonly #algorithm: Algorithm;
  readonly #isWatched: boolean;
  #isStale = true;
  #hasMoved = true;
  #all: readonly Address[] = [];
  #isHealthy = false;

  constructor(options: BalancerOptions) {
    const { upstream, targets, resolver, health, random, now = Date.now } = options;
    this.upstream = upstream;
    this.probeTls = options.probeTls;
    this.hostHeader = upstream.host_header ?? undefined;
    this.hashing = hashSources(upstream);
    this.#targetCount = targets.length;
    this.#algorithm = createAlgorithm(upstream, { random, now });
    this.#isWatched = isWatched(upstream);
    this.board = health.open(upstream.name, () => {
      this.#isStale = true;
    });
    this.#targets = new Targets({
      targets,
      useSrvName: upstream.use_srv_name,
      resolver,
      now,
      board: this.board,
      listener: this.#listener(),
      onChange: () => {
        this.#isStale = true;
        this.#hasMoved = true;
      },
    });
  }

  next(tried: readonly Peer[], hashKey: string): Peer | Promise<Peer> {
    this.#targets.refresh();
    const peer = this.#choose(tried, hashKey);
    if (peer !== undefined) return peer;
    const pending = this.#targets.pending();
    if (pending.length === 0) return noPeer();
    return Promise.all(pending).then(() => this.#choose(tried, hashKey) ?? noPeer());
  }

  /** Those that may be probed: with an address and a weight. */
  addresses(): readonly Address[] {
    if (this.#isStale) this.#update();
    return this.#all;
  }

  /** Brings names up to date; resolves when every answer is there, with or without addresses. */
  async settle(): Promise<void> {
    this.#targets.refresh();
    await Promise.all(this.#targets.pending());
  }

  status(): BalancerStatus {
    if (this.#isStale) this.#update();
    return balancerStatus(this.#targets.view, {
      isChecked: this.#isWatched,
      isHealthy: this.#isHealthy,
    });
  }

  /** An operator's word about a target; false when nobody watches its health. */
  mark({ host, port, address }: MarkedTarget, isHealthy: boolean): boolean {
    if (!this.#isWatched) return false;
    const target = this.#targets.view.find((each) => each.host === host && each.port === port);
    for (const { peer, record } of target?.addresses ?? []) {
      const isMeant =
        address === undefined || (peer.ip === address.ip && peer.port === address.port);
      if (isMeant) this.board.mark(record, isHealthy);
    }
    return true;
  }

  close(): void {
    this.#targets.close();
    this.board.close();
  }

  #listener(): AddressListener {
    const passive = this.#isWatched ? watchPassively(this.upstream, this.board) : undefined;
    return {
      began: (address) => this.#algorithm.began(address),
      ended: (address, ms) => this.#algorithm.ended(address, ms),
      answered: ({ record }, status) => passive?.answered(record, status),
      failed: ({ record }, code, isLast) => passive?.failed(record, code, isLast),
    };
  }

  /** After a change of addresses or of their health, before the next choice. */
  #update(): void {
    this.#isStale = false;
    if (this.#hasMoved) this.#all = this.#targets.addresses();
    this.#hasMoved = false;
    const all = this.#all;
    const usable = this.#isWatched ? all.filter((address) => address.isUsable) : all;
    const total = weightOf(all) + this.#targets.unresolvedWeight();
    // Kong: more than the threshold, which also means that there is something at all.
    this.#isHealthy = (weightOf(usable) / total) * 100 > this.upstream.healthchecks.threshold;
    this.#algorithm.update({ all, usable, targetCount: this.#targetCount });
  }

  #choose(tried: readonly Peer[], hashKey: string): Peer | undefined {
    if (this.#isStale) this.#update();
    if (!this.#isHealthy) return undefined;
    const algorithm = this.#algorithm;
    if (tried.length === 0) return algorithm.pick(hashKey, undefined)?.peer;
    const skip: Skip = ({ peer }) => tried.some((other) => isSame(peer, other));
    const untried = algorithm.pick(hashKey, skip);
    if (untried !== undefined || !algorithm.goesRound) return untried?.peer;
    return algorithm.pick(hashKey, undefined)?.peer;
  }
}

const weightOf = (addresses: readonly Address[]): number =>
  addresses.reduce((sum, { weight }) => sum + weight, 0);

function noPeer(): never {
  throw new ProxyError('ERR_NO_PEER', 'failure to get a peer from the ring-balancer');
}
