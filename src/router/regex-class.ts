/** Character classes and escapes of Rust's regex syntax, read into sets of code points. */
import {
  codePoints,
  complement,
  difference,
  foldCase,
  intersection,
  NOTHING,
  setOf,
  union,
  type CodePoints,
} from './code-points.ts';
import {
  failPcre,
  failRust,
  isAtEnd,
  sees,
  take,
  takeMatch,
  takePoint,
  type Cursor,
} from './regex-cursor.ts';
import { WORD } from './regex-emit.ts';

export interface CharacterFlags {
  readonly ignoreCase: boolean;
  /** Off, `\d`, `\s`, `\w` and `\b` know ASCII only. */
  readonly unicode: boolean;
}

const ASCII = codePoints([0, 0x7f]);

const PERL_CLASSES: ReadonlyMap<string, string> = new Map([
  ['d', String.raw`\p{Nd}`],
  ['s', String.raw`\p{White_Space}`],
  ['w', WORD],
]);

/** POSIX classes in brackets; Rust's are ASCII always. */
const POSIX_CLASSES: ReadonlyMap<string, string> = new Map([
  ['alnum', '[0-9A-Za-z]'],
  ['alpha', '[A-Za-z]'],
  ['ascii', String.raw`[\u{0}-\u{7f}]`],
  ['blank', String.raw`[\t ]`],
  ['cntrl', String.raw`[\u{0}-\u{1f}\u{7f}]`],
  ['digit', '[0-9]'],
  ['graph', '[!-~]'],
  ['lower', '[a-z]'],
  ['print', '[ -~]'],
  ['punct', String.raw`[!-\/:-@\[-${'`'}\{-~]`],
  ['space', String.raw`[\t\n\v\f\r ]`],
  ['upper', '[A-Z]'],
  ['word', '[0-9A-Za-z_]'],
  ['xdigit', '[0-9A-Fa-f]'],
]);

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['a', 0x07],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['v', 0x0b],
]);

const folded = (set: CodePoints, flags: CharacterFlags): CodePoints =>
  flags.ignoreCase ? foldCase(set) : set;

export const onePoint = (point: number, flags: CharacterFlags): CodePoints =>
  folded([point, point], flags);

/** A class escape (`\d`, `\p{L}`, …) after its backslash, or `undefined` when it is none. */
export function takeClassEscape(cursor: Cursor, flags: CharacterFlags): CodePoints | undefined {
  const letter = cursor.text[cursor.at] ?? '';
  const source = PERL_CLASSES.get(letter.toLowerCase());
  if (source !== undefined) {
    cursor.at++;
    const set = flags.unicode ? setOf(source) : intersection(setOf(source), ASCII);
    return letter === letter.toLowerCase() ? set : complement(set);
  }
  return letter === 'p' || letter === 'P' ? takeProperty(cursor, flags) : undefined;
}

const PROPERTY = /[pP](?:\{(\^?)([^{}]*)\}|([A-Za-z]))/y;

function takeProperty(cursor: Cursor, flags: CharacterFlags): CodePoints {
  const match = takeMatch(cursor, PROPERTY);
  if (match === undefined) failPcre(cursor, String.raw`malformed \P or \p sequence`);
  const written = match[2] ?? match[3] ?? '';
  const [, name = '', operator, value = ''] = /^([^=:!]*)(!?=|:)?(.*)$/.exec(written) ?? [];
  const set = propertySet(cursor, operator === undefined ? name : `${name}=${value}`);
  const negations = [match[0].startsWith('P'), match[1] === '^', operator === '!='];
  const meant = folded(set, flags);
  return negations.filter(Boolean).length % 2 === 1 ? complement(meant) : meant;
}

