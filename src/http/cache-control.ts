/** Cache-Control (RFC 9111 section 5.2) as Kong reads it, and how long an answer stays fresh by it. */
import { headerValues, type HeaderList } from './headers.ts';
import { parseHttpDate } from './http-date.ts';

/** By lower-case name; `true` without an argument. */
export type CacheDirectives = ReadonlyMap<string, string | true>;

/** RFC 9111 section 1.2.2: larger numbers mean this one. */
const SECONDS_MAX = 2 ** 31 - 1;

const NO_DIRECTIVES: CacheDirectives = new Map();

/** The directives of all lines together; of one name the last counts. */
export function cacheDirectives(headers: Readonly<HeaderList>): CacheDirectives {
  const lines = headerValues(headers, 'cache-control');
  if (lines.length === 0) return NO_DIRECTIVES;
  const directives = new Map<string, string | true>();
  for (const part of lines.join(',').split(',')) {
    const equals = part.indexOf('=');
    const name = (equals === -1 ? part : part.slice(0, equals)).trim().toLowerCase();
    if (name !== '') directives.set(name, equals === -1 ? true : part.slice(equals + 1).trim());
  }
  return directives;
}

/** The argument as delta-seconds, quoted or not; `undefined` for anything else. */
export function directiveSeconds(directives: CacheDirectives, name: string): number | undefined {
  const value = directives.get(name);
  const digits = typeof value === 'string' ? /^"?(\d+)"?$/.exec(value)?.[1] : undefined;
  return digits === undefined ? undefined : Math.min(Number(digits), SECONDS_MAX);
}

/**
 * How many seconds a shared cache may take an answer for fresh: `s-maxage`, else `max-age`, else the
 * last `Expires`; 0 when it says none of them, or not as it should.
 * @param nowSeconds since the epoch
 */
export function freshSeconds(
  directives: CacheDirectives,
  headers: Readonly<HeaderList>,
  nowSeconds: number,
): number {
  const name = ['s-maxage', 'max-age'].find((candidate) => directives.has(candidate));
  if (name !== undefined) return directiveSeconds(directives, name) ?? 0;
  const expires = parseHttpDate(headerValues(headers, 'expires').at(-1) ?? '');
  if (expires === undefined) return 0;
  return Math.min(Math.max(expires - nowSeconds, 0), SECONDS_MAX);
}
