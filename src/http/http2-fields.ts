/** Header lists in the form that node:http2 takes, and back (RFC 9113 section 8.2). */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import type { HeaderList } from './headers.ts';

/** Fields that have no meaning in HTTP/2 (section 8.2.2). */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/**
 * node:http2 refuses a head in which one of these stands twice. Upstreams do send them twice, and a
 * client of HTTP/1 gets both; here the first stands for all.
 */
const SINGLE: ReadonlySet<string> = new Set([
  'access-control-allow-credentials',
  'access-control-max-age',
  'access-control-request-method',
  'age',
  'authorization',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'date',
  'dnt',
  'etag',
  'expires',
  'from',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'range',
  'referer',
  'retry-after',
  'tk',
  'upgrade-insecure-requests',
  'user-agent',
  'x-content-type-options',
]);

/**
 * node:http2 wants an object; repeated fields become lists. Names are the other side's to choose, so
 * they are collected in a Map first.
 */
export function toHttp2Fields(list: Readonly<HeaderList>): OutgoingHttpHeaders {
  const headers = new Map<string, string | string[]>();
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i]?.toLowerCase() ?? '';
    const value = list[i + 1] ?? '';
    if (CONNECTION_FIELDS.has(name) || (name === 'te' && value !== 'trailers')) continue;
    const present = headers.get(name);
    if (present !== undefined && SINGLE.has(name)) continue;
    headers.set(name, present === undefined ? value : [present, value].flat());
  }
  return Object.fromEntries(headers);
}

/** Pseudo-fields are left out. */
export function fromHttp2Fields(fields: IncomingHttpHeaders): HeaderList {
  const list: HeaderList = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || name.startsWith(':')) continue;
    for (const each of [value].flat()) list.push(name, each);
  }
  return list;
}
