/** Why the router tries one candidate before another, in words. */
import type { Route } from '../config/types.ts';
import { isRegexPath } from './candidates.ts';

export const PRIORITY_FIRST = "its 'regex_priority' is higher";
export const REGEX_FIRST = 'regular expressions are tried before prefixes';

/** What decides between candidates. */
export interface Ranked {
  readonly route: Route;
  readonly priority: bigint;
  /** Of one kind and length, or none. */
  readonly paths: readonly string[];
}

/** `winner` has the better rank. Follows the order of the priority's bits (`candidates.ts`). */
export function rankReason(winner: Ranked, loser: Ranked): string {
  if (isNegative(winner) && !isNegative(loser)) return negativeReason(winner);
  if (hasPlainHosts(winner) && !hasPlainHosts(loser)) {
    return 'a route with hosts is tried before one without, whatever their paths';
  }
  const [winnerRegex, loserRegex] = [isRegex(winner), isRegex(loser)];
  if (winnerRegex && !loserRegex) return REGEX_FIRST;
  if (winnerRegex && loserRegex && winner.route.regex_priority > loser.route.regex_priority) {
    return PRIORITY_FIRST;
  }
  if (winner.priority === loser.priority) {
    return 'both rank alike, and then the larger id is tried first, whatever the order in the file';
  }
  if (headerCount(winner) > headerCount(loser)) return 'a route with more headers is tried first';
  if (loser.paths.length === 0 && winner.paths.length > 0) {
    return 'a route with a path is tried first';
  }
  if (prefixLength(winner) > prefixLength(loser)) return 'the longer path is tried first';
  return 'a route with more conditions is tried first';
}

/** The sign of the lower half has filled the upper one. */
const isNegative = ({ priority }: Ranked): boolean => priority >> 63n === 1n;

const negativeReason = ({ route }: Ranked): string =>
  route.regex_priority < 0
    ? "a negative 'regex_priority' is tried before everything else"
    : 'a route with four or more kinds of conditions is tried before all with fewer';

const isRegex = ({ paths }: Ranked): boolean => isRegexPath(paths[0] ?? '');

const headerCount = ({ route }: Ranked): number => Object.keys(route.headers ?? {}).length;

const prefixLength = (ranked: Ranked): number =>
  isRegex(ranked) ? 0 : Buffer.byteLength(ranked.paths[0] ?? '');

const hasPlainHosts = ({ route }: Ranked): boolean =>
  route.hosts !== null &&
  route.hosts.length > 0 &&
  route.hosts.every((host) => !host.includes('*'));
