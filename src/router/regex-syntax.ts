/** Rust's regex syntax (the `regex` crate), which Kong's router speaks, read into a tree. */
import { complement, NOTHING } from './code-points.ts';
import {
  groupsIn,
  longestOf,
  type Assertion,
  type RegexNode,
  type RepeatNode,
} from './regex-ast.ts';
import {
  onePoint,
  takeClass,
  takeClassEscape,
  takeEscapedPoint,
  type CharacterFlags,
} from './regex-class.ts';
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

interface Flags extends CharacterFlags {
  readonly multiLine: boolean;
  readonly dotAll: boolean;
  readonly swapGreed: boolean;
  readonly extended: boolean;
}

/** State of one parse. */
interface Reader extends Cursor {
  readonly names: Set<string>;
  depth: number;
}

const NO_FLAGS: Flags = {
  ignoreCase: false,
  unicode: true,
  multiLine: false,
  dotAll: false,
  swapGreed: false,
  extended: false,
};

const FLAG_OF: ReadonlyMap<string, keyof Flags> = new Map([
  ['i', 'ignoreCase'],
  ['u', 'unicode'],
  ['m', 'multiLine'],
  ['s', 'dotAll'],
  ['U', 'swapGreed'],
  ['x', 'extended'],
]);

const DEPTH_MAX = 250;
/** RE2's limit; beyond it a pattern would be too large for Rust soon, too. */
const REPEAT_MAX = 1000;
const NEWLINE = 0x0a;
const EMPTY: RegexNode = { kind: 'concat', parts: [] };

/** Reads a pattern. Throws PatternError for what PCRE or Rust refuses. */
export function parseRegex(pattern: string): RegexNode {
  const reader: Reader = { text: pattern, at: 0, names: new Set(), depth: 0 };
  const node = takeAlternation(reader, NO_FLAGS);
  if (!isAtEnd(reader)) failPcre(reader, 'unmatched closing parenthesis');
  return node;
}

/** Branches up to the end or a closing parenthesis. Flags set in one branch hold in the next. */
function takeAlternation(reader: Reader, outer: Flags): RegexNode {
  let flags = outer;
  const branches: RegexNode[] = [];
  let parts: RegexNode[] = [];
  while (!isAtEnd(reader) && !sees(reader, ')')) {
    if (take(reader, '|')) {
      branches.push(concat(parts));
      parts = [];
      continue;
    }
    if (flags.extended && skipComment(reader)) continue;
    const next = takeFlags(reader, flags);
    if (next !== undefined) flags = next;
    else parts.push(takeRepeats(reader, flags, takeAtom(reader, flags)));
  }
  if (branches.length === 0) return concat(parts);
  return { kind: 'alternation', branches: [...branches, concat(parts)] };
}

const concat = (parts: readonly RegexNode[]): RegexNode =>
  parts.length === 1 ? (parts[0] ?? EMPTY) : { kind: 'concat', parts };

