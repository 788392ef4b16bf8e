/**
 * SB2030: a route with several authentication plugins. Without `anonymous` each of them must succeed,
 * with it the first that does is enough, and a mixture is neither (Kong: `anonymous`, logical OR).
 */
import type { PluginEntity, Route } from '../../config/types.ts';
import { authenticationsOf, isOptional } from '../authentication.ts';
import { groupBy } from '../../gateway/chain.ts';
import { called, count, list } from '../names.ts';
import { at, others, type Finding, type Rule } from '../rule.ts';

export const severalAuthentications: Rule = {
  code: 'SB2030',
  check(view) {
    const groups = groupBy(
      view.routes
        .map((route) => ({ route, entries: authenticationsOf(route, view) }))
        .filter(({ entries }) => entries.length > 1 && !entries.every(isOptional)),
      ({ entries }) => entries.map(({ id }) => id).join(' '),
    );
    return [...groups.values()].map(([first, ...rest]) => findingOf(first, rest.length));
  },
};

interface Guarded {
  readonly route: Route;
  readonly entries: readonly PluginEntity[];
}

/** @param more how many other routes have the same entries */
function findingOf(guarded: Guarded | undefined, more: number): Finding {
  const { route, entries } = guarded ?? unreachable();
  const [first, ...rest] = entries;
  const where = `on ${called('route', route)}${more === 0 ? '' : ` and ${count(more, 'other')}`}`;
  return {
    ...(entries.some(isOptional) ? mixed(entries, where) : all(entries, where)),
    at: at(first ?? route, 'name'),
    related: others(
      rest.map((entry) => at(entry, 'name')),
      'the other plugin',
    ),
  };
}

const namesOf = (entries: readonly PluginEntity[]): string => list(entries.map(({ name }) => name));

function all(entries: readonly PluginEntity[], where: string): Pick<Finding, 'message' | 'help'> {
  const last = entries.at(-1)?.name ?? '';
  return {
    message: `${namesOf(entries)} must all succeed ${where}: a client needs a credential for each, and '${last}' names the consumer`,
    help: 'if one is to be enough, give each of them config.anonymous, and refuse that consumer with request-termination',
  };
}

function mixed(entries: readonly PluginEntity[], where: string): Pick<Finding, 'message' | 'help'> {
  const required = entries.filter((entry) => !isOptional(entry));
  const optional = entries.filter(isOptional);
  return {
    message: `${namesOf(optional)} ${where} can never let anybody in: ${namesOf(required)} must succeed in any case`,
    help: 'set config.anonymous in all of them (one is enough) or in none (all are needed)',
  };
}

function unreachable(): never {
  throw new Error('a group has at least one member');
}
