/** Why the router tries one route before another: its own words, for routes as the rules compare them. */
import { rankReason, type Ranked } from '../router/rank-reason.ts';
import type { RankedRoute } from './route-conditions.ts';

export { PRIORITY_FIRST, REGEX_FIRST } from '../router/rank-reason.ts';

/** `winner` has the better rank. */
export const reasonFor = (winner: RankedRoute, loser: RankedRoute): string =>
  rankReason(asRanked(winner), asRanked(loser));

const asRanked = ({ route, priority, paths }: RankedRoute): Ranked => ({
  route,
  priority,
  paths: paths.flatMap((path) => {
    if (path.kind === 'any') return [];
    return [path.kind === 'regex' ? `~${path.text}` : path.text];
  }),
});
