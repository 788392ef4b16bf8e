/** Who the client is: real-ip processing as nginx and Kong do it (trusted_ips, real_ip_header). */
import { BlockList, isIP } from 'node:net';
import { headerValues, type HeaderList } from './headers.ts';

/** True for an address that may speak for others. */
export type TrustCheck = (address: string) => boolean;

/**
 * Compiles `trusted_ips`: addresses and CIDRs. `unix:` stands for peers without an address.
 * Entries are validated where the settings are read.
 */
export function compileTrust(entries: readonly string[]): TrustCheck {
  if (entries.length === 0) return () => false;
  const list = new BlockList();
  let unix = false;
  for (const entry of entries) {
    if (entry === 'unix:') {
      unix = true;
      continue;
    }
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const family = isIP(address);
    if (family === 0) return unix && address === '';
    return list.check(address, family === 6 ? 'ipv6' : 'ipv4');
  };
}

/** Node reports IPv4 peers of a dual-stack socket as `::ffff:a.b.c.d`. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** `10.0.0.9:55` and `[::1]:80` may carry a port; it is not part of the address. */
function addressOf(element: string): string | undefined {
  const text = element.trim();
  if (isIP(text) !== 0) return text;
  const match = /^(?:\[(?<six>[^\]]+)\]|(?<four>[^:]+))(?::\d+)?$/.exec(text);
  const address = match?.groups?.['six'] ?? match?.groups?.['four'] ?? '';
  return isIP(address) === 0 ? undefined : address;
}

export interface RealIpRules {
  readonly trusted: TrustCheck;
  /** Lower case. */
  readonly header: string;
  readonly recursive: boolean;
}

/**
 * The client's address: the connecting one, or what a trusted peer says in the header. Recursive:
 * the last address in the list that is not itself trusted, or the first when all are.
 */
export function clientAddress(
  connecting: string,
  headers: Readonly<HeaderList>,
  rules: RealIpRules,
): string {
  if (!rules.trusted(connecting)) return connecting;
  const elements = headerValues(headers, rules.header).join(',').split(',');
  let address = connecting;
  for (let i = elements.length - 1; i >= 0; i--) {
    const candidate = addressOf(elements[i] ?? '');
    if (candidate === undefined) return address;
    address = candidate;
    if (!rules.recursive || !rules.trusted(address)) return address;
  }
  return address;
}
