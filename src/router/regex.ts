/**
 * Regexes of route paths and headers: Rust's syntax and meaning, in time linear in the text. Proven
 * patterns run on V8, the others on RE2.
 */
import { RE2JS } from 're2js';
import { ConfigError } from '../errors.ts';
import type { UriCaptures } from '../plugin.ts';
import { groupNames, literalStart, type RegexNode } from './regex-ast.ts';
import { PatternError } from './regex-cursor.ts';
import { emit } from './regex-emit.ts';
import { isSafeForV8 } from './regex-safety.ts';
import { parseRegex } from './regex-syntax.ts';

export interface PatternMatch {
  /** What the whole pattern matched. */
  readonly text: string;
  /** `undefined` when no group took part. */
  readonly captures: UriCaptures | undefined;
}

export interface Pattern {
  /** Finds the first match anywhere, or at the start for a pattern compiled so. */
  exec(text: string): PatternMatch | undefined;
  test(text: string): boolean;
  readonly engine: 'v8' | 're2';
  /** Every text that matches begins with it. */
  readonly literalPrefix: string;
}

export interface PatternOptions {
  /** Puts a `^` before the pattern. As in Kong it binds to the first branch of an alternation only. */
  readonly anchorStart?: boolean;
}

/** Compiled size beyond which Rust refuses a pattern, roughly: counted repeats multiply. */
const SIZE_MAX = 50_000;

/**
 * Compiles a pattern, without Kong's `~` or `~*`.
 * Throws ConfigError with the message of `checkPattern`.
 */
export function compilePattern(pattern: string, { anchorStart }: PatternOptions = {}): Pattern {
  try {
    return compile(anchorStart === true ? `^${pattern}` : pattern);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    const message = checkPattern(pattern) ?? `invalid regex: '${pattern}' (${error.message})`;
    throw new ConfigError([{ path: [], message }], { cause: error });
  }
}

/**
 * What is wrong with a pattern, or `undefined`. What PCRE refuses too has Kong's own words;
 * otherwise the reason is the Rust engine's.
 */
export function checkPattern(pattern: string): string | undefined {
  try {
    compile(pattern);
    return undefined;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return describe(pattern, error);
  }
}

function describe(pattern: string, { from, message, at }: PatternError): string {
  if (from === 'rust') return `invalid regex: '${pattern}' (${message})`;
  const rest = at < pattern.length ? ` at "${pattern.slice(at)}"` : '';
  return `invalid regex: '${pattern}' (PCRE returned: pcre2_compile() failed: ${message} in "${pattern}"${rest})`;
}

function compile(pattern: string): Pattern {
  const root = parseRegex(pattern);
  if (sizeOf(root) > SIZE_MAX)
    throw new PatternError('rust', 'Compiled regex exceeds size limit', 0);
  const names = groupNames(root);
  const literalPrefix = literalStart(root);
  return isSafeForV8(root)
    ? { ...onV8(new RegExp(emit(root, 'v8'), 'u'), names), engine: 'v8', literalPrefix }
    : { ...onRe2(compileRe2(root), names), engine: 're2', literalPrefix };
}

type Names = readonly (string | undefined)[];

function onV8(regex: RegExp, names: Names): Pick<Pattern, 'exec' | 'test'> {
  return {
    test: (text) => regex.test(text),
    exec(text) {
      const match = regex.exec(text);
      if (match === null) return undefined;
      return { text: match[0], captures: names.length === 0 ? undefined : captures(match, names) };
    },
  };
}

function compileRe2(root: RegexNode): RE2JS {
  try {
    return RE2JS.compile(emit(root, 're2'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'not supported';
    throw new PatternError('rust', reason, 0);
  }
}

function onRe2(regex: RE2JS, names: Names): Pick<Pattern, 'exec' | 'test'> {
  return {
    test: (text) => regex.test(text),
    exec(text) {
      // Without groups the quick automaton answers most misses.
      if (!regex.test(text)) return undefined;
      const matcher = regex.matcher(text);
      if (!matcher.find()) return undefined;
      const whole = matcher.group(0) ?? '';
      if (names.length === 0) return { text: whole, captures: undefined };
      const groups = names.map((_, i) => matcher.group(i + 1) ?? undefined);
      return { text: whole, captures: captures([whole, ...groups], names) };
    },
  };
}

/** Kong shows captures only when a group took part. */
function captures(
  positional: readonly (string | undefined)[],
  names: Names,
): UriCaptures | undefined {
  if (positional.every((text, i) => i === 0 || text === undefined)) return undefined;
  const named = new Map<string, string>();
  for (const [i, name] of names.entries()) {
    const text = positional[i + 1];
    if (name !== undefined && text !== undefined) named.set(name, text);
  }
  return { positional: [...positional], named };
}

/** How many one-character steps a pattern unfolds to. */
function sizeOf(node: RegexNode): number {
  switch (node.kind) {
    case 'set':
    case 'assert':
      return 1;
    case 'concat':
      return node.parts.reduce((sum, part) => sum + sizeOf(part), 1);
    case 'alternation':
      return node.branches.reduce((sum, branch) => sum + sizeOf(branch), 1);
    case 'group':
      return 1 + sizeOf(node.body);
    case 'repeat':
      return sizeOf(node.body) * Math.max(1, node.max === Infinity ? node.min + 1 : node.max);
  }
}
