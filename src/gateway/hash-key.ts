/** The key by which consistent hashing sends a request to its peer (Kong: `hash_on`, `hash_fallback`). */
import { randomUUID } from 'node:crypto';
import { bytesOfText } from '../http/bytes.ts';
import { cookieValue } from '../http/cookies.ts';
import { headerValues, type HeaderList } from '../http/headers.ts';
import type { QueryValue } from '../http/query.ts';
import type { HashSource } from '../proxy/balancer/hash-source.ts';
import type { Context } from './context.ts';
import type { Exchange } from './exchange.ts';

/** As bytes; empty when nothing is hashed or there is nothing to hash: then all go to one peer. */
export function hashKeyFor(exchange: Exchange, sources: readonly HashSource[]): string {
  for (const source of sources) {
    const found = valueOf(exchange.ctx, source);
    if (found !== undefined) return found;
    if (source.kind === 'cookie') return setCookie(exchange, source);
  }
  return '';
}

/** A client without the cookie gets one with its answer, and is hashed by it from now on. */
function setCookie(exchange: Exchange, source: Extract<HashSource, { kind: 'cookie' }>): string {
  const value = randomUUID();
  exchange.hashCookie = {
    name: source.name,
    line: `${source.name}=${value}; Path=${source.path}; Same-Site=Lax; HttpOnly`,
  };
  return value;
}

function valueOf(ctx: Context, source: HashSource): string | undefined {
  switch (source.kind) {
    case 'consumer':
      return ctx.consumer?.id ?? ctx.credential?.id;
    case 'ip':
      return ctx.clientAddress;
    case 'path':
      return decodedPath(ctx.rawPath);
    case 'header':
      return headerText(ctx.headers, source.name);
    case 'cookie':
      return cookieValue(ctx.headers, source.name.toLowerCase());
    case 'query_arg':
      return argumentText(ctx.query().get(source.name));
    case 'uri_capture': {
      const value = ctx.captures?.named.get(source.name);
      return value === undefined ? undefined : bytesOfText(value);
    }
  }
}

/** Lines of one name count as one value, in nginx' way. */
function headerText(headers: Readonly<HeaderList>, name: string): string | undefined {
  const values = headerValues(headers, name.toLowerCase());
  return values.length === 0 ? undefined : values.join(', ');
}

/** Several values count whatever their order; an argument without a value is `true`, as in Kong. */
function argumentText(value: QueryValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  const texts = typeof value === 'object' ? value.map(String).toSorted() : [String(value)];
  return bytesOfText(texts.join(','));
}

const TRIPLET = /%([0-9A-Fa-f]{2})/g;

/** As nginx normalises it: decoded, without dot segments and repeated slashes. */
function decodedPath(rawPath: string): string {
  const decoded = rawPath.replaceAll(TRIPLET, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  const kept: string[] = [];
  const segments = decoded.split('/');
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const isFolder = ['', '.', '..'].includes(segments.at(-1) ?? '');
  return `/${kept.join('/')}${isFolder && kept.length > 0 ? '/' : ''}`;
}
