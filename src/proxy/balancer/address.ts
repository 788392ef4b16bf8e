/** One address of an upstream's target: what the balancer counts, and what a request tells it. */
import type { ProxyErrorCode } from '../../errors.ts';
import type { AddressRecord } from '../health/board.ts';
import type { Peer, PeerUsage, ResolvedAddress } from '../types.ts';
import type { HeapNode } from './heap.ts';

/** Whom an address tells what becomes of the requests it gets. */
export interface AddressListener {
  began(address: Address): void;
  ended(address: Address, ms: number | undefined): void;
  answered(address: Address, status: number): void;
  failed(address: Address, code: ProxyErrorCode, isLast: boolean): void;
}

export interface AddressInit {
  readonly resolved: ResolvedAddress;
  /** The target's host and port, as written. */
  readonly host: string;
  readonly port: number;
  /** Its share of the load. */
  readonly weight: number;
  /** What its peer is called. */
  readonly hostname: string;
  readonly record: AddressRecord;
  readonly listener: AddressListener;
}

export class Address implements PeerUsage, HeapNode {
  readonly peer: Peer;
  /** The target's, as written. */
  readonly host: string;
  readonly weight: number;
  /** Its name in the ring of consistent hashing: Kong's, where an SRV record counts by its name. */
  readonly label: string;
  readonly record: AddressRecord;
  /** Requests under way. */
  active = 0;
  key = 0;
  tie = 0;
  at = 0;
  readonly #listener: AddressListener;

  constructor({ resolved, host, port, weight, hostname, record, listener }: AddressInit) {
    const { ip, name } = resolved;
    this.peer = { ip, port: portOf(resolved, port), hostname, usage: this };
    this.host = host;
    this.weight = weight;
    this.label = `${name ?? bracketed(ip)}::${this.peer.port}`;
    this.record = record;
    this.#listener = listener;
  }

  get isUsable(): boolean {
    const { health } = this.record;
    return health === 'healthy' || health === 'mostly_healthy';
  }

  begin(): void {
    this.active++;
    this.#listener.began(this);
  }

  end(ms: number | undefined): void {
    this.active--;
    this.#listener.ended(this, ms);
  }

  answer(status: number): void {
    this.#listener.answered(this, status);
  }

  fail(code: ProxyErrorCode, isLast: boolean): void {
    this.#listener.failed(this, code, isLast);
  }
}

/** An SRV record's port wins unless it is 0. */
export function portOf(address: ResolvedAddress, port: number): number {
  // `||`: 0 counts as absent here.
  return address.port || port;
}

/** As Kong writes addresses, in its ring and on its Admin API. */
export const bracketed = (ip: string): string => (ip.includes(':') ? `[${ip}]` : ip);

/** One address under one name; DNS may have made a new peer of it meanwhile. */
export function isSame(a: Peer, b: Peer): boolean {
  return a === b || (a.ip === b.ip && a.port === b.port && a.hostname === b.hostname);
}
