/** The head of an answer on its way to the client: hop-by-hop fields out, Kong's own fields in. */
import type { Route, Service } from '../config/types.ts';
import { bytesOfText } from '../http/bytes.ts';
import { headerValue, type HeaderList } from '../http/headers.ts';
import { acceptsTrailers, nominatedNames } from '../proxy/upstream-head.ts';
import type { HeaderTokens } from '../settings/types.ts';
import { SERVER_TOKEN } from '../version.ts';

/** Fields of an upstream's answer that end here (RFC 9110 section 7.6.1) or speak to nginx only. */
const DROPPED: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'x-accel-redirect',
  'x-accel-expires',
  'x-accel-limit-rate',
  'x-accel-buffering',
  'x-accel-charset',
]);

/** Verdicts by name as received; bounded. Upstreams use few names, each in one spelling. */
const seenNames = new Map<string, boolean>();
const SEEN_NAMES_MAX = 1000;

function isDropped(name: string): boolean {
  const seen = seenNames.get(name);
  if (seen !== undefined) return seen;
  const dropped = DROPPED.has(name.toLowerCase());
  if (seenNames.size < SEEN_NAMES_MAX) seenNames.set(name, dropped);
  return dropped;
}

/**
 * Takes the fields out that end at this hop, in place. `requestHeaders` tell whether the client can
 * take trailers.
 */
export function stripHopByHop(headers: HeaderList, requestHeaders: Readonly<HeaderList>): void {
  const nominated = nominatedNames(headerValue(headers, 'connection'));
  let kept = 0;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (isDropped(name)) continue;
    if (nominated?.has(name.toLowerCase()) === true) continue;
    if (name.length === 7 && name.toLowerCase() === 'trailer' && !takesTrailers(requestHeaders)) {
      continue;
    }
    if (kept !== i) {
      headers[kept] = name;
      headers[kept + 1] = headers[i + 1] ?? '';
    }
    kept += 2;
  }
  headers.length = kept;
}

/** Statuses whose answers have no body (RFC 9110 section 6.4.1). */
export const isBodiless = (status: number): boolean => status === 204 || status === 304;

/** A 204 must not announce a length (RFC 9110 section 8.6); a 304 may, and Kong's does. */
export const announcesLength = (status: number): boolean => status !== 204;

export const takesTrailers = (requestHeaders: Readonly<HeaderList>): boolean =>
  acceptsTrailers(headerValue(requestHeaders, 'te'));

/** A cookie that consistent hashing gives to a client without one. */
export interface HashCookie {
  readonly name: string;
  /** Value of Set-Cookie. */
  readonly line: string;
}

/** Sets the cookie in place of what the upstream sets under that name. */
export function setHashCookie(headers: HeaderList, { name, line }: HashCookie): void {
  const start = `${name}=`;
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() !== 'set-cookie' || !headers[i + 1]?.startsWith(start)) continue;
    headers[i + 1] = line;
    return;
  }
  headers.push('Set-Cookie', line);
}

export interface ProxiedFacts {
  readonly upstreamLatencyMs: number;
  readonly proxyLatencyMs: number;
  /** Absent when no try got an answer. */
  readonly upstreamStatus: number | undefined;
  readonly requestId: string;
  /** Spoken with the upstream. */
  readonly httpVersion: '1.1' | '2';
}

/** Adds Kong's fields to an answer that an upstream gave, or that stands for a failed upstream. */
export function decorateProxied(
  headers: HeaderList,
  facts: ProxiedFacts,
  tokens: HeaderTokens,
): void {
  if (tokens.upstreamStatus && facts.upstreamStatus !== undefined) {
    headers.push('X-Kong-Upstream-Status', String(facts.upstreamStatus));
  }
  if (tokens.server && headerValue(headers, 'server') === undefined) {
    headers.push('Server', SERVER_TOKEN);
  }
  if (tokens.via) appendVia(headers, `${facts.httpVersion} ${SERVER_TOKEN}`);
  if (tokens.upstreamLatency) {
    headers.push('X-Kong-Upstream-Latency', String(Math.round(facts.upstreamLatencyMs)));
  }
  if (tokens.proxyLatency) {
    headers.push('X-Kong-Proxy-Latency', String(Math.round(facts.proxyLatencyMs)));
  }
  if (tokens.requestId) headers.push('X-Kong-Request-Id', facts.requestId);
}

function appendVia(headers: HeaderList, own: string): void {
  const via = headerValue(headers, 'via');
  if (via === undefined) {
    headers.push('Via', own);
    return;
  }
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i]?.length === 3 && headers[i]?.toLowerCase() === 'via') {
      headers[i + 1] = `${headers[i + 1]}, ${own}`;
      return;
    }
  }
}

/** Adds Kong's fields to an answer made here. `Server` replaces what a plugin may have set. */
export function decorateLocal(
  headers: HeaderList,
  facts: { readonly responseLatencyMs: number; readonly requestId: string },
  tokens: HeaderTokens,
): void {
  if (tokens.responseLatency) {
    headers.push('X-Kong-Response-Latency', String(Math.round(facts.responseLatencyMs)));
  }
  if (tokens.server) {
    for (let i = headers.length - 2; i >= 0; i -= 2) {
      if (headers[i]?.toLowerCase() === 'server') headers.splice(i, 2);
    }
    headers.push('Server', SERVER_TOKEN);
  }
  if (tokens.requestId) headers.push('X-Kong-Request-Id', facts.requestId);
}

/** Kong's answer to `Kong-Debug`, where `allow_debug_header` is on. */
export function pushDebugHeaders(
  headers: HeaderList,
  route: Route | undefined,
  service: Service | undefined,
): void {
  if (route === undefined) return;
  headers.push('Kong-Route-Id', route.id);
  if (route.name !== null) headers.push('Kong-Route-Name', bytesOfText(route.name));
  if (service === undefined) return;
  headers.push('Kong-Service-Id', service.id);
  if (service.name !== null) headers.push('Kong-Service-Name', bytesOfText(service.name));
}
