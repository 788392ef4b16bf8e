/** Which requests the cache is asked for, and which answers it may keep. */
import type { ProxyCacheConfig } from '../../config/schema-types.ts';
import { cacheDirectives, freshSeconds, type CacheDirectives } from '../../http/cache-control.ts';
import { headerValue, headerValues } from '../../http/headers.ts';
import type { Immutable, RequestContext, ResponseHead } from '../../plugin.ts';
import { compileMediaTypes } from './media-type.ts';

/** How long an answer may be used and kept. */
export interface Lifetime {
  /** Seconds. */
  readonly ttl: number;
  /** Seconds; 0 has no end. */
  readonly keepSeconds: number;
  readonly mustRevalidate: boolean;
}

/** A test whether the cache is asked; `directives` are those of the request. */
export function compileRequestTest(
  config: Immutable<ProxyCacheConfig>,
): (ctx: RequestContext, directives: CacheDirectives) => boolean {
  const methods: ReadonlySet<string> = new Set(config.request_method);
  return ({ upstreamMethod, headers }, directives) => {
    if (!methods.has(upstreamMethod)) return false;
    // A call in gRPC is its body, and its answer's status a trailer: neither is in the cache.
    if (headerValue(headers, 'content-type')?.startsWith('application/grpc')) return false;
    if (!config.cache_control) return true;
    if (directives.has('no-store') || directives.has('no-cache')) return false;
    return headerValue(headers, 'authorization') === undefined;
  };
}

/** They answer a condition or a range of the request, which is no part of the key. */
const CONDITIONAL: ReadonlySet<number> = new Set([206, 304, 416]);
/** Anything below is not the whole answer. */
const STATUS_FIRST = 200;

/** @returns how long the answer lives, `undefined` when it may not be kept */
export function compileAnswerTest(
  config: Immutable<ProxyCacheConfig>,
  bodyBytesMax: number,
): (head: ResponseHead, nowSeconds: number) => Lifetime | undefined {
  const statuses: ReadonlySet<number> = new Set(config.response_code);
  const isWanted = compileMediaTypes(config.content_type);

  function isWhole({ status, headers, source }: ResponseHead): boolean {
    // What the gateway says of a failure is no answer of the upstream.
    if (source === 'error' || status < STATUS_FIRST || CONDITIONAL.has(status)) return false;
    if (headerValue(headers, 'content-range') !== undefined) return false;
    return Number(headerValue(headers, 'content-length') ?? 0) <= bodyBytesMax;
  }

  return (head, nowSeconds) => {
    if (!statuses.has(head.status) || !isWhole(head)) return undefined;
    const type = contentTypeOf(head);
    if (type === undefined || !isWanted(type)) return undefined;
    return lifetimeOf(head, config, nowSeconds);
  };
}

/** nginx adds this to these types when an answer is made here, and only after the plugins have seen them. */
const OWN_CHARSET = '; charset=UTF-8';
const CHARSET_TYPES =
  /^(?:text\/(?:html|plain|xml|vnd\.wap\.wml)|application\/(?:javascript|rss\+xml))$/i;

function contentTypeOf({ headers, source }: ResponseHead): string | undefined {
  const [type, ...others] = headerValues(headers, 'content-type');
  if (type === undefined || others.length > 0) return undefined;
  if (source !== 'exit' || !type.endsWith(OWN_CHARSET)) return type;
  const bare = type.slice(0, -OWN_CHARSET.length);
  return CHARSET_TYPES.test(bare) ? bare : type;
}

const FORBIDDING = ['private', 'no-store', 'no-cache'] as const;
/** RFC 9111 sections 5.2.2.2, 5.2.2.8 and 5.2.2.10. */
const REVALIDATING = ['must-revalidate', 'proxy-revalidate', 's-maxage'] as const;

function lifetimeOf(
  { headers }: ResponseHead,
  {
    cache_control: isRespected,
    cache_ttl: cacheTtl,
    storage_ttl: storageTtl,
  }: Immutable<ProxyCacheConfig>,
  nowSeconds: number,
): Lifetime | undefined {
  if (!isRespected) {
    return { ttl: cacheTtl, keepSeconds: storageTtl ?? cacheTtl, mustRevalidate: false };
  }
  const directives = cacheDirectives(headers);
  if (FORBIDDING.some((name) => directives.has(name))) return undefined;
  const ttl = freshSeconds(directives, headers, nowSeconds);
  if (ttl <= 0) return undefined;
  const mustRevalidate = REVALIDATING.some((name) => directives.has(name));
  return { ttl, keepSeconds: storageTtl ?? ttl, mustRevalidate };
}
