/** SB2032: an anonymous consumer that does not exist: clients without a credential get a 500. */
import { anonymousOf } from '../authentication.ts';
import { AUTHENTICATION } from '../credentials.ts';
import { at, type Finding, type Rule } from '../rule.ts';

export const missingAnonymous: Rule = {
  code: 'SB2032',
  check: (view) =>
    view.plugins.enabled.flatMap((entry): readonly Finding[] => {
      const name = AUTHENTICATION.has(entry.name) ? anonymousOf(entry) : undefined;
      if (name === undefined || view.anonymousConsumer(name) !== undefined) return [];
      return [
        {
          message: `there is no consumer '${name}': every client without a valid credential gets a 500`,
          help: `add it (consumers: [{ username: '${name}' }]), or remove config.anonymous`,
          at: at(entry, 'config', 'anonymous'),
        },
      ];
    }),
};