function propertySet(cursor: Cursor, name: string): CodePoints {
  if (name === 'any' || name === 'Any') return complement(NOTHING);
  for (const source of [name, `Script=${name}`]) {
    try {
      return setOf(`\\p{${source}}`);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return failRust(cursor, 'Unicode property not found');
}

const HEX = /(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|[xuU]\{([0-9A-Fa-f]+)\})/y;

/** The character an escape stands for, after its backslash. */
export function takeEscapedPoint(cursor: Cursor): number {
  if (isAtEnd(cursor)) failPcre(cursor, String.raw`\ at end of pattern`);
  const letter = cursor.text[cursor.at] ?? '';
  const control = CONTROLS.get(letter);
  if (control !== undefined) {
    cursor.at++;
    return control;
  }
  if (/[0-9]/.test(letter)) failRust(cursor, 'backreferences are not supported');
  if (/[xuU]/.test(letter)) return takeHex(cursor);
  if (/[A-Za-z<>]/.test(letter) || (cursor.text.codePointAt(cursor.at) ?? 0) > 0x7f) {
    failRust(cursor, 'unrecognized escape sequence');
  }
  return takePoint(cursor);
}

function takeHex(cursor: Cursor): number {
  const match = takeMatch(cursor, HEX);
  const digits = match?.[1] ?? match?.[2] ?? match?.[3] ?? match?.[4];
  if (digits === undefined) failRust(cursor, 'invalid hexadecimal digit');
  const point = Number.parseInt(digits, 16);
  const isScalar = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
  return isScalar ? point : failRust(cursor, 'hexadecimal literal is not a Unicode scalar value');
}

/** A bracketed class, after its `[`. */
export function takeClass(cursor: Cursor, flags: CharacterFlags, depth = 0): CodePoints {
  if (depth > 50) failRust(cursor, 'exceeds the maximum number of nested parentheses/brackets');
  const negated = take(cursor, '^');
  let left = takeClassItems(cursor, flags, depth, true);
  while (!take(cursor, ']')) {
    const operator = cursor.text.slice(cursor.at, cursor.at + 2);
    cursor.at += 2;
    const right = takeClassItems(cursor, flags, depth, false);
    left = combine(operator, left, right);
  }
  return negated ? complement(left) : left;
}

function combine(operator: string, left: CodePoints, right: CodePoints): CodePoints {
  if (operator === '&&') return intersection(left, right);
  if (operator === '--') return difference(left, right);
  return union(difference(left, right), difference(right, left));
}

const atOperator = (cursor: Cursor): boolean =>
  sees(cursor, '&&') || sees(cursor, '--') || sees(cursor, '~~');

/** Items up to `]` or a set operator. At the very beginning `]` and dashes are characters. */
function takeClassItems(
  cursor: Cursor,
  flags: CharacterFlags,
  depth: number,
  first: boolean,
): CodePoints {
  const pairs: number[] = [];
  if (first) {
    if (take(cursor, ']')) pairs.push(0x5d, 0x5d);
    else while (take(cursor, '-')) pairs.push(0x2d, 0x2d);
  }
  while (!sees(cursor, ']') && !atOperator(cursor)) {
    if (isAtEnd(cursor)) failPcre(cursor, 'missing terminating ] for character class');
    pairs.push(...takeClassItem(cursor, flags, depth));
  }
  // Case is folded before sets are combined.
  return folded(codePoints(pairs), flags);
}

const POSIX = /\[:(\^?)([a-z]+):\]/y;

function takeClassItem(cursor: Cursor, flags: CharacterFlags, depth: number): CodePoints {
  const posix = takeMatch(cursor, POSIX);
  if (posix !== undefined) {
    const source = POSIX_CLASSES.get(posix[2] ?? '');
    if (source === undefined) failPcre(cursor, 'unknown POSIX class name');
    const set = folded(setOf(source), flags);
    return posix[1] === '^' ? complement(set) : set;
  }
  if (take(cursor, '[')) return takeClass(cursor, flags, depth + 1);
  const low = takeClassPoint(cursor, flags);
  const isRange = sees(cursor, '-') && !sees(cursor, '-]') && !sees(cursor, '--');
  if (!isRange) return typeof low === 'number' ? [low, low] : low;
  if (typeof low !== 'number') failRust(cursor, 'invalid range boundary, must be a literal');
  cursor.at++;
  const high = takeClassPoint(cursor, flags);
  if (typeof high !== 'number') failRust(cursor, 'invalid range boundary, must be a literal');
  if (high < low) failPcre(cursor, 'range out of order in character class', cursor.at - 1);
  return [low, high];
}

/** One character of a class, or the set of a class escape. */
function takeClassPoint(cursor: Cursor, flags: CharacterFlags): number | CodePoints {
  if (isAtEnd(cursor)) failPcre(cursor, 'missing terminating ] for character class');
  if (!take(cursor, '\\')) return takePoint(cursor);
  return takeClassEscape(cursor, flags) ?? takeEscapedPoint(cursor);
}
