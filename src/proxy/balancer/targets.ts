/** The targets of an upstream and the addresses that DNS gives them, kept up to date while they are used. */
import { isIP } from 'node:net';
import type { Target } from '../../config/types.ts';
import { ProxyError } from '../../errors.ts';
import type { UpstreamBoard } from '../health/board.ts';
import type { NameResolver, ResolvedAddress } from '../types.ts';
import { Address, bracketed, portOf, type AddressListener } from './address.ts';

/** How long a target that could not be resolved is left alone (Kong). */
const RETRY_MS = 30_000;
/** How often names are looked at; the resolver's cache knows whether there is anything new. */
const LOOK_MS = 50;

export interface TargetsOptions {
  readonly targets: readonly Target[];
  readonly useSrvName: boolean;
  readonly resolver: NameResolver;
  readonly now: () => number;
  readonly board: UpstreamBoard;
  readonly listener: AddressListener;
  /** Runs when addresses have come or gone. */
  readonly onChange: () => void;
}

/** One target and what its name is known to mean. */
interface Member {
  readonly host: string;
  readonly port: number;
  readonly weight: number;
  readonly isNamed: boolean;
  /** What `addresses` was made of; `undefined`: not resolved, so its weight is unavailable. */
  resolved: readonly ResolvedAddress[] | undefined;
  addresses: readonly Address[];
  /** Why it is not resolved. */
  error: string | undefined;
  pending: Promise<void> | undefined;
  /** Not asked again before. */
  retryAt: number;
}

/** A target as `status` shows it. */
export type TargetView = Readonly<
  Pick<Member, 'host' | 'port' | 'weight' | 'addresses' | 'error' | 'resolved'>
>;

export class Targets {
  readonly #options: TargetsOptions;
  readonly #members: readonly Member[];
  readonly #named: readonly Member[];
  #lookAt = 0;

  constructor(options: TargetsOptions) {
    this.#options = options;
    this.#members = options.targets.map(toMember).toSorted(byHostAndPort);
    for (const member of this.#members.filter(({ isNamed }) => !isNamed)) {
      this.#learn(member, [{ ip: member.host, port: undefined, weight: 1, name: undefined }]);
    }
    // The names of targets without weight are of interest to nobody but the Admin API.
    this.#named = this.#members.filter(({ isNamed }) => isNamed);
  }

  get view(): readonly TargetView[] {
    return this.#members;
  }

  /** Addresses with a weight, in the order of Kong's ring. */
  addresses(): readonly Address[] {
    return this.#members.flatMap(({ addresses }) => addresses.filter(({ weight }) => weight > 0));
  }

  /** The weight of what has no address. */
  unresolvedWeight(): number {
    return this.#members.reduce((sum, { resolved, weight }) => sum + (resolved ? 0 : weight), 0);
  }

  /** Asks for the names whose time has come. Cheap to call for every request. */
  refresh(): void {
    if (this.#named.length === 0) return;
    const time = this.#options.now();
    if (time < this.#lookAt) return;
    this.#lookAt = time + LOOK_MS;
    for (const member of this.#named) {
      if (member.pending === undefined && time >= member.retryAt) this.#ask(member, time);
      if (member.retryAt > time) this.#lookAt = Math.min(this.#lookAt, member.retryAt);
    }
  }

  /** The answers that are still to come. */
  pending(): readonly Promise<void>[] {
    return this.#named.flatMap(({ pending }) => pending ?? []);
  }

  /** Lets go of the records of all addresses. */
  close(): void {
    for (const { addresses } of this.#members) this.#release(addresses);
  }

  #release(addresses: readonly Address[]): void {
    for (const { record } of addresses) this.#options.board.release(record);
  }

  #ask(member: Member, time: number): void {
    const answer = this.#options.resolver.resolve(member.host);
    if (!(answer instanceof Promise)) return this.#learn(member, answer);
    member.pending = answer
      .then(
        (found) => this.#learn(member, found),
        (error: unknown) => {
          this.#learn(member, undefined);
          member.error = reasonOf(error);
          member.retryAt = time + RETRY_MS;
        },
      )
      .finally(() => (member.pending = undefined));
  }

  #learn(member: Member, resolved: readonly ResolvedAddress[] | undefined): void {
    if (member.resolved === resolved) return;
    const before = member.addresses;
    member.resolved = resolved;
    member.error = undefined;
    member.addresses = (resolved ?? [])
      .map((address) => this.#addressOf(member, address))
      .toSorted((a, b) => compare(a.label, b.label));
    // Held anew before it is let go, so that nothing is forgotten of those that stay.
    this.#release(before);
    this.#options.onChange();
  }

  /** What stays the same keeps its counts. */
  #addressOf(member: Member, resolved: ResolvedAddress): Address {
    const { host, port } = member;
    const { board, listener, useSrvName } = this.#options;
    const weight = weightOf(member, resolved);
    const hostname = (useSrvName && resolved.name) || host;
    const record = board.hold(recordKey(resolved, member));
    const known = member.addresses.find(
      (address) =>
        address.record === record &&
        address.weight === weight &&
        address.peer.hostname === hostname,
    );
    return known ?? new Address({ resolved, host, port, weight, hostname, record, listener });
  }
}

/** `127.0.0.1:80 api.test`: which address of which target. */
const recordKey = (address: ResolvedAddress, { host, port }: Member): string =>
  `${bracketed(address.ip)}:${portOf(address, port)} ${host}`;

/** Every address has its target's weight; SRV records bring their own. */
function weightOf({ weight }: Member, address: ResolvedAddress): number {
  return address.port === undefined || weight === 0 ? weight : address.weight;
}

function toMember({ target, weight }: Target): Member {
  const colon = target.lastIndexOf(':');
  const host = target.slice(0, colon).replace(/^\[|\]$/g, '');
  return {
    host,
    port: Number(target.slice(colon + 1)),
    weight,
    isNamed: isIP(host) === 0,
    resolved: undefined,
    addresses: [],
    error: undefined,
    pending: undefined,
    retryAt: 0,
  };
}

function byHostAndPort(a: Member, b: Member): number {
  return compare(bracketed(a.host), bracketed(b.host)) || a.port - b.port;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** In the words of Kong's DNS client. */
function reasonOf(error: unknown): string {
  if (!(error instanceof ProxyError)) return 'dns client error';
  return error.code === 'ERR_NAME_RESOLUTION' ? 'dns server error: 3 name error' : error.message;
}
