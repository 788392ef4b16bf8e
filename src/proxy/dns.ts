/** The name resolver: hosts file, cache, and c-ares behind them; never `dns.lookup` and its threads. */
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { ProxyError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { DnsSettings } from '../settings/types.ts';
import { lookUp, type Lookup, type LookupTools, type Question } from './dns-lookup.ts';
import { openHostsFile, type HostsEntry } from './hosts-file.ts';
import { readResolvConf } from './resolv-conf.ts';
import type { NameResolver, ResolvedAddress } from './types.ts';

/** For tests. */
export interface ResolverOptions {
  readonly resolvConfFile?: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

interface Entry {
  /** `undefined` while nothing is known yet, or when `error` says why not. */
  addresses: readonly ResolvedAddress[] | undefined;
  error: ProxyError | undefined;
  freshUntil: number;
  /** Addresses may be used up to here while newer ones are being looked for. */
  staleUntil: number;
  /** A TTL of 0: every request asks again and waits for the answer. */
  perRequest: boolean;
  question: Question | undefined;
  pending: Promise<readonly ResolvedAddress[]> | undefined;
}

/** What an entry needs besides itself to be brought up to date. */
interface Context {
  readonly tools: LookupTools;
  readonly settings: DnsSettings;
  readonly now: () => number;
}

/**
 * Resolves as Kong's client does. Rejects with ERR_NAME_RESOLUTION when the
 * name does not exist, ERR_DNS_SERVER when the servers fail. `close` cancels what is under way.
 */
export function createResolver(
  settings: DnsSettings,
  log: Logger,
  options: ResolverOptions = {},
): NameResolver {
  const now = options.now ?? Date.now;
  const conf = readResolvConf(options.resolvConfFile ?? '/etc/resolv.conf', log);
  const resolver = new Resolver({ timeout: conf.timeoutMs, tries: conf.attempts });
  const servers = settings.servers.length > 0 ? settings.servers : conf.servers;
  if (servers.length > 0) resolver.setServers(servers);
  const hosts = openHostsFile(settings.hostsFile, log);
  const context: Context = { tools: { resolver, conf, order: settings.order }, settings, now };
  const cache = new Map<string, Entry>();
  const fixed = new WeakMap<HostsEntry, readonly ResolvedAddress[]>();

  return {
    resolve(host) {
      if (isIP(host) !== 0) return [plainAddress(host)];
      const name = host.toLowerCase();
      const time = now();
      const known = hosts.lookup(name, time);
      if (known !== undefined) return fromHosts(known, settings.order, fixed);
      let entry = cache.get(name);
      if (entry === undefined) {
        makeRoom(cache, settings.cacheSize);
        entry = emptyEntry();
        cache.set(name, entry);
      }
      return read(entry, name, time, context);
    },
    close() {
      resolver.cancel();
      cache.clear();
    },
  };
}

function emptyEntry(): Entry {
  return {
    addresses: undefined,
    error: undefined,
    freshUntil: 0,
    staleUntil: 0,
    perRequest: false,
    question: undefined,
    pending: undefined,
  };
}

function plainAddress(ip: string): ResolvedAddress {
  return { ip, port: undefined, weight: 1, name: undefined };
}

/** The oldest entry goes: what is in use comes back with its next request. */
function makeRoom(cache: Map<string, Entry>, sizeMax: number): void {
  if (cache.size < sizeMax) return;
  const oldest = cache.keys().next();
  if (!oldest.done) cache.delete(oldest.value);
}

/** The same list for the same entry, so that whoever compares lists sees no change. */
function fromHosts(
  entry: HostsEntry,
  order: DnsSettings['order'],
  made: WeakMap<HostsEntry, readonly ResolvedAddress[]>,
): readonly ResolvedAddress[] {
  const known = made.get(entry);
  if (known !== undefined) return known;
  const v6First = order.includes('AAAA') && order.indexOf('AAAA') < indexOrLast(order, 'A');
  const [first, second] = v6First ? [entry.ipv6, entry.ipv4] : [entry.ipv4, entry.ipv6];
  const addresses = (first.length > 0 ? first : second).map(plainAddress);
  made.set(entry, addresses);
  return addresses;
}

function indexOrLast(order: DnsSettings['order'], type: 'A'): number {
  const index = order.indexOf(type);
  return index < 0 ? order.length : index;
}

function read(
  entry: Entry,
  name: string,
  time: number,
  context: Context,
): ReturnType<NameResolver['resolve']> {
  if (time < entry.freshUntil) {
    return entry.addresses ?? Promise.reject(entry.error ?? notFound());
  }
  entry.pending ??= refresh(entry, name, context);
  if (entry.addresses === undefined || entry.perRequest || time >= entry.staleUntil) {
    return entry.pending;
  }
  // Nobody waits for this one; whoever comes after a failure hears of it then.
  entry.pending.catch(() => {});
  return entry.addresses;
}

async function refresh(
  entry: Entry,
  name: string,
  context: Context,
): Promise<readonly ResolvedAddress[]> {
  try {
    const answer = await lookUp(context.tools, name, entry.question);
    return store(entry, answer, name, context);
  } finally {
    entry.pending = undefined;
  }
}

/** Brings the entry up to date. Throws what waiting requests are to be told. */
function store(
  entry: Entry,
  answer: Lookup,
  name: string,
  { settings, now }: Context,
): readonly ResolvedAddress[] {
  const time = now();
  if (answer.kind === 'found') {
    const ttlMs = settings.validTtlMs ?? answer.ttlMs;
    if (!sameAddresses(entry.addresses, answer.addresses)) entry.addresses = answer.addresses;
    entry.error = undefined;
    entry.question = answer.question;
    entry.perRequest = ttlMs === 0;
    entry.freshUntil = time + ttlMs;
    entry.staleUntil = entry.freshUntil + settings.staleTtlMs;
    return entry.addresses ?? answer.addresses;
  }
  const failed = answer.kind === 'failed';
  entry.freshUntil = time + (failed ? settings.errorTtlMs : settings.notFoundTtlMs);
  // Servers that fail say nothing about the name; servers that answer "no such name" do.
  if (failed && entry.addresses !== undefined && time < entry.staleUntil) return entry.addresses;
  entry.addresses = undefined;
  entry.error = failed ? serverFailed(name, answer.reason) : notFound();
  throw entry.error;
}

/** Servers rotate their answers: the same set in another order is no change. */
function sameAddresses(
  before: readonly ResolvedAddress[] | undefined,
  after: readonly ResolvedAddress[],
): boolean {
  if (before?.length !== after.length) return false;
  const known = new Set(before.map(addressKey));
  return after.every((address) => known.has(addressKey(address)));
}

function addressKey({ ip, port, weight, name }: ResolvedAddress): string {
  return `${ip} ${port} ${weight} ${name}`;
}

function notFound(): ProxyError {
  return new ProxyError('ERR_NAME_RESOLUTION', 'name resolution failed');
}

function serverFailed(name: string, reason: string): ProxyError {
  const message = `failed the initial dns/balancer resolve for '${name}' with: ${reason}`;
  return new ProxyError('ERR_DNS_SERVER', message);
}
