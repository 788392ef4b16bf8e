/** Where the requests of a Service without an Upstream go: a literal address, or a host by DNS. */
import { isIP } from 'node:net';
import { ProxyError } from '../errors.ts';
import { isSame, portOf } from './balancer/address.ts';
import { createRoundRobin, type Pick } from './balancer/round-robin.ts';
import type { NameResolver, Peer, PeerSource, ResolvedAddress } from './types.ts';

export interface PeerSourceOptions {
  /** The Service's host and port. */
  readonly host: string;
  readonly port: number;
  readonly resolver: NameResolver;
  /** 0 ≤ x < 1: where a round begins. Tests replace it. */
  readonly random?: () => number;
}

export function createPeerSource(options: PeerSourceOptions): PeerSource {
  return isIP(options.host) === 0 ? namedSource(options) : fixedSource(options);
}

const unbalanced = { hostHeader: undefined, hashing: [], close(): void {} } as const;

function fixedSource({ host, port }: PeerSourceOptions): PeerSource {
  const peer: Peer = { ip: host, port, hostname: host };
  return { ...unbalanced, next: () => peer };
}

/** Every try takes the next address of the name; the round begins anew when the answer changes. */
function namedSource({ host, port, resolver, random }: PeerSourceOptions): PeerSource {
  let built: readonly ResolvedAddress[] | undefined;
  let pick: Pick<Peer> | undefined;
  function choose(addresses: readonly ResolvedAddress[], tried: readonly Peer[]): Peer {
    if (addresses !== built) {
      built = addresses;
      const weighted = addresses.map((address) => ({
        value: { ip: address.ip, port: portOf(address, port), hostname: host },
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

/** When every address has failed this request, a further try goes round once more, as in Kong. */
function pickUntried(pick: Pick<Peer>, tried: readonly Peer[]): Peer | undefined {
  if (tried.length === 0) return pick();
  return pick((peer) => tried.some((other) => isSame(peer, other))) ?? pick();
}
