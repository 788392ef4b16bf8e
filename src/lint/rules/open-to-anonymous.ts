/**
 * SB2031: several authentication plugins that are each optional, so that one is enough, and nothing
 * that stops the client for whom none was: the anonymous consumer gets in. With a single plugin
 * `anonymous` is taken as meant.
 */
import type { PluginEntity } from '../../config/types.ts';
import { anonymousOf, authenticationsOf, isOptional } from '../authentication.ts';
import { calledConsumer, called } from '../names.ts';
import { at, type Finding, type Rule } from '../rule.ts';
import type { LintView } from '../view.ts';

/** Plugins that can turn a consumer away. */
const GUARDS: ReadonlySet<string> = new Set(['request-termination', 'acl', 'redirect', 'opa']);

export const openToAnonymous: Rule = {
  code: 'SB2031',
  check(view) {
    const reported = new Set<PluginEntity>();
    const refused = refusedConsumers(view);
    return view.routes.flatMap((route): readonly Finding[] => {
      const entries = authenticationsOf(route, view);
      const [first] = entries;
      if (first === undefined || entries.length < 2 || !entries.every(isOptional)) return [];
      const nobody = view.anonymousConsumer(anonymousOf(first) ?? '');
      if (nobody === undefined || reported.has(first) || refused.has(nobody.id)) return [];
      if (view.plugins.ofRoute(route).some(({ name }) => name === 'acl')) return [];
      reported.add(first);
      return [
        {
          message: `${called('route', route)} is open to everybody: clients without any credential come in as ${calledConsumer(nobody)}, and nothing refuses that one`,
          help: 'add a request-termination plugin (status_code: 401) to that consumer, or an acl plugin to the route',
          at: at(first, 'config', 'anonymous'),
          related: [{ message: 'the anonymous consumer', at: at(nobody, 'username') }],
        },
      ];
    });
  },
};

/** Ids of consumers that a plugin of their own turns away. */
const refusedConsumers = ({ plugins }: LintView): ReadonlySet<string | undefined> =>
  new Set(
    plugins.enabled.filter(({ name }) => GUARDS.has(name)).map(({ consumer }) => consumer?.id),
  );
