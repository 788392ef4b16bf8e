/** SB2043: any website may read what this API answers to its visitors' cookies and logins. */
import { settingOf, textsOf } from '../plugin-view.ts';
import { at, type Rule } from '../rule.ts';

export const corsAnyOrigin: Rule = {
  code: 'SB2043',
  check: ({ plugins }) =>
    plugins
      .named('cors')
      .filter((entry) => {
        if (settingOf(entry, 'credentials') !== true) return false;
        const origins = settingOf(entry, 'origins');
        return (
          !Array.isArray(origins) || origins.length === 0 || textsOf(entry, 'origins').includes('*')
        );
      })
      .map((entry) => ({
        message:
          "'credentials' with any origin lets every website read answers with its visitors' cookies",
        help: 'list the origins that may (config.origins), or set config.credentials: false',
        at: at(entry, 'config', 'credentials'),
      })),
};
