/** SB2001: a jwt entry that takes tokens however old they are (RFC 8725 section 3.10 and Kong's default). */
import type { PluginEntity } from '../../config/types.ts';
import { settingOf, textsOf } from '../plugin-view.ts';
import { at, type Rule } from '../rule.ts';

export const jwtWithoutExp: Rule = {
  code: 'SB2001',
  check({ entities, plugins, isWritten }) {
    // Of an issuer's tokens `exp` always counts; those of credentials are what is asked about.
    const hasCredentials = entities.jwt_secrets.length > 0;
    return plugins
      .named('jwt')
      .filter((entry) => hasCredentials || !hasIssuers(entry))
      .filter((entry) => !textsOf(entry, 'claims_to_verify').includes('exp'))
      .map((entry) => ({
        message:
          'this jwt plugin does not check when tokens expire: a stolen one opens the route forever',
        help: 'set config.claims_to_verify: [exp]',
        at: isWritten(entry, 'config', 'claims_to_verify')
          ? at(entry, 'config', 'claims_to_verify')
          : at(entry, 'name'),
      }));
  },
};

function hasIssuers(entry: PluginEntity): boolean {
  const issuers = settingOf(entry, 'issuers');
  return Array.isArray(issuers) && issuers.length > 0;
}
