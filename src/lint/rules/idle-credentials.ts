/** SB2035: credentials of a kind that no enabled plugin asks for. */
import { CREDENTIALS_OF } from '../credentials.ts';
import { count } from '../names.ts';
import { at, others, type Finding, type Rule } from '../rule.ts';

interface Identified {
  readonly id: string;
}

export const idleCredentials: Rule = {
  code: 'SB2035',
  check: ({ entities, plugins, inOrder }) =>
    [...CREDENTIALS_OF].flatMap(([plugin, kind]): readonly Finding[] => {
      if (plugins.named(plugin).length > 0) return [];
      const [first, ...rest] = inOrder<Identified>(entities[kind]).map((credential) =>
        at(credential),
      );
      if (first === undefined) return [];
      return [
        {
          message: `no ${plugin} plugin is enabled, so ${count(rest.length + 1, 'credential')} ${rest.length === 0 ? 'opens' : 'open'} nothing`,
          help: `add the plugin (name: ${plugin}) to what they are for, or remove them`,
          at: first,
          related: others(rest, 'another one'),
        },
      ];
    }),
};
