/** Regular expressions: what one of a route may not contain although Kong's first check (PCRE2) takes it, and those of plugins. */

/** Compiles a pattern as the router will; gives Kong's message for a bad one. */
export type CheckRegex = (pattern: string) => string | undefined;

/** A regular expression of a plugin. What only our engine refuses comes with its reason. */
export function checkPluginRegex(value: string, check?: CheckRegex): string | undefined {
  const problem = check?.(value);
  return problem === undefined ? undefined : `not a valid regex: ${value}${reasonIn(problem)}`;
}

/** An allowed origin: `*`, a plain one, or a regular expression. */
export function checkOrigin(value: string, check?: CheckRegex): string | undefined {
  const problem = value === '*' ? undefined : check?.(value);
  return problem === undefined ? undefined : `'${value}' is not a valid regex${reasonIn(problem)}`;
}

/** The engine's reason at the end of `problem`; what Kong's engine refuses too has Kong's words alone. */
function reasonIn(problem: string): string {
  const reason = problem.includes('(PCRE returned: ') ? null : /\(([^]+)\)$/.exec(problem);
  return reason === null ? '' : ` (${reason[1]})`;
}

/** A construct that the router's linear-time engine has not. */
export interface UnsupportedConstruct {
  /** From the start of the pattern, in UTF-16 units. */
  readonly offset: number;
  readonly length: number;
  readonly problem: string;
}

/** Escapes and classes are only stepped over; the groups are what is looked for. */
const TOKEN =
  /(?<backreference>\\[1-9])|\\[^]|\[\^?\]?(?:\\[^]|[^\]\\])*\]|(?<lookaround>\(\?<?[=!])|[^]/y;

/** The first look-around or back-reference in `pattern`, if any. */
export function unsupportedConstruct(pattern: string): UnsupportedConstruct | undefined {
  const scanner = new RegExp(TOKEN);
  for (let match = scanner.exec(pattern); match !== null; match = scanner.exec(pattern)) {
    const { index: offset, groups } = match;
    const [{ length }] = match;
    if (groups?.['lookaround'] !== undefined) {
      const problem = 'look-around, including look-ahead and look-behind, is not supported';
      return { offset, length, problem };
    }
    if (groups?.['backreference'] !== undefined) {
      return { offset, length, problem: 'backreferences are not supported' };
    }
  }
  return undefined;
}
