/** Which addresses calls may go to: what keeps a provider's document from sending the gateway into its own network. */
import { BlockList, isIP } from 'node:net';

type Subnet = readonly [network: string, prefix: number];

/** The IANA special-purpose registry of IPv4, less what is reachable from everywhere. */
const PRIVATE_V4: readonly Subnet[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
];

/** Loopback, unique local, link-local, and site-local, which RFC 3879 retired and networks still use. */
const PRIVATE_V6: readonly Subnet[] = [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];

/**
 * IPv6 addresses that lead to an IPv4 one: the text before and after it, and the bits in front of it.
 * BlockList itself knows IPv4-mapped ones (`::ffff:10.0.0.1`).
 */
const EMBEDDINGS: readonly (readonly [before: string, after: string, bits: number])[] = [
  ['64:ff9b::', '', 96], // translated by a NAT64 gateway (RFC 6052)
  ['2002:', '::', 16], // 6to4 (RFC 3056)
  ['::', '', 96], // IPv4-compatible (RFC 4291 section 2.5.5.1)
  ['::ffff:0:', '', 96], // IPv4-translated (RFC 2765)
];

/** All that is handed out to the world (RFC 4291 section 2.4), and what leads to IPv4. */
const WORLD_V6: readonly Subnet[] = [
  ['2000::', 3],
  ['64:ff9b::', 96],
  ['::ffff:0:0', 96],
];
/** Parts of it that no server is at: Teredo and other protocols' own, and two for documents. */
const NOWHERE_V6: readonly Subnet[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
];

/** Cloud metadata lives there, an identity provider never does (RFC 3927, RFC 4291). */
const linkLocal = blockList([['169.254.0.0', 16]], [['fe80::', 10]]);
const inside = blockList(PRIVATE_V4, PRIVATE_V6);
const world = blockList([], WORLD_V6);
const nowhere = blockList([], NOWHERE_V6);

/** The IPv4 subnets count in each form that IPv6 has for them. */
function blockList(v4: readonly Subnet[], v6: readonly Subnet[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of v6) list.addSubnet(network, prefix, 'ipv6');
  for (const [network, prefix] of v4) {
    list.addSubnet(network, prefix, 'ipv4');
    for (const [before, after, bits] of EMBEDDINGS) {
      list.addSubnet(`${before}${groupsOf(network)}${after}`, bits + prefix, 'ipv6');
    }
  }
  return list;
}

/** `10.0.0.1` as two groups of IPv6: `a00:1`. */
function groupsOf(v4: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = v4.split('.').map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

const holds = (list: BlockList, address: string): boolean =>
  list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

export const isLinkLocal = (address: string): boolean => holds(linkLocal, address);

/** True for an address of a network of one's own, or of the host itself. */
export const isPrivate = (address: string): boolean => holds(inside, address);

/** True for an address of the Internet at large. What is neither public nor private is nobody's. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 0 || isPrivate(address)) return false;
  return isIP(address) === 4 || (holds(world, address) && !holds(nowhere, address));
}
