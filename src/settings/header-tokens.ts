/** `headers` and `headers_upstream`: which informational headers are sent. */
import type { HeaderTokens } from './types.ts';

type Token = keyof HeaderTokens;

const LATENCY: readonly Token[] = [
  'proxyLatency',
  'responseLatency',
  'upstreamLatency',
  'adminLatency',
];

const TOKENS: ReadonlyMap<string, readonly Token[]> = new Map<string, readonly Token[]>([
  ['server_tokens', ['server', 'via']],
  ['latency_tokens', LATENCY],
  ['server', ['server']],
  ['via', ['via']],
  ['x-kong-proxy-latency', ['proxyLatency']],
  ['x-kong-response-latency', ['responseLatency']],
  ['x-kong-upstream-latency', ['upstreamLatency']],
  ['x-kong-admin-latency', ['adminLatency']],
  ['x-kong-upstream-status', ['upstreamStatus']],
  ['x-kong-request-id', ['requestId']],
]);

const REQUEST_ID = 'x-kong-request-id';

/** Reads both properties; `off` as the first entry means none. */
export function parseHeaderTokens(
  headers: readonly string[],
  upstream: readonly string[],
  report: (problem: string) => void,
): HeaderTokens {
  const set = new Set<Token>();
  for (const name of headers[0] === 'off' ? [] : headers) {
    const tokens = TOKENS.get(name.toLowerCase());
    if (tokens === undefined) report(`headers: invalid entry '${name}'`);
    for (const token of tokens ?? []) set.add(token);
  }
  for (const name of upstream[0] === 'off' ? [] : upstream) {
    if (name.toLowerCase() === REQUEST_ID) set.add('upstreamRequestId');
    else report(`headers_upstream: invalid entry '${name}'`);
  }
  return {
    server: set.has('server'),
    via: set.has('via'),
    proxyLatency: set.has('proxyLatency'),
    responseLatency: set.has('responseLatency'),
    upstreamLatency: set.has('upstreamLatency'),
    adminLatency: set.has('adminLatency'),
    upstreamStatus: set.has('upstreamStatus'),
    requestId: set.has('requestId'),
    upstreamRequestId: set.has('upstreamRequestId'),
  };
}
