/** SB2060: values without quotes that YAML 1.1 reads as something else than they look like. */
import { trapOf } from '../yaml-traps.ts';
import type { Finding, Rule } from '../rule.ts';

export const yamlTrap: Rule = {
  code: 'SB2060',
  check: ({ text }) =>
    text.plain.flatMap(({ path, text: scalar, isName, range }): readonly Finding[] => {
      const trap = trapOf(scalar);
      if (trap === undefined) return [];
      const { meaning, plainly } = trap;
      return [
        {
          message: `'${scalar}' ${meaning}`,
          help: isName
            ? `put the name in quotes: '${scalar}'`
            : `write ${plainly}, or '${scalar}' in quotes if it is meant as text`,
          at: { kind: 'text', path, range },
        },
      ];
    }),
};
