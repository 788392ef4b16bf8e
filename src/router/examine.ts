/**
 * Every candidate held against one question, for people who ask why. Answering requests does not come
 * here: `match` visits few candidates, this looks at all, with the same compiled conditions.
 */
import type { Route } from '../config/types.ts';
import { isRegexPath, rankCandidates, type Candidate } from './candidates.ts';
import {
  headerMeets,
  serverNameMeets,
  valuesOf,
  type Conditions,
  type HeaderCondition,
} from './conditions.ts';
import { matchesName, nameRule, splitHostPort } from './hosts.ts';
import { compilePattern } from './regex.ts';
import type { RouteEntry, RouteQuestion } from './types.ts';

/** A condition of a candidate that the question does not meet. */
export interface Miss {
  readonly attribute: 'host' | 'path' | 'method' | 'header' | 'sni';
  /** Of the header. */
  readonly name?: string;
  /** What would do, as the config has it: any of these. */
  readonly wanted: readonly string[];
  /** What the request has; `undefined` when nothing. */
  readonly got: string | undefined;
}

/** One candidate (a route, or its paths of one kind and length) and how the question suits it. */
export interface Verdict<Target> {
  readonly target: Target;
  readonly route: Route;
  /** Place among all candidates; 0 is tried first. */
  readonly rank: number;
  readonly priority: bigint;
  /** The candidate's paths, as the config has them; none for a route without. */
  readonly paths: readonly string[];
  /** Empty for a candidate that fits: of those, the best rank gets the request. */
  readonly misses: readonly Miss[];
  /** What fits of `hosts` and `paths`, as the config has it; `undefined` where there is no such condition. */
  readonly host: string | undefined;
  readonly path: string | undefined;
}

interface Surroundings<Target> {
  readonly conditionsOf: (entry: RouteEntry<Target>) => Conditions;
  readonly portMaps: ReadonlyMap<number, number>;
}

/** In the order in which they are tried. Costs as much as there are routes. */
export function examineRoutes<Target>(
  entries: readonly RouteEntry<Target>[],
  question: RouteQuestion,
  { conditionsOf, portMaps }: Surroundings<Target>,
): readonly Verdict<Target>[] {
  return rankCandidates(entries).map((candidate, rank) => {
    const { entry, paths, priority } = candidate;
    const { target, route } = entry;
    const host = fittingHost(route.hosts ?? [], question, portMaps);
    const path = fittingPath(candidate, question.path);
    const misses = [
      ...missOf(host, { attribute: 'host', wanted: route.hosts ?? [], got: question.host }),
      ...missOf(path, { attribute: 'path', wanted: paths, got: question.path }),
      ...conditionMisses(route, conditionsOf(entry), question),
    ];
    return { target, route, rank, priority, paths, misses, host, path };
  });
}

/** A list that is empty asks for nothing. */
const missOf = (found: string | undefined, miss: Miss): readonly Miss[] =>
  miss.wanted.length === 0 || found !== undefined ? [] : [{ ...miss, got: miss.got || undefined }];

function fittingHost(
  hosts: readonly string[],
  question: RouteQuestion,
  portMaps: ReadonlyMap<number, number>,
): string | undefined {
  if (question.host === '') return undefined;
  const asked = splitHostPort(question.host);
  const port = asked.port ?? portMaps.get(question.port) ?? question.port;
  return hosts.find((text) => {
    const wanted = splitHostPort(text);
    if (wanted.port !== undefined && wanted.port !== port) return false;
    return matchesName(nameRule(wanted.host), asked.host);
  });
}

const fittingPath = ({ paths }: Candidate<unknown>, asked: string): string | undefined =>
  paths.find((path) =>
    isRegexPath(path)
      ? compilePattern(path.slice(1), { anchorStart: true }).exec(asked) !== undefined
      : asked.startsWith(path),
  );

function conditionMisses(
  route: Route,
  { methods, headers, serverNames }: Conditions,
  question: RouteQuestion,
): Miss[] {
  const misses: Miss[] = [];
  if (methods !== undefined && !methods.has(question.method)) {
    misses.push({ attribute: 'method', wanted: [...methods], got: question.method });
  }
  const wanted = Object.entries(route.headers ?? {});
  for (const [i, header] of headers.entries()) {
    if (headerMeets(header, question.headers)) continue;
    const [name = '', values = []] = wanted[i] ?? [];
    misses.push({ attribute: 'header', name, wanted: values, got: shown(header, question) });
  }
  if (serverNames !== undefined && !serverNameMeets(serverNames, question)) {
    misses.push({ attribute: 'sni', wanted: route.snis ?? [], got: question.serverName });
  }
  return misses;
}

function shown(header: HeaderCondition, { headers }: RouteQuestion): string | undefined {
  const values = valuesOf(headers, header);
  return values.length === 0 ? undefined : values.join(', ');
}
