/** Why the router tries one route before another, in words. */
import type { RankedRoute } from './route-conditions.ts';

export const PRIORITY_FIRST = "its 'regex_priority' is higher";
export const REGEX_FIRST = 'regular expressions are tried before prefixes';

/** `winner` has the better rank. Follows the order of the priority's bits (`router/candidates.ts`). */
export function reasonFor(winner: RankedRoute, loser: RankedRoute): string {
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
  if (winner.headers.length > loser.headers.length)
    return 'a route with more headers is tried first';
  if (loser.paths[0]?.kind === 'any' && winner.paths[0]?.kind !== 'any') {
    return 'a route with a path is tried first';
  }
  if (lengthOf(winner) > lengthOf(loser)) return 'the longer path is tried first';
  return 'a route with more conditions is tried first';
}

const isRegex = ({ paths }: RankedRoute): boolean => paths[0]?.kind === 'regex';

const lengthOf = ({ paths }: RankedRoute): number =>
  paths[0]?.kind === 'prefix' ? paths[0].text.length : 0;

const hasPlainHosts = ({ route }: RankedRoute): boolean =>
  route.hosts !== null &&
  route.hosts.length > 0 &&
  route.hosts.every((host) => !host.includes('*'));
