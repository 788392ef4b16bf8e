/** What consistent hashing takes its key from, in the order in which it is looked for. */
import type { Upstream } from '../../config/types.ts';

export type HashSource =
  | { readonly kind: 'consumer' | 'ip' | 'path' }
  | { readonly kind: 'header' | 'query_arg' | 'uri_capture'; readonly name: string }
  | {
      readonly kind: 'cookie';
      readonly name: string;
      /** Of the cookie that is set where there is none. */
      readonly path: string;
    };

type HashOn = Upstream['hash_on'];

/** One or two sources; none for an upstream that does not hash. */
export function hashSources(upstream: Upstream): readonly HashSource[] {
  if (upstream.algorithm !== 'consistent-hashing') return [];
  const { hash_on_cookie: cookie, hash_on_cookie_path: path } = upstream;
  const sourceOf = (on: HashOn, name: string | null): HashSource[] => {
    switch (on) {
      case 'none':
        return [];
      case 'consumer':
      case 'ip':
      case 'path':
        return [{ kind: on }];
      case 'cookie':
        return cookie === null ? [] : [{ kind: 'cookie', name: cookie, path }];
      default:
        return name === null ? [] : [{ kind: on, name }];
    }
  };
  return [
    ...sourceOf(upstream.hash_on, firstName(upstream)),
    ...sourceOf(upstream.hash_fallback, fallbackName(upstream)),
  ];
}

function firstName(upstream: Upstream): string | null {
  switch (upstream.hash_on) {
    case 'header':
      return upstream.hash_on_header;
    case 'query_arg':
      return upstream.hash_on_query_arg;
    case 'uri_capture':
      return upstream.hash_on_uri_capture;
    default:
      return null;
  }
}

function fallbackName(upstream: Upstream): string | null {
  switch (upstream.hash_fallback) {
    case 'header':
      return upstream.hash_fallback_header;
    case 'query_arg':
      return upstream.hash_fallback_query_arg;
    case 'uri_capture':
      return upstream.hash_fallback_uri_capture;
    default:
      return null;
  }
}
