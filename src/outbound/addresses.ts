/** Which addresses calls may go to: what keeps a provider's document from sending the gateway into its own network. */
import { BlockList, isIP } from 'node:net';

/** Link-local: cloud metadata lives there, an identity provider never does (RFC 3927, RFC 4291). */
const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet('169.254.0.0', 16, 'ipv4');
LINK_LOCAL.addSubnet('fe80::', 10, 'ipv6');
// What a NAT64 gateway turns into them (RFC 6052); below as well.
LINK_LOCAL.addSubnet('64:ff9b::169.254.0.0', 112, 'ipv6');

/** The IANA special-purpose registries, less what is reachable from everywhere. */
const PRIVATE = new BlockList();
const PRIVATE_SUBNETS: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];
for (const [network, prefix, family] of PRIVATE_SUBNETS) {
  PRIVATE.addSubnet(network, prefix, family);
  if (family === 'ipv4') PRIVATE.addSubnet(`64:ff9b::${network}`, 96 + prefix, 'ipv6');
}

/** IPv4 inside of IPv6 (`::ffff:10.0.0.1`) is judged as the IPv4 address it reaches. */
function contains(list: BlockList, address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return list.check(mapped, 'ipv4');
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

export const isLinkLocal = (address: string): boolean => contains(LINK_LOCAL, address);

/** True for an address of the Internet at large. */
export const isPublic = (address: string): boolean => !contains(PRIVATE, address);
