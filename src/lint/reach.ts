/**
 * Which routes never get a request because others are tried first, and which share requests with a
 * route of the same rank. Every answer is a proof over the conditions of the router's own candidates;
 * where there is none, nothing is said.
 */
import type { Route } from '../config/types.ts';
import { createRouteIndex, type RouteIndex } from './route-index.ts';
import {
  coversHeaders,
  coversHost,
  coversPath,
  coversServerNames,
  rankRoutes,
  type HostRule,
  type PathRule,
  type RankedRoute,
} from './route-conditions.ts';
import { samplesOf } from './regex-sample.ts';

/** A route, or one of its paths, that others take all requests of. */
export interface Shadow {
  readonly route: Route;
  /** The path that is never reached; `undefined`: none of the route's conditions ever is. */
  readonly path: string | undefined;
  readonly by: readonly RankedRoute[];
  /** The part of the route that loses. */
  readonly loser: RankedRoute;
}

/** Two routes of one rank that fit the same requests: their ids decide. */
export interface Tie {
  readonly winner: RankedRoute;
  readonly loser: RankedRoute;
}

export interface Reach {
  readonly shadows: readonly Shadow[];
  readonly ties: readonly Tie[];
}

/** Comparisons of two routes; what is beyond is left unsaid rather than waited for. */
const COMPARISONS_MAX = 3_000_000;

export function analyseReach(routes: readonly Route[]): Reach {
  const index = createRouteIndex();
  const budget = { left: COMPARISONS_MAX };
  const lost = new Map<Route, LostPath[]>();
  const kept = new Set<Route>();
  const ties: Tie[] = [];
  for (const ranked of rankRoutes(routes)) {
    if (budget.left <= 0) break;
    const paths = lostPaths(ranked, index, budget);
    if (paths.length < ranked.paths.length) kept.add(ranked.route);
    lost.set(ranked.route, [...(lost.get(ranked.route) ?? []), ...paths]);
    const tied = paths.length === 0 ? findTie(ranked, index, budget) : undefined;
    if (tied !== undefined) ties.push({ winner: tied, loser: ranked });
    index.add(ranked);
  }
  // What was not looked at may be reached.
  if (budget.left <= 0) for (const route of routes) kept.add(route);
  const shadows = [...lost].flatMap(([route, paths]) => shadowsOf(route, paths, kept.has(route)));
  return { shadows, ties };
}

interface Budget {
  left: number;
}

interface LostPath {
  readonly loser: RankedRoute;
  readonly path: PathRule;
  readonly by: readonly RankedRoute[];
}

function shadowsOf(route: Route, paths: readonly LostPath[], isKept: boolean): Shadow[] {
  const [first] = paths;
  if (first === undefined) return [];
  if (isKept) {
    return paths.map(({ path, by, loser }) => ({ route, path: writtenPath(path), by, loser }));
  }
  const by = [...new Set(paths.flatMap((path) => path.by))];
  return [{ route, path: undefined, by, loser: first.loser }];
}

/** As the document has it. */
const writtenPath = (path: PathRule): string =>
  path.kind === 'any' ? '' : path.kind === 'regex' ? `~${path.text}` : path.text;

/** The paths of a candidate that better ones take whole, for each host and method. */
function lostPaths(ranked: RankedRoute, index: RouteIndex, budget: Budget): LostPath[] {
  return ranked.paths.flatMap((path) => {
    const by = new Set<RankedRoute>();
    for (const host of ranked.hosts) {
      const winners = takers({ ranked, host, path }, index, budget);
      if (winners === undefined) return [];
      for (const winner of winners) by.add(winner);
    }
    return [{ loser: ranked, path, by: [...by] }];
  });
}

/** A host and a path of a candidate. */
interface Spot {
  readonly ranked: RankedRoute;
  readonly host: HostRule;
  readonly path: PathRule;
}

/** Who takes all requests of a spot: one route, or one for each method. `undefined`: nobody. */
function takers(spot: Spot, index: RouteIndex, budget: Budget): RankedRoute[] | undefined {
  const { ranked, host, path } = spot;
  const open = ranked.methods === undefined ? undefined : new Set(ranked.methods);
  const winners: RankedRoute[] = [];
  for (const other of index.near(ranked, host, path.literal)) {
    if (--budget.left <= 0) return undefined;
    if (!coversSpot(other, spot)) continue;
    if (other.methods === undefined) return [other];
    if (open === undefined) continue;
    let takes = false;
    for (const method of other.methods) takes = open.delete(method) || takes;
    if (takes) winners.push(other);
    if (open.size === 0) return winners;
  }
  return undefined;
}

/** Whatever the method. A route does not shadow itself. */
function coversSpot(other: RankedRoute, { ranked, host, path }: Spot): boolean {
  return (
    other.route !== ranked.route &&
    other.hosts.some((rule) => coversHost(rule, host)) &&
    coversHeaders(other.headers, ranked.headers) &&
    coversServerNames(other.serverNames, ranked.serverNames) &&
    other.paths.some((rule) => coversPath(rule, path))
  );
}

/** A better route of the same priority for which a request that fits both can be written down. */
function findTie(ranked: RankedRoute, index: RouteIndex, budget: Budget): RankedRoute | undefined {
  for (const path of ranked.paths) {
    for (const sample of samplesOf(path)) {
      for (const host of ranked.hosts) {
        for (const other of index.near(ranked, host, sample)) {
          if (--budget.left <= 0) return undefined;
          if (other.priority === ranked.priority && meet(other, ranked, { host, sample }))
            return other;
        }
      }
    }
  }
  return undefined;
}

function meet(
  other: RankedRoute,
  ranked: RankedRoute,
  { host, sample }: { readonly host: HostRule; readonly sample: string },
): boolean {
  return (
    other.route !== ranked.route &&
    other.hosts.some((rule) => coversHost(rule, host)) &&
    sharesMethod(other.methods, ranked.methods) &&
    sharesHeaders(other, ranked) &&
    coversServerNames(other.serverNames, ranked.serverNames) &&
    other.paths.some((rule) => fits(rule, sample))
  );
}

function fits(rule: PathRule, path: string): boolean {
  switch (rule.kind) {
    case 'any':
      return true;
    case 'prefix':
      return path.startsWith(rule.text);
    case 'regex':
      return rule.test(path);
  }
}

const sharesMethod = (a: RankedRoute['methods'], b: RankedRoute['methods']): boolean =>
  a === undefined || b === undefined || [...a].some((method) => b.has(method));

/** The same headers, each with a value that both take: one request can have them. */
const sharesHeaders = ({ headers: a }: RankedRoute, { headers: b }: RankedRoute): boolean =>
  a.length === b.length &&
  a.every((rule) =>
    b.some(({ name, values }) => name === rule.name && [...values].some((v) => rule.values.has(v))),
  );
