/** Whether a client takes a kept answer (RFC 9111 sections 4.2.4 and 5.2.1). */
import type { CachedAnswer } from '../../answer-cache/types.ts';
import { directiveSeconds, type CacheDirectives } from '../../http/cache-control.ts';

/** By the request's directives. A stale answer is only given to a client that says it takes one. */
export function isAcceptable(
  { ttl, mustRevalidate }: CachedAnswer,
  ageSeconds: number,
  directives: CacheDirectives,
): boolean {
  const maxAge = directiveSeconds(directives, 'max-age');
  if (maxAge !== undefined && ageSeconds > maxAge) return false;
  const staleness = ageSeconds - ttl;
  const minFresh = directiveSeconds(directives, 'min-fresh');
  if (minFresh !== undefined && -staleness < minFresh) return false;
  if (staleness <= 0) return true;
  if (mustRevalidate || !directives.has('max-stale')) return false;
  // Without an argument, however stale it is.
  if (directives.get('max-stale') === true) return true;
  return staleness <= (directiveSeconds(directives, 'max-stale') ?? 0);
}
