/** SB2061: a name twice in one mapping. Kong takes the last one and says nothing. */
import type { Rule } from '../rule.ts';

export const repeatedName: Rule = {
  code: 'SB2061',
  check: ({ text }) =>
    text.repeated.map(({ path, name, first, last }) => ({
      message: `'${name}' stands twice here: the value of this one counts, the other is ignored`,
      help: 'remove one of the two, or join them',
      at: { kind: 'text', path, range: last },
      related: [{ message: 'ignored', at: { kind: 'text', path, range: first } }],
    })),
};
