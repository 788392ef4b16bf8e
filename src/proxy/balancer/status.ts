/** A balancer as the Admin API shows it, with Kong's names. */
import { isIPv6 } from 'node:net';
import { bracketed, type Address } from './address.ts';
import type { TargetView } from './targets.ts';

export interface WeightStatus {
  readonly total: number;
  readonly available: number;
  readonly unavailable: number;
}

export interface AddressStatus {
  /** IPv6 in brackets. */
  readonly ip: string;
  readonly port: number;
  readonly weight: number;
  readonly healthy: boolean;
}

export interface TargetStatus {
  readonly host: string;
  readonly port: number;
  /** The type of the records that its addresses are from, or why there are none. */
  readonly dns: string;
  readonly nodeWeight: number;
  readonly weight: WeightStatus;
  readonly addresses: readonly AddressStatus[];
}

export interface BalancerStatus {
  /** Somebody watches the targets. */
  readonly isChecked: boolean;
  readonly healthy: boolean;
  readonly weight: WeightStatus;
  readonly hosts: readonly TargetStatus[];
}

export function balancerStatus(
  targets: readonly TargetView[],
  { isChecked, isHealthy }: { readonly isChecked: boolean; readonly isHealthy: boolean },
): BalancerStatus {
  const hosts = targets.map((target) => targetStatus(target, isChecked));
  return {
    isChecked,
    healthy: isHealthy,
    weight: sumOf(hosts.map(({ weight }) => weight)),
    hosts,
  };
}

function targetStatus(target: TargetView, isChecked: boolean): TargetStatus {
  const addresses = target.addresses.map((address): AddressStatus => {
    const { ip, port } = address.peer;
    return {
      ip: bracketed(ip),
      port,
      weight: address.weight,
      healthy: !isChecked || address.isUsable,
    };
  });
  const total = addresses.reduce((sum, { weight }) => sum + weight, 0);
  const available = addresses.reduce((sum, each) => sum + (each.healthy ? each.weight : 0), 0);
  return {
    host: bracketed(target.host),
    port: target.port,
    dns: dnsOf(target),
    nodeWeight: target.weight,
    weight: { total, available, unavailable: total - available },
    addresses,
  };
}

function dnsOf({ resolved, addresses, error }: TargetView): string {
  const [first] = addresses;
  if (first === undefined) return error ?? 'unknown';
  if (resolved?.[0]?.port !== undefined) return 'SRV';
  return recordType(first);
}

const recordType = ({ peer }: Address): string => (isIPv6(peer.ip) ? 'AAAA' : 'A');

function sumOf(weights: readonly WeightStatus[]): WeightStatus {
  const sum = (of: keyof WeightStatus): number =>
    weights.reduce((total, weight) => total + weight[of], 0);
  return { total: sum('total'), available: sum('available'), unavailable: sum('unavailable') };
}
