/** Header fields that are kept with an answer, and those that tell what the cache did. */
import { headerValue, setHeader, type HeaderList } from '../../http/headers.ts';
import type { ProxyCacheConfig } from '../../config/schema-types.ts';
import type { Immutable, RequestContext } from '../../plugin.ts';

/** They belong to one connection or to one request, or are written anew. */
const NOT_KEPT: ReadonlySet<string> = new Set([
  'age',
  'connection',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'trailers',
  'transfer-encoding',
  'upgrade',
  'x-cache-key',
  'x-cache-status',
]);

/** What a client has left of its limits is nobody else's. */
const isKept = (name: string): boolean =>
  !NOT_KEPT.has(name) && !name.includes('ratelimit-remaining');

export function keptHeaders(headers: Readonly<HeaderList>): HeaderList {
  const kept: HeaderList = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (isKept(name.toLowerCase())) kept.push(name, headers[i + 1] ?? '');
  }
  return kept;
}

type Diagnostic = keyof ProxyCacheConfig['response_headers'];

export interface Diagnostics {
  /** Before what the upstream has under the name, as in Kong. */
  prepend(ctx: RequestContext, headers: HeaderList, name: Diagnostic, value: string): void;
  /** In place of what is there. */
  set(ctx: RequestContext, headers: HeaderList, name: Diagnostic, value: string): void;
}

export function compileDiagnostics({
  response_headers: shown,
}: Immutable<ProxyCacheConfig>): Diagnostics {
  const isShown = ({ headers }: RequestContext, name: Diagnostic): boolean =>
    shown[name] || headerValue(headers, 'kong-debug') !== undefined;
  return {
    prepend(ctx, headers, name, value) {
      if (isShown(ctx, name)) headers.unshift(name, value);
    },
    set(ctx, headers, name, value) {
      if (isShown(ctx, name)) setHeader(headers, name, value);
    },
  };
}
