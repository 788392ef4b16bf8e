/** SB2001: a jwt entry that takes tokens however old they are (RFC 8725 section 3.10 and Kong's default). */
import { at, type Rule } from '../rule.ts';
import { textsOf } from '../plugin-view.ts';

export const jwtWithoutExp: Rule = {
  code: 'SB2001',
  check: ({ plugins, isWritten }) =>
    plugins
      .named('jwt')
      .filter((entry) => !textsOf(entry, 'claims_to_verify').includes('exp'))
      .map((entry) => ({
        message:
          'this jwt plugin does not check when tokens expire: a stolen one opens the route forever',
        help: 'set config.claims_to_verify: [exp]',
        at: isWritten(entry, 'config', 'claims_to_verify')
          ? at(entry, 'config', 'claims_to_verify')
          : at(entry, 'name'),
      })),
};
