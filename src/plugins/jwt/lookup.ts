/** Where a request may carry its token: query arguments, cookies, headers. */
import { cookieValue } from '../../http/cookies.ts';
import { headerValue } from '../../http/headers.ts';
import { headerNamesFor } from '../../http/underscores.ts';
import type { JwtConfig } from '../../config/schema-types.ts';
import type { Immutable, RequestContext } from '../../plugin.ts';

/** Kong's pattern: not anchored, and only the first letter may vary. */
const BEARER = /[Bb]earer[ \t\r\n\v\f]+(.+)/;
const BEARER_LENGTH = 'Bearer '.length;

/** Keeps what was found apart from how much: no set is made for the usual single token. */
export interface TokenSearch {
  found: string | true | undefined;
  /** Two different ones. */
  several: boolean;
}

/** Compiles the search. Every place is looked at: two different tokens are an error wherever. */
export function compileTokenSearch(
  config: Immutable<JwtConfig>,
): (ctx: RequestContext) => TokenSearch {
  const queryNames = config.uri_param_names;
  const cookieNames = config.cookie_names.map((name) => name.toLowerCase());
  const headerNames = config.header_names.map(headerNamesFor);
  return function searchToken(ctx) {
    const search: TokenSearch = { found: undefined, several: false };
    if (ctx.rawQuery !== '') searchQuery(search, ctx, queryNames);
    for (const name of cookieNames) note(search, cookieValue(ctx.headers, name));
    for (const names of headerNames) note(search, bearerToken(firstValue(ctx, names)));
    return search;
  };
}

function searchQuery(search: TokenSearch, ctx: RequestContext, names: readonly string[]): void {
  if (names.length === 0) return;
  const args = ctx.query();
  for (const name of names) {
    const value = args.get(name);
    if (typeof value === 'object') for (const one of value) note(search, one);
    else note(search, value);
  }
}

function note(search: TokenSearch, value: string | true | undefined): void {
  if (value === undefined || value === '') return;
  if (search.found === undefined) search.found = value;
  else if (search.found !== value) search.several = true;
}

function firstValue(ctx: RequestContext, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = headerValue(ctx.headers, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The text after the scheme to the end of the line. */
export function bearerToken(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const isPlain = value.startsWith('Bearer ey') || value.startsWith('bearer ey');
  return isPlain ? value.slice(BEARER_LENGTH) : BEARER.exec(value)?.[1];
}
