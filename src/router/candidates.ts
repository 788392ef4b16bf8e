/**
 * Routes in the order Kong tries them. The `traditional_compatible` router splits a route with
 * several paths into candidates (all its regexes; its prefixes by length), gives each a 64-bit
 * priority and takes the first that matches; the larger id goes first on a tie.
 */
import { createHash } from 'node:crypto';
import type { Route } from '../config/types.ts';

/** One route, or the part of it that has paths of one kind. */
export interface Candidate<Entry> {
  readonly entry: Entry;
  /** The route's, or one derived from it when the route has several paths. */
  readonly id: string;
  /** Plain prefixes of one length, or regexes (still with their `~`), or none. */
  readonly paths: readonly string[];
  readonly priority: bigint;
}

const PLAIN_HOSTS_BIT = 1n << 60n;
const REGEX_BIT = 1n << 51n;
const HEADERS_MAX = 255;
const LENGTH_MASK = 0x7ffff;
/** Kong's namespace for the ids of the parts of a route. */
const PART_NAMESPACE = Buffer.from('7f145bf90dce4f9198ebdebbce4b9f6b', 'hex');

/** Every candidate of every route, best first. */
export function rankCandidates<Entry extends { readonly route: Route }>(
  entries: readonly Entry[],
): Candidate<Entry>[] {
  return entries.flatMap(splitByPath).toSorted(byRank);
}

function byRank(a: Candidate<unknown>, b: Candidate<unknown>): number {
  if (a.priority !== b.priority) return a.priority > b.priority ? -1 : 1;
  if (a.id === b.id) return 0;
  return a.id > b.id ? -1 : 1;
}

export const isRegexPath = (path: string): boolean => path.startsWith('~');

function splitByPath<Entry extends { readonly route: Route }>(entry: Entry): Candidate<Entry>[] {
  const { route } = entry;
  const paths = route.paths ?? [];
  if (paths.length < 2) {
    return [{ entry, id: route.id, paths, priority: priorityOf(route, paths[0]) }];
  }
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    const members = groups.get(groupOf(path));
    if (members === undefined) groups.set(groupOf(path), [path]);
    else members.push(path);
  }
  return [...groups].map(([group, members]) => ({
    entry,
    id: partId(route.id, group),
    paths: members,
    priority: priorityOf(route, members[0]),
  }));
}

/** Kong's name for a group: part of the id that decides ties. */
const groupOf = (path: string): string =>
  isRegexPath(path) ? 'true' : String(Buffer.byteLength(path));

/** A UUID of version 5 (RFC 9562 section 5.5). */
function partId(routeId: string, group: string): string {
  const hash = createHash('sha1').update(PART_NAMESPACE).update(`${routeId}#${group}`).digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex', 0, 16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

const countSet = (list: readonly unknown[] | null): number =>
  list !== null && list.length > 0 ? 1 : 0;

/**
 * The priority as Kong 3.9.1 computes it, not as it is documented. Attribute count, header count
 * and `regex_priority` are meant for the bits 61, 52 and 19, but are shifted as 32-bit integers, so
 * that the first two land on the bits 29 and 20. Hence plain hosts go first whatever else a route
 * has, then regexes, and only then the number of attributes. A negative sum (four or more
 * attributes, a negative `regex_priority`) fills the upper half with ones and beats everything.
 * Recorded answers show it: a host alone beats path and method, a regex beats prefix and method.
 */
export function priorityOf(route: Route, path: string | undefined): bigint {
  const headers = route.headers === null ? 0 : Object.keys(route.headers).length;
  const attributes =
    countSet(route.sources) +
    countSet(route.destinations) +
    countSet(route.methods) +
    countSet(route.hosts) +
    countSet(route.snis) +
    Number(headers > 0) +
    Number(path !== undefined);
  const regex = path !== undefined && isRegexPath(path);
  const length = path === undefined || regex ? 0 : Buffer.byteLength(path);
  const low =
    (attributes << 29) |
    (Math.min(headers, HEADERS_MAX) << 20) |
    (regex ? route.regex_priority << 19 : 0) |
    (length & LENGTH_MASK);
  // An empty list of hosts is a list without wildcards.
  const plainHosts = route.hosts?.every((host) => !host.includes('*')) ?? false;
  const flags = (plainHosts ? PLAIN_HOSTS_BIT : 0n) | (regex ? REGEX_BIT : 0n);
  return BigInt.asUintN(64, flags | BigInt(low));
}
