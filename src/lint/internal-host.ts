/** Hosts that are on this machine or inside of a private network, as far as a name or address tells. */
import { BlockList, isIP } from 'node:net';

const PRIVATE = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  PRIVATE.addSubnet(net, bits, 'ipv4');
}
for (const [net, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  PRIVATE.addSubnet(net, bits, 'ipv6');
}

/** RFC 6762, RFC 6761, RFC 8375, Kubernetes, Docker, Consul, and what the clouds use. */
const INNER_DOMAINS =
  /\.(?:localhost|local|localdomain|internal|intranet|lan|home|corp|private|svc|cluster|consul|test|invalid|home\.arpa)$/i;

export function isInternalHost(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  const version = isIP(address);
  if (version !== 0) return PRIVATE.check(address, version === 4 ? 'ipv4' : 'ipv6');
  const name = host.replace(/\.$/, '');
  return !name.includes('.') || INNER_DOMAINS.test(name);
}
