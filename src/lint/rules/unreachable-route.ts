/** SB2022: a route, or one of its paths, that no request can reach: others are tried first and take them all. */
import { PRIORITY_FIRST, REGEX_FIRST, reasonFor } from '../rank-reason.ts';
import { called, list } from '../names.ts';
import { at, others, type Finding, type Place, type Rule } from '../rule.ts';
import type { Shadow } from '../reach.ts';

const NAMES_MAX = 3;

export const unreachableRoute: Rule = {
  code: 'SB2022',
  check: (view) => view.reach().shadows.map(findingOf),
};

function findingOf(shadow: Shadow): Finding {
  const { route, path, by, loser } = shadow;
  const winners = [...new Map(by.map((ranked) => [ranked.route.id, ranked.route])).values()];
  const subject =
    path === undefined ? called('route', route) : `'${path}' of ${called('route', route)}`;
  const names = list(winners.slice(0, NAMES_MAX).map(({ name, id }) => name ?? id));
  const take = winners.length === 1 ? `route ${names} takes` : `routes ${names} take`;
  const [first] = by;
  const why = first === undefined ? '' : ` (${reasonFor(first, loser)})`;
  return {
    message: `no request can reach ${subject}, because ${take} them all${why}`,
    help: helpFor(shadow),
    at: placeOf(shadow),
    related: others(
      winners.map((winner): Place => at(winner, 'name')),
      'this route is tried first',
    ),
  };
}

function helpFor({ path, by, loser }: Shadow): string {
  const what = path === undefined ? 'the route' : 'the path';
  const reason = by[0] && reasonFor(by[0], loser);
  switch (reason) {
    case REGEX_FIRST:
      return `write the path as a regular expression with a higher 'regex_priority', or remove ${what}`;
    case PRIORITY_FIRST:
      return `raise its 'regex_priority', or remove ${what}`;
    default:
      return `give it a condition that the other lacks (a longer path, a host, a method, a header), or remove ${what}`;
  }
}

function placeOf({ route, path }: Shadow): Place {
  const index = path === undefined ? -1 : (route.paths ?? []).indexOf(path);
  return index === -1 ? at(route, 'name') : at(route, 'paths', index);
}
