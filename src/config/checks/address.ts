/** Checks of hosts, addresses and targets. Each gives Kong's message, or `undefined` for a good value. */
import { isIPv4, isIPv6 } from 'node:net';
import { parseLooseUrl } from '../../http/loose-url.ts';
import { checkFieldValue } from './text.ts';

/** A host with an optional port, taken apart; IPv6 addresses without their brackets. */
export interface Address {
  readonly kind: 'name' | 'ipv4' | 'ipv6';
  readonly host: string;
  readonly port: number | undefined;
}

interface BadAddress {
  readonly kind: 'bad';
  readonly problem: string;
}

const PORT_MAX = 65535;
const FOUR_NUMBERS = /^\d+\.\d+\.\d+\.\d+$/;

/**
 * Reads `name`, `name:80`, `10.0.0.1:80`, `::1`, `[::1]` or `[::1]:80`.
 * @returns the parts, or Kong's words for what is wrong
 */
export function parseAddress(text: string): Address | BadAddress {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) return ipv6Address(bracketed[1] ?? '', bracketed[2], text);
  const colon = text.indexOf(':');
  if (colon !== text.lastIndexOf(':')) return ipv6Address(text, undefined, text);
  const host = colon === -1 ? text : text.slice(0, colon);
  const port = readPort(colon === -1 ? undefined : text.slice(colon + 1));
  if (FOUR_NUMBERS.test(host)) {
    if (!isIPv4(host)) return { kind: 'bad', problem: `invalid ipv4 address: ${text}` };
    return withPort('ipv4', host, port);
  }
  if (!isHostname(host)) return { kind: 'bad', problem: `invalid hostname: ${text}` };
  return withPort('name', host, port);
}

function ipv6Address(host: string, port: string | undefined, text: string): Address | BadAddress {
  if (!isIPv6(host)) return { kind: 'bad', problem: `invalid ipv6 address: ${text}` };
  return withPort('ipv6', host, readPort(port));
}

function withPort(
  kind: Address['kind'],
  host: string,
  port: number | 'bad' | undefined,
): Address | BadAddress {
  return port === 'bad' ? { kind: 'bad', problem: 'invalid port number' } : { kind, host, port };
}

function readPort(text: string | undefined): number | 'bad' | undefined {
  if (text === undefined) return undefined;
  return /^\d{1,5}$/.test(text) && Number(text) <= PORT_MAX ? Number(text) : 'bad';
}

/** Letters, digits, `-`, `_` and dots; no segment is empty or begins or ends with a dash. */
function isHostname(name: string): boolean {
  const segments = (name.endsWith('.') ? name.slice(0, -1) : name).split('.');
  return segments.every((segment) => /^\w(?:[\w-]*\w)?$/.test(segment));
}

/** A host without a port. */
export function checkHost(value: string): string | undefined {
  const address = parseAddress(value);
  if (address.kind === 'bad') return `invalid value: ${value}`;
  return address.port === undefined ? undefined : 'must not have a port';
}

/** A host with an optional port. */
export function checkHostWithPort(value: string): string | undefined {
  return parseAddress(value).kind === 'bad' ? `invalid value: ${value}` : undefined;
}

/** A TLS server name: one `*` may be its first or last character. */
export function checkWildcardHost(value: string): string | undefined {
  const star = value.indexOf('*');
  if (star > 0 && star !== value.length - 1) {
    return 'wildcard must be leftmost or rightmost character';
  }
  if (star !== value.lastIndexOf('*')) return 'only one wildcard must be specified';
  const address = parseAddress(value.replace('*', 'wildcard'));
  if (address.kind === 'bad') return `invalid value: ${value}`;
  if (address.kind !== 'name') return 'must not be an IP';
  return address.port === undefined ? undefined : 'must not have a port';
}

/** A host of a route: one `*` may be its first or last label, a port may follow. */
export function checkRouteHost(value: string): string | undefined {
  const stars = value.split('*').length - 1;
  if (stars > 1) return 'invalid wildcard: must have at most one wildcard';
  if (stars === 1 && !/^\*\.|\.\*(?::\d+)?$/.test(value)) {
    return 'invalid wildcard: must be placed at leftmost or rightmost label';
  }
  const address = parseAddress(value.replace('*', 'wildcard'));
  return address.kind === 'bad' ? address.problem : undefined;
}

/** The name of an Upstream: a plain hostname. */
export function checkUpstreamName(value: string): string | undefined {
  const address = parseAddress(value);
  if (address.kind === 'bad') return `Invalid name ('${value}'); must be a valid hostname`;
  if (address.kind !== 'name') return `Invalid name ('${value}'); no ip addresses allowed`;
  if (address.port !== undefined) return `Invalid name ('${value}'); no port allowed`;
  return undefined;
}

/** The address of a target. */
export function checkTarget(value: string): string | undefined {
  return parseAddress(value).kind === 'bad'
    ? `Invalid target ('${value}'); not a valid hostname or ip address`
    : undefined;
}

/** An address or a block of them. */
export function checkIpOrCidr(value: string): string | undefined {
  const [, ip = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(value) ?? [];
  const limit = isIPv4(ip) ? 32 : isIPv6(ip) ? 128 : -1;
  return limit >= 0 && Number(bits ?? 0) <= limit
    ? undefined
    : `invalid ip or cidr range: '${value}'`;
}

/** A URL that says where: Kong wants no more of it than a host and a scheme. */
export function checkUrl(value: string): string | undefined {
  const { host, scheme } = parseLooseUrl(value);
  if (host === undefined) return 'missing host in url';
  if (scheme === undefined) return 'missing scheme in url';
  return checkFieldValue(value);
}
