/**
 * SB2020: since format 3.0 only a path that begins with `~` is a regular expression; any other is a
 * prefix, letter by letter. Looks for what makes no sense in a plain path, also for the wildcards and
 * templates of other gateways and of OpenAPI. Older formats are migrated before this sees them.
 */
import { at, type Finding, type Rule } from '../rule.ts';
import { called } from '../names.ts';

interface Look {
  readonly pattern: RegExp;
  readonly message: string;
  readonly help: string;
}

const REGEX_HELP = "write '~' before it if it is meant as a regular expression";

/** The first that fits speaks. */
const LOOKS: readonly Look[] = [
  {
    pattern: /\{[a-zA-Z_][\w-]*\}|\/:[a-zA-Z_]\w*(?=\/|$)/,
    message: 'looks like a template, but the path is taken letter by letter',
    help: "write a regular expression with a named group, e.g. '~/users/(?<id>[^/]+)$'",
  },
  {
    pattern: /\\|[.)\]][*+?]|\[[^\]]*\]|\(\?|\([^)]*\|[^)]*\)|\{\d+(?:,\d*)?\}|(?<=.)\$$/,
    message:
      'looks like a regular expression, but without a leading ~ it is taken letter by letter',
    help: REGEX_HELP,
  },
  {
    pattern: /\/\*+\//,
    message: 'has a wildcard, but the path is taken letter by letter',
    help: "write a regular expression, e.g. '~/users/[^/]+/orders'",
  },
  {
    pattern: /\/\*+$/,
    message: 'has a wildcard, but the path is taken letter by letter',
    help: 'cut the path before the wildcard: every path is a prefix already',
  },
];

export const pathLikeRegex: Rule = {
  code: 'SB2020',
  check: ({ entities }) =>
    entities.routes.flatMap((route) =>
      (route.paths ?? []).flatMap((path, index): readonly Finding[] => {
        if (path.startsWith('~')) return [];
        const look = LOOKS.find(({ pattern }) => pattern.test(path));
        if (look === undefined) return [];
        const { message, help } = look;
        return [
          {
            message: `'${path}' of ${called('route', route)} ${message}`,
            help,
            at: at(route, 'paths', index),
          },
        ];
      }),
    ),
};
