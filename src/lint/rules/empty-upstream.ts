/** SB2052: an upstream that a service uses and that has nobody to send requests to. */
import { groupBy } from '../../gateway/chain.ts';
import { hostOf } from '../host-field.ts';
import { called } from '../names.ts';
import { at, type Finding, type Rule } from '../rule.ts';

export const emptyUpstream: Rule = {
  code: 'SB2052',
  check(view) {
    const { entities } = view;
    const targets = groupBy(entities.targets, ({ upstream }) => upstream.id);
    const services = groupBy(entities.services, ({ host }) => host);
    return entities.upstreams.flatMap((upstream): readonly Finding[] => {
      const [service] = services.get(upstream.name) ?? [];
      const own = targets.get(upstream.id) ?? [];
      if (service === undefined || own.some(({ weight }) => weight > 0)) return [];
      const what = own.length === 0 ? 'has no targets' : 'has only targets of weight 0';
      return [
        {
          message: `${called('upstream', upstream)} ${what}: every request of ${called('service', service)} gets a 503`,
          help: "add a target (targets: [{ target: 'host:port' }]) with a weight above 0",
          at: at(upstream, 'name'),
          related: [{ message: 'the service that uses it', at: hostOf(service, view) }],
        },
      ];
    });
  },
};
