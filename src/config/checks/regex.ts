/** What a regular expression of a route may not contain although Kong's first check (PCRE2) takes it. */

/** Compiles a pattern as the router will; gives Kong's message for a bad one. */
export type CheckRegex = (pattern: string) => string | undefined;

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
