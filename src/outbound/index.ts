/** HTTP calls to other servers, for plugins: pooled per origin and identity, bounded in every direction. */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { OutboundError } from '../errors.ts';
import { headerValue } from '../http/headers.ts';
import type { Outbound, OutboundAnswer, OutboundRequest, OutboundTls } from '../services.ts';
import { isPrivate } from './addresses.ts';
import {
  asOutboundError,
  checkAddress,
  createOrigin,
  type Origin,
  type OriginAnswer,
  type Resolve,
} from './origin.ts';

const TIMEOUT_MS = 10_000;
const BYTES_MAX = 256 * 1024;
const KEEPALIVE_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5000;
const ORIGINS_MAX = 256;
const SWEEP_MS = 60_000;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface OutboundOptions {
  readonly resolve: Resolve;
  /** PEM bundle for calls without one of their own; absent: the runtime's store. */
  readonly ca?: string | undefined;
}

export interface ClosableOutbound extends Outbound {
  close(): Promise<void>;
}

/** Made once per process, so that a reload keeps the connections. */
export function createOutbound(options: OutboundOptions): ClosableOutbound {
  const origins = new Map<string, Origin>();
  const sweeper = setInterval(() => sweep(origins), SWEEP_MS);
  sweeper.unref();

  function originOf(url: URL, facts: Hop, tls: OutboundTls | undefined): Origin {
    const { reach, keepaliveMs, connectMs } = facts;
    const full: OutboundTls = { ...tls, verify: tls?.verify ?? true, ca: tls?.ca ?? options.ca };
    const identity = url.protocol === 'https:' ? fingerprint(full) : '';
    const key = `${url.origin} ${reach} ${keepaliveMs} ${connectMs} ${identity}`;
    const known = origins.get(key);
    if (known !== undefined) return known;
    if (origins.size >= ORIGINS_MAX) sweep(origins, 0);
    const { resolve } = options;
    const { origin } = url;
    const made = createOrigin({ origin, reach, tls: full, resolve, keepaliveMs, connectMs });
    origins.set(key, made);
    return made;
  }

  /** One hop. Credentials and the client certificate are for the origin they were configured for. */
  function hop(wanted: OutboundRequest, url: URL, facts: Hop): Promise<OriginAnswer> {
    const { reach, isFirst, signal } = facts;
    const host = bareHost(url);
    if (isIP(host) !== 0) checkAddress(host, reach);
    return originOf(url, facts, isFirst ? wanted.tls : withoutCertificate(wanted.tls)).call({
      method: wanted.method,
      path: `${url.pathname}${url.search}`,
      headers: headersFor(wanted, isFirst),
      body: wanted.body,
      bytesMax: wanted.bytesMax ?? BYTES_MAX,
      signal,
      sendMs: wanted.partTimeouts?.sendMs ?? 0,
      readMs: wanted.partTimeouts?.readMs ?? 0,
    });
  }

  async function request(wanted: OutboundRequest): Promise<OutboundAnswer> {
    const { via, redirectsMax = 0, keepaliveMs = KEEPALIVE_MS } = wanted;
    const connectMs = wanted.partTimeouts?.connectMs ?? CONNECT_TIMEOUT_MS;
    const signal = signalOf(wanted);
    const first = parseUrl(wanted.url);
    let url = first;
    let reach: Hop['reach'] =
      via === undefined ? 'any' : await reachFrom(parseUrl(via), url, options.resolve);
    for (let redirects = 0; ; redirects++) {
      const isFirst = url.origin === first.origin;
      // oxlint-disable-next-line no-await-in-loop -- a redirect follows the answer that asks for it
      const answer = await hop(wanted, url, { reach, isFirst, signal, keepaliveMs, connectMs });
      const next = redirectsMax > 0 ? redirectOf(answer, url) : undefined;
      if (next === undefined) return { ...answer, url: shownUrl(url) };
      if (redirects >= redirectsMax) {
        throw new OutboundError('ERR_OUTBOUND_REDIRECT', `more than ${redirectsMax} redirects`);
      }
      // oxlint-disable-next-line no-await-in-loop -- see above
      if (reach === 'any') reach = await reachFrom(url, next, options.resolve);
      url = next;
    }
  }

  return {
    request: (wanted) =>
      request(wanted).catch((error: unknown) => {
        throw asOutboundError(error);
      }),
    async close() {
      clearInterval(sweeper);
      const all = [...origins.values()];
      origins.clear();
      await Promise.all(all.map((origin) => origin.close()));
    },
  };
}