const skipComment = (reader: Reader): boolean =>
  takeMatch(reader, /(?:[\t\n\v\f\r \u{85}\u{2028}\u{2029}]|#[^\n]*)+/uy) !== undefined;

const FLAG_GROUP = /\(\?([A-Za-z]*)(?:-([A-Za-z]+))?\)/y;
const FLAGS_BEFORE_BODY = /\?([A-Za-z]*)(?:-([A-Za-z]+))?:/y;

/** `(?i)` and the like: flags for the rest of the group. */
function takeFlags(reader: Reader, flags: Flags): Flags | undefined {
  const match = takeMatch(reader, FLAG_GROUP);
  if (match === undefined) return undefined;
  if (match[1] === '' && match[2] === undefined) failRust(reader, 'missing flags');
  return withFlags(reader, flags, match);
}

function withFlags(reader: Reader, flags: Flags, [, on = '', off = '']: RegExpExecArray): Flags {
  const changed = { ...flags };
  for (const [letters, value] of [
    [on, true],
    [off, false],
  ] as const) {
    for (const letter of letters) {
      const flag = FLAG_OF.get(letter);
      if (flag === undefined) failRust(reader, `unrecognized flag ${letter}`);
      changed[flag] = value;
    }
  }
  return changed;
}

function takeAtom(reader: Reader, flags: Flags): RegexNode {
  if (take(reader, '(')) return takeGroup(reader, flags);
  if (take(reader, '[')) return { kind: 'set', set: takeClass(reader, flags) };
  if (take(reader, '.')) return takeDot(reader, flags);
  if (take(reader, '^')) return assertion(flags.multiLine ? 'line-start' : 'start');
  if (take(reader, '$')) return assertion(flags.multiLine ? 'line-end' : 'end');
  if (take(reader, '\\')) return takeEscape(reader, flags);
  if (/[*+?]/.test(reader.text[reader.at] ?? '')) {
    failPcre(reader, 'quantifier does not follow a repeatable item');
  }
  if (sees(reader, '{')) failRust(reader, 'repetition operator missing expression');
  return { kind: 'set', set: onePoint(takePoint(reader), flags) };
}

const assertion = (what: Assertion): RegexNode => ({ kind: 'assert', what });

function takeDot(reader: Reader, flags: Flags): RegexNode {
  if (!flags.unicode) failRust(reader, 'pattern can match invalid UTF-8');
  const newline = flags.dotAll ? NOTHING : [NEWLINE, NEWLINE];
  return { kind: 'set', set: complement(newline) };
}

const GROUP_NAME = /\?P?<([A-Za-z_][A-Za-z0-9_]*)>/y;

/** A group, after its parenthesis. */
function takeGroup(reader: Reader, flags: Flags): RegexNode {
  if (++reader.depth > DEPTH_MAX) failRust(reader, 'exceeds the maximum number of nested groups');
  const start = reader.at;
  const node = takeGroupBody(reader, flags);
  if (!take(reader, ')')) {
    failPcre(reader, 'missing closing parenthesis', Math.max(start, reader.text.length));
  }
  reader.depth--;
  return node;
}

function takeGroupBody(reader: Reader, flags: Flags): RegexNode {
  if (!sees(reader, '?')) {
    return { kind: 'group', body: takeAlternation(reader, flags), name: undefined };
  }
  if (/\?(?:=|!|<=|<!)/y.test(reader.text.slice(reader.at, reader.at + 3))) {
    failRust(reader, 'look-around, including look-ahead and look-behind, is not supported');
  }
  const name = takeMatch(reader, GROUP_NAME)?.[1];
  if (name !== undefined) {
    if (reader.names.has(name)) failPcre(reader, 'two named subpatterns have the same name');
    reader.names.add(name);
    return { kind: 'group', body: takeAlternation(reader, flags), name };
  }
  const match = takeMatch(reader, FLAGS_BEFORE_BODY);
  if (match === undefined) failRust(reader, 'unrecognized flag or group syntax');
  return takeAlternation(reader, withFlags(reader, flags, match));
}

const WORD_EDGE = /b\{[a-z-]*\}/y;

/** An escape outside of classes, after its backslash. */
function takeEscape(reader: Reader, flags: Flags): RegexNode {
  const set = takeClassEscape(reader, flags);
  if (set !== undefined) {
    const isAscii = (set.at(-1) ?? 0) <= 0x7f;
    if (!flags.unicode && !isAscii) failRust(reader, 'pattern can match invalid UTF-8');
    return { kind: 'set', set };
  }
  if (takeMatch(reader, WORD_EDGE) !== undefined) failRust(reader, 'word boundary not supported');
  if (take(reader, 'A')) return assertion('start');
  if (take(reader, 'z')) return assertion('end');
  if (take(reader, 'b')) return assertion(flags.unicode ? 'word' : 'ascii-word');
  if (take(reader, 'B')) return assertion(flags.unicode ? 'not-word' : 'not-ascii-word');
  return { kind: 'set', set: onePoint(takeEscapedPoint(reader), flags) };
}

/**
 * Quantifiers after an atom. What PCRE reads as possessive (`*+`) is to Rust a quantified
 * quantifier; more in a row PCRE refuses.
 */
function takeRepeats(reader: Reader, flags: Flags, atom: RegexNode): RegexNode {
  let node = atom;
  for (let count = 0; ; count++) {
    if (flags.extended) skipComment(reader);
    const at = reader.at;
    const bounds = takeBounds(reader);
    if (bounds === undefined) return node;
    const isPossessive = count === 1 && reader.text[at] === '+';
    if (count > 0 && !isPossessive && reader.text[at] !== '{') {
      failPcre(reader, 'quantifier does not follow a repeatable item', at);
    }
    const lazy = take(reader, '?') !== flags.swapGreed;
    node = repeat({ kind: 'repeat', body: node, min: bounds[0], max: bounds[1], lazy });
  }
}

/** Repeating what takes no character changes nothing: `\b+` is `\b`, and `\b*` always matches. */
function repeat(node: RepeatNode): RegexNode {
  if (longestOf(node.body) > 0 || groupsIn(node.body) > 0) return node;
  return node.min === 0 ? EMPTY : node.body;
}

const COUNTS = /\{\s*(\d+)\s*(?:(,)\s*(\d+)?\s*)?\}/y;

function takeBounds(reader: Reader): [number, number] | undefined {
  if (take(reader, '*')) return [0, Infinity];
  if (take(reader, '+')) return [1, Infinity];
  if (take(reader, '?')) return [0, 1];
  if (!sees(reader, '{')) return undefined;
  const match = takeMatch(reader, COUNTS);
  if (match === undefined) failRust(reader, 'repetition quantifier expects a valid decimal');
  const min = Number(match[1]);
  const open = match[2] === undefined ? min : Infinity;
  const max = match[3] === undefined ? open : Number(match[3]);
  if (min > max) failPcre(reader, 'numbers out of order in {} quantifier');
  if (min > REPEAT_MAX || (max > REPEAT_MAX && max !== Infinity)) {
    failRust(reader, `repetition counts above ${REPEAT_MAX} are not supported`);
  }
  return [min, max];
}
