/** SB2033: consumers are sorted into acl groups, and no acl plugin asks for them: everybody may do everything. */
import { count } from '../names.ts';
import { at, others, type Rule } from '../rule.ts';

export const idleGroups: Rule = {
  code: 'SB2033',
  check({ entities, plugins, inOrder }) {
    const [first, ...rest] = inOrder(entities.acls).map((acl) => at(acl, 'group'));
    if (first === undefined || plugins.named('acl').length > 0) return [];
    return [
      {
        message: `no acl plugin is enabled, so ${count(rest.length + 1, 'acl group')} of consumers ${rest.length === 0 ? 'decides' : 'decide'} nothing: whoever is authenticated may call every route`,
        help: 'add an acl plugin with config.allow to the routes that are not for everybody',
        at: first,
        related: others(rest, 'another group'),
      },
    ];
  },
};