/** Those that nobody calls go. */
function sweep(origins: Map<string, Origin>, idleMs = SWEEP_MS): void {
  const now = performance.now();
  for (const [key, origin] of origins) {
    if (origin.active > 0 || now - origin.usedAt < idleMs) continue;
    origins.delete(key);
    void origin.close();
  }
}

/** A digest, so that no key is part of what shows a pool's name. */
function fingerprint(tls: OutboundTls): string {
  return createHash('sha256').update(JSON.stringify(tls)).digest('base64url').slice(0, 22);
}

interface Hop {
  readonly reach: 'any' | 'public';
  readonly isFirst: boolean;
  readonly keepaliveMs: number;
  readonly connectMs: number;
  readonly signal: AbortSignal;
}

function signalOf({ timeoutMs = TIMEOUT_MS, signal }: OutboundRequest): AbortSignal {
  const timeout = AbortSignal.timeout(timeoutMs);
  return signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
}

function withoutCertificate(tls: OutboundTls | undefined): OutboundTls | undefined {
  return tls === undefined ? undefined : { verify: tls.verify, ca: tls.ca };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new OutboundError('ERR_OUTBOUND_URL', 'not an http or https URL');
  }
  return url;
}

const bareHost = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

/** Without user info and query: both may hold secrets. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function headersFor(wanted: OutboundRequest, isFirst: boolean): string[] {
  const { headers = [], basicAuth } = wanted;
  const list = ['accept-encoding', 'identity'];
  if (headerValue([...headers], 'user-agent') === undefined) list.push('user-agent', 'silverback');
  for (let i = 0; i < headers.length; i += 2) {
    const [name = '', value = ''] = headers.slice(i, i + 2);
    if (isFirst || name.toLowerCase() !== 'authorization') list.push(name, value);
  }
  if (isFirst && basicAuth !== undefined) {
    const pair = Buffer.from(`${basicAuth.username}:${basicAuth.password}`).toString('base64');
    list.push('authorization', `Basic ${pair}`);
  }
  return list;
}

/** Where the answer leads. Throws for a place that must not be gone to. */
function redirectOf({ status, headers }: OriginAnswer, from: URL): URL | undefined {
  const location = REDIRECTS.has(status) ? headerValue(headers, 'location') : undefined;
  if (location === undefined) return undefined;
  if (!URL.canParse(location, from.href)) {
    throw new OutboundError('ERR_OUTBOUND_REDIRECT', 'a redirect without a URL');
  }
  const url = parseUrl(new URL(location, from.href).href);
  checkScheme(from, url);
  return url;
}

function checkScheme(from: URL, to: URL): void {
  if (from.protocol === 'https:' && to.protocol !== 'https:') {
    throw new OutboundError('ERR_OUTBOUND_REDIRECT', 'https led to http');
  }
}

/** Whoever is on the Internet may name others there only; a server inside may name any. */
async function reachFrom(from: URL, to: URL, resolve: Resolve): Promise<Hop['reach']> {
  checkScheme(from, to);
  if (from.hostname === to.hostname) return 'any';
  const host = bareHost(from);
  const addresses = isIP(host) === 0 ? await resolve(host) : [{ ip: host }];
  return addresses.every(({ ip }) => isPrivate(ip)) ? 'any' : 'public';
}
