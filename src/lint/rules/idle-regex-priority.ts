/** SB2025: a rank among regular expressions, on a route that has none. */
import { isRegexPath } from '../../router/candidates.ts';
import { called } from '../names.ts';
import { at, type Rule } from '../rule.ts';

export const idleRegexPriority: Rule = {
  code: 'SB2025',
  check: ({ entities }) =>
    entities.routes
      .filter((route) => route.regex_priority !== 0 && !(route.paths ?? []).some(isRegexPath))
      .map((route) => ({
        message: `'regex_priority' does nothing for ${called('route', route)}, whose paths are no regular expressions`,
        help: 'remove it: among prefixes the longest wins',
        at: at(route, 'regex_priority'),
      })),
};
