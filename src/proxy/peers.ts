/** Where a Service's requests go: a plain host by DNS, or the targets of an Upstream entity. */
import { isIP } from 'node:net';
import type { Target, Upstream } from '../config/types.ts';
import { ProxyError } from '../errors.ts';
import { createRoundRobin, type Pick, type Weighted } from './round-robin.ts';
import type { NameResolver, Peer, PeerSource, ResolvedAddress } from './types.ts';

export interface PeerSourceOptions {
  /** The Service's host and port. */
  readonly host: string;
  readonly port: number;
  /** The Upstream entity that `host` names, and its targets. */
  readonly upstream?: Upstream | undefined;
  readonly targets?: readonly Target[] | undefined;
  readonly resolver: NameResolver;
  /** 0 ≤ x < 1: where a round begins. Tests replace it. */
  readonly random?: () => number;
  /** Milliseconds since the epoch; tests replace it. */
  readonly now?: () => number;
}

/** How long a target that could not be resolved is left alone (Kong). */
const RETRY_MS = 30_000;

/** Makes the source of one Service, or of one Upstream entity for every Service that names it. */
export function createPeerSource(options: PeerSourceOptions): PeerSource {
  const { host, upstream } = options;
  if (upstream !== undefined) return balancedSource(options, upstream);
  return isIP(host) === 0 ? namedSource(options) : fixedSource(options);
}

const unbalanced = { hostHeader: undefined, balanced: false, close(): void {} } as const;

function fixedSource({ host, port }: PeerSourceOptions): PeerSource {
  const peer: Peer = { ip: host, port, hostname: host };
  return { ...unbalanced, next: () => peer };
}

/** Every try takes the next address of the name; the wheel is rebuilt when the answer changes. */
function namedSource({ host, port, resolver, random }: PeerSourceOptions): PeerSource {
  let built: readonly ResolvedAddress[] | undefined;
  let pick: Pick<Peer> | undefined;
  function choose(addresses: readonly ResolvedAddress[], tried: readonly Peer[]): Peer {
    if (addresses !== built) {
      built = addresses;
      const weighted = addresses.map((address) => ({
        value: peerOf(address, { hostname: host, port }),
        weight: address.weight,
      }));
      pick = createRoundRobin(weighted, random);
    }
    return (pick && pickUntried(pick, tried)) ?? noAddress();
  }
  return {
    ...unbalanced,
    next(tried) {
      const addresses = resolver.resolve(host);
      if (!(addresses instanceof Promise)) return choose(addresses, tried);
      return addresses.then((found) => choose(found, tried));
    },
  };
}

function noAddress(): never {
  throw new ProxyError('ERR_NAME_RESOLUTION', 'name resolution failed');
}

/** An SRV record's port wins unless it is 0. */
function peerOf(
  address: ResolvedAddress,
  named: { readonly hostname: string; readonly port: number },
): Peer {
  // `||`: 0 counts as absent here.
  return { ip: address.ip, port: address.port || named.port, hostname: named.hostname };
}

/** When every address has failed this request, a further try goes round once more, as in Kong. */
function pickUntried(pick: Pick<Peer>, tried: readonly Peer[]): Peer | undefined {
  if (tried.length === 0) return pick();
  return pick((peer) => tried.some((other) => isSame(peer, other))) ?? pick();
}

function isSame(a: Peer, b: Peer): boolean {
  return a.ip === b.ip && a.port === b.port && a.hostname === b.hostname;
}

/** One target of an Upstream and what its name is known to mean. */
interface Member {
  readonly host: string;
  readonly port: number;
  readonly weight: number;
  /** `undefined`: not resolved, so its weight is unavailable. */
  addresses: readonly ResolvedAddress[] | undefined;
  pending: Promise<void> | undefined;
  /** Not asked again before. */
  retryAt: number;
}

function balancedSource(options: PeerSourceOptions, upstream: Upstream): PeerSource {
  const { resolver, random, targets = [], now = Date.now } = options;
  const members = targets.map(toMember).filter(({ weight }) => weight > 0);
  const named = members.filter(({ addresses }) => addresses === undefined);
  const threshold = upstream.healthchecks.threshold;
  let stale = true;
  let pick: Pick<Peer> | undefined;

  /** `undefined` while too much of the weight is unavailable. */
  function wheel(): Pick<Peer> | undefined {
    if (!stale) return pick;
    stale = false;
    pick = isHealthy(members, threshold)
      ? createRoundRobin(values(members, upstream.use_srv_name), random)
      : undefined;
    return pick;
  }
  function learn(member: Member, addresses: readonly ResolvedAddress[] | undefined): void {
    if (member.addresses === addresses) return;
    member.addresses = addresses;
    stale = true;
  }
  function ask(member: Member, time: number): void {
    const answer = resolver.resolve(member.host);
    if (!(answer instanceof Promise)) return learn(member, answer);
    member.pending = answer
      .then(
        (found) => learn(member, found),
        () => {
          learn(member, undefined);
          member.retryAt = time + RETRY_MS;
        },
      )
      .finally(() => (member.pending = undefined));
  }
  function refresh(): void {
    if (named.length === 0) return;
    const time = now();
    for (const member of named) {
      if (member.pending === undefined && time >= member.retryAt) ask(member, time);
    }
  }
  function choose(tried: readonly Peer[]): Peer | undefined {
    const current = wheel();
    return current && pickUntried(current, tried);
  }

  return {
    hostHeader: upstream.host_header ?? undefined,
    balanced: true,
    close() {},
    next(tried) {
      refresh();
      const peer = choose(tried);
      if (peer !== undefined) return peer;
      const pending = named.flatMap((member) => member.pending ?? []);
      if (pending.length === 0) return noPeer();
      return Promise.all(pending).then(() => choose(tried) ?? noPeer());
    },
  };
}

function noPeer(): never {
  throw new ProxyError('ERR_NO_PEER', 'failure to get a peer from the ring-balancer');
}

function toMember({ target, weight }: Target): Member {
  const colon = target.lastIndexOf(':');
  const host = target.slice(0, colon).replace(/^\[|\]$/g, '');
  const known = isIP(host) === 0 ? undefined : [{ ip: host, ...PLAIN }];
  return {
    host,
    port: Number(target.slice(colon + 1)),
    weight,
    addresses: known,
    pending: undefined,
    retryAt: 0,
  };
}

const PLAIN = { port: undefined, weight: 1, name: undefined } as const;

/** Kong: available weight in percent above the threshold, and anything at all for threshold 0. */
function isHealthy(members: readonly Member[], threshold: number): boolean {
  let total = 0;
  let available = 0;
  for (const member of members) {
    const weight = member.addresses === undefined ? member.weight : weightOf(member);
    total += weight;
    if (member.addresses !== undefined) available += weight;
  }
  return available > 0 && (available / total) * 100 > threshold;
}

function weightOf({ addresses = [], weight }: Member): number {
  return addresses.reduce((sum, address) => sum + addressWeight(address, weight), 0);
}

/** Every address has its target's weight; SRV records bring their own. */
function addressWeight(address: ResolvedAddress, targetWeight: number): number {
  return address.port === undefined ? targetWeight : address.weight;
}

function values(members: readonly Member[], useSrvName: boolean): Weighted<Peer>[] {
  return members.flatMap(({ addresses = [], host, port, weight }) =>
    addresses.map((address) => ({
      value: peerOf(address, { hostname: (useSrvName && address.name) || host, port }),
      weight: addressWeight(address, weight),
    })),
  );
}
