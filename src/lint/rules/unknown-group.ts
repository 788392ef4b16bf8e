/** SB2034: an acl plugin that names a group nobody is in. Not where groups come from elsewhere. */
import { createNearest } from '../../config/suggest.ts';
import { settingOf, textsOf } from '../plugin-view.ts';
import { needsNoCredential } from '../credentials.ts';
import { at, type Finding, type Rule } from '../rule.ts';

export const unknownGroup: Rule = {
  code: 'SB2034',
  check({ entities, plugins }) {
    // They may bring groups of their own (Kong: authenticated_groups).
    if (plugins.enabled.some(({ name }) => needsNoCredential(name))) return [];
    const groups = new Set(entities.acls.map(({ group }) => group));
    const allGroups = new Set([...groups, ...entities.consumer_groups.map(({ name }) => name)]);
    const nearest = createNearest();
    return plugins.named('acl').flatMap((entry) => {
      const known = settingOf(entry, 'include_consumer_groups') === true ? allGroups : groups;
      return ['allow', 'deny'].flatMap((field) =>
        textsOf(entry, field).flatMap((group, index): readonly Finding[] => {
          if (known.has(group)) return [];
          const suggestion = nearest(group, known);
          return [
            {
              message: `no consumer is in the group '${group}'`,
              help:
                suggestion === undefined
                  ? 'give a consumer that group (acls: [{ group: … }]), or correct it here'
                  : `did you mean '${suggestion}'?`,
              at: at(entry, 'config', field, index),
              ...(suggestion !== undefined && { suggestion }),
            },
          ];
        }),
      );
    });
  },
};
