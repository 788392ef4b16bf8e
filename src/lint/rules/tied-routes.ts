/** SB2023: two routes of one rank that fit the same requests: their ids decide, not their order in the file. */
import { called } from '../names.ts';
import { at, type Rule } from '../rule.ts';

export const tiedRoutes: Rule = {
  code: 'SB2023',
  check: (view) =>
    view.reach().ties.map(({ winner, loser }) => {
      const isRegex = loser.paths[0]?.kind === 'regex';
      return {
        message: `some requests fit ${called('route', loser.route)} and ${called('route', winner.route)}, which rank alike: the second gets them, because its id is larger`,
        help: isRegex
          ? "say which goes first with 'regex_priority'"
          : 'make their methods, hosts or headers exclude each other',
        at: at(loser.route, 'name'),
        related: [{ message: 'the other route', at: at(winner.route, 'name') }],
      };
    }),
};
