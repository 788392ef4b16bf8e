/** Writes a parsed regex down for an engine: V8's RegExp (flag `u`) or RE2. */
import { setOf, type CodePoints } from './code-points.ts';
import type { Assertion, RegexNode, RepeatNode } from './regex-ast.ts';

export type Dialect = 'v8' | 're2';

/** Rust's `\w` (UTS 18 annex C), for JS. */
export const WORD = String.raw`[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]`;

/** The source text of `node` in a dialect. Groups are positional in both. */
export function emit(node: RegexNode, dialect: Dialect): string {
  switch (node.kind) {
    case 'set':
      return emitSet(node.set, dialect);
    case 'assert':
      return dialect === 'v8' ? v8Assertion(node.what) : RE2_ASSERTIONS[node.what];
    case 'concat':
      return node.parts.map((part) => wrapped(part, dialect)).join('');
    case 'alternation':
      return node.branches.map((branch) => emit(branch, dialect)).join('|');
    case 'group':
      return `(${emit(node.body, dialect)})`;
    case 'repeat':
      return emitRepeat(node, dialect);
  }
}

const wrapped = (node: RegexNode, dialect: Dialect): string =>
  node.kind === 'alternation' ? `(?:${emit(node, dialect)})` : emit(node, dialect);

function emitRepeat({ body, min, max, lazy }: RepeatNode, dialect: Dialect): string {
  const atom =
    body.kind === 'set' || body.kind === 'group'
      ? emit(body, dialect)
      : `(?:${emit(body, dialect)})`;
  return atom + quantifier(min, max) + (lazy ? '?' : '');
}

function quantifier(min: number, max: number): string {
  if (max === Infinity && min <= 1) return min === 0 ? '*' : '+';
  if (min === 0 && max === 1) return '?';
  if (max === Infinity) return `{${min},}`;
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

/** `\b` of RE2 knows ASCII words only, the one place where this engine means less than Rust's. */
const RE2_ASSERTIONS = {
  start: String.raw`\A`,
  end: String.raw`\z`,
  'line-start': '(?m:^)',
  'line-end': '(?m:$)',
  word: String.raw`\b`,
  'not-word': String.raw`\B`,
  'ascii-word': String.raw`\b`,
  'not-ascii-word': String.raw`\B`,
} as const satisfies Record<Assertion, string>;

/** V8 looks around instead of using its flag `m`, which knows more line ends than `\n`. */
function v8Assertion(what: Assertion): string {
  switch (what) {
    case 'start':
      return '^';
    case 'end':
      return '$';
    case 'line-start':
      return String.raw`(?<![^\n])`;
    case 'line-end':
      return String.raw`(?![^\n])`;
    case 'word':
      return `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`;
    case 'not-word':
      return `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`;
    case 'ascii-word':
      return String.raw`\b`;
    case 'not-ascii-word':
      return String.raw`\B`;
  }
}

function emitSet(set: CodePoints, dialect: Dialect): string {
  if (set.length === 0) return dialect === 'v8' ? '[]' : String.raw`[^\x{0}-\x{10FFFF}]`;
  const single = set.length === 2 && set[0] === set[1];
  if (single) return character(set[0] ?? 0, dialect);
  if (dialect === 'v8' && set.length > 32 && isWord(set)) return WORD;
  let text = '';
  for (let i = 0; i < set.length; i += 2) {
    const low = set[i] ?? 0;
    const high = set[i + 1] ?? 0;
    text += character(low, dialect);
    if (high > low) text += `-${character(high, dialect)}`;
  }
  return `[${text}]`;
}

const isWord = (set: CodePoints): boolean => {
  const word = setOf(WORD);
  return set.length === word.length && set.every((point, i) => point === word[i]);
};

function character(point: number, dialect: Dialect): string {
  const text = String.fromCodePoint(point);
  if (/[A-Za-z0-9]/.test(text)) return text;
  const hex = point.toString(16);
  return dialect === 'v8' ? `\\u{${hex}}` : `\\x{${hex}}`;
}
