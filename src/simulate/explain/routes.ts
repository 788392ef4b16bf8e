/** Which candidates came near the one that was taken, or to being taken, and why they were not. */
import type { CompiledRoute } from '../../gateway/gateway.ts';
import { isRegexPath } from '../../router/candidates.ts';
import type { Miss, Verdict } from '../../router/examine.ts';
import { rankReason } from '../../router/rank-reason.ts';
import type { Explanation, MissedRoute, Named } from './explanation.ts';

type RouteVerdict = Verdict<CompiledRoute>;

const ALSO_MAX = 10;
const MISSED_MAX = 10;
const LISTED_MAX = 5;

export interface RouteStory {
  readonly taken: RouteVerdict | undefined;
  readonly candidates: Explanation['candidates'];
}

/** @param nameOf how an entity is called and where it stands */
export function routeStory(
  verdicts: readonly RouteVerdict[],
  routes: number,
  nameOf: (entity: { readonly id: string; readonly name: string | null }) => Named,
): RouteStory {
  const taken = verdicts.find(({ misses }) => misses.length === 0);
  const others = bestOfEachRoute(verdicts).filter(({ route }) => route.id !== taken?.route.id);
  const alsoMatch = others.filter(({ misses }) => misses.length === 0);
  const missed = others
    .filter(({ misses }) => misses.length > 0)
    .filter((verdict) => taken === undefined || isRival(verdict, taken))
    .toSorted(byNearness);
  return {
    taken,
    candidates: {
      routes,
      also_match: alsoMatch.slice(0, ALSO_MAX).map((verdict) => ({
        ...nameOf(verdict.route),
        paths: verdict.paths,
        reason: taken === undefined ? '' : rankReason(taken, verdict),
      })),
      missed: missed.slice(0, MISSED_MAX).map((verdict) => missedRoute(verdict, nameOf)),
    },
  };
}

/** It is tried before, and comes near: a person may have meant it. */
const isRival = ({ rank, misses }: RouteVerdict, taken: RouteVerdict): boolean =>
  rank < taken.rank &&
  (misses.length === 1 || misses.every(({ attribute }) => !PLACES.has(attribute)));

const PLACES: ReadonlySet<Miss['attribute']> = new Set(['host', 'path']);

/** A route with several kinds of paths is several candidates. */
function bestOfEachRoute(verdicts: readonly RouteVerdict[]): readonly RouteVerdict[] {
  const best = new Map<string, RouteVerdict>();
  for (const verdict of verdicts) {
    const known = best.get(verdict.route.id);
    if (known === undefined || byNearness(verdict, known) < 0) best.set(verdict.route.id, verdict);
  }
  return [...best.values()].toSorted((a, b) => a.rank - b.rank);
}

/** Fewest misses; then the path that agrees for longest; then the order in which they are tried. */
const byNearness = (a: RouteVerdict, b: RouteVerdict): number =>
  a.misses.length - b.misses.length || agreement(b) - agreement(a) || a.rank - b.rank;

/** How much of the path the route speaks of; nothing for a route without paths. */
function agreement({ path, paths, misses }: RouteVerdict): number {
  const got = misses.find(({ attribute }) => attribute === 'path')?.got ?? '';
  return (
    path?.length ??
    Math.max(0, ...paths.map((wanted) => sharedLength(wanted.replace(/^~/, ''), got)))
  );
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && sameLetter(a.charAt(length), b.charAt(length))) length++;
  return length;
}

const sameLetter = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function missedRoute(
  verdict: RouteVerdict,
  nameOf: (entity: { readonly id: string; readonly name: string | null }) => Named,
): MissedRoute {
  return {
    ...nameOf(verdict.route),
    paths: verdict.paths,
    misses: verdict.misses.map((miss) => ({
      attribute: miss.attribute,
      name: miss.name ?? null,
      wanted: miss.wanted,
      got: miss.got ?? null,
      message: missMessage(miss),
    })),
  };
}

/** `method GET is none of POST, PUT`. */
function missMessage({ attribute, name = '', wanted, got }: Miss): string {
  switch (attribute) {
    case 'path':
      return `path ${got ?? ''} ${pathVerb(wanted)}${caseHint(wanted, got)}`;
    case 'host':
      if (got === undefined) return `there is no Host, and it asks for ${anyOf(wanted)}`;
      return `host ${got} is ${notAnyOf(wanted)}${caseHint(wanted, got)}`;
    case 'method':
      return `method ${got ?? ''} is ${notAnyOf(wanted)}`;
    case 'header':
      if (got === undefined) return `there is no header ${name}, and it asks for ${anyOf(wanted)}`;
      return `header ${name} is ${got}, ${notAnyOf(wanted)}`;
    case 'sni':
      if (got === undefined) return `TLS names no server, and it asks for ${anyOf(wanted)}`;
      return `TLS server name ${got} is ${notAnyOf(wanted)}`;
  }
}

function pathVerb(wanted: readonly string[]): string {
  const verb = isRegexPath(wanted[0] ?? '') ? 'does not match' : 'does not begin with';
  return `${verb} ${anyOf(wanted)}`;
}

function caseHint(wanted: readonly string[], got = ''): string {
  const lower = got.toLowerCase();
  const differs = wanted.some(
    (text) => !isRegexPath(text) && lower.startsWith(text.toLowerCase()) && !got.startsWith(text),
  );
  return differs ? ' (upper and lower case differ)' : '';
}

const notAnyOf = (wanted: readonly string[]): string =>
  wanted.length === 1 ? `not ${wanted[0] ?? ''}` : `none of ${listed(wanted)}`;

const anyOf = (wanted: readonly string[]): string =>
  wanted.length === 1 ? (wanted[0] ?? '') : `any of ${listed(wanted)}`;

function listed(words: readonly string[]): string {
  const more = words.length > LISTED_MAX ? `, … (${words.length - LISTED_MAX} more)` : '';
  return `${words.slice(0, LISTED_MAX).join(', ')}${more}`;
}
