/** Replaced stretches of a text, and one value in place of another. */
import { applyChange, isPlain, type Change, type PlainValue } from './text-change.ts';
import { lineStart, type TextNode } from './text-nodes.ts';
import {
  doubleQuoted,
  elementText,
  flowText,
  prettyText,
  singleQuoted,
  stringText,
  valueText,
  type TextStyle,
} from './plain-text.ts';

export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly insert: string;
}

/** What splicing one text needs. */
export interface SpliceContext {
  readonly text: string;
  readonly style: TextStyle;
  readonly splicesOf: SplicesOf;
}

/** Where a value stands. */
export interface ValuePlace {
  readonly node: TextNode;
  /** What the node means now. */
  readonly value: unknown;
  /** Column of the name or dash that it belongs to. */
  readonly indent: number;
  /** Inside of brackets. */
  readonly inFlow: boolean;
}

/** Splices for a change that leaves a value at its place. */
export type SplicesOf = (
  place: ValuePlace,
  change: Change,
  context: SpliceContext,
) => readonly Splice[];

/** The whole value anew, with the change in it. */
export function replaceWhole(place: ValuePlace, change: Change, context: SpliceContext): Splice {
  return replaceValue(place, plainOf(applyChange(place.value, change)), context);
}

/** What an edit adds. */
export function plainOf(value: unknown): PlainValue {
  if (!isPlain(value)) throw new TypeError('a document has plain values only');
  return value;
}

/** A value in place of another, in the style of that one where it can be. */
export function replaceValue(
  { node, indent, inFlow }: ValuePlace,
  next: PlainValue,
  { text, style }: SpliceContext,
): Splice {
  const { outerStart, end, quote, isFlow, isAbsent } = node;
  // What stands for a template of decK's can stay where it is, and not be written again.
  if (JSON.stringify(next).includes(MASKED)) throw new TypeError('a template would be lost');
  if (inFlow || style.isJson) {
    const insert = style.isJson
      ? prettyText(next, indentOf(text, outerStart), style)
      : flowText(next, style);
    return { start: outerStart, end, insert: isAbsent ? ` ${insert}` : insert };
  }
  if (typeof next === 'string' && quote === 'double') {
    return { start: outerStart, end, insert: doubleQuoted(next) };
  }
  const single = typeof next === 'string' && quote === 'single' ? singleQuoted(next) : undefined;
  if (single !== undefined) return { start: outerStart, end, insert: single };
  const isScalar = typeof next !== 'object' || next === null;
  if (isScalar && isFlow && node.kind === 'scalar') {
    const insert = typeof next === 'string' ? stringText(next, indent, style) : doubleQuoted(next);
    return { start: outerStart, end, insert };
  }
  if (node.isFlow && (node.kind === 'map' || node.kind === 'list') && !isScalar && !isEmpty(node)) {
    return { start: outerStart, end, insert: flowText(next, style) };
  }
  const start = afterName(text, outerStart);
  const isElement = text.charAt(start - 1) === '-';
  const insert = isElement
    ? elementText(next, indent, style).slice(1)
    : valueText(next, indent, style);
  return { start, end, insert };
}

/** See `maskTemplates`. */
const MASKED = '\uE000';

const isEmpty = ({ members, items }: TextNode): boolean => members.length + items.length === 0;

/** Behind the colon or dash before a value that may be on a line of its own. */
function afterName(text: string, start: number): number {
  let at = start;
  for (;;) {
    const before = text.slice(0, at).trimEnd();
    const line = before.slice(before.lastIndexOf('\n') + 1);
    const comment = /(?:^|\s)#.*$/.exec(line);
    if (comment === null || /[:-]$/.test(before)) return before.length;
    at = before.length - comment[0].length;
  }
}

/** Spaces at the beginning of the line that `at` is on. */
export function indentOf(text: string, at: number): number {
  return /^[ \t]*/.exec(text.slice(lineStart(text, at)))?.[0].length ?? 0;
}

/** The text with all splices in it. Throws for splices that overlap. */
export function spliced(text: string, splices: readonly Splice[]): string {
  const sorted = splices.toSorted((a, b) => a.start - b.start || a.end - b.end);
  let result = '';
  let at = 0;
  for (const { start, end, insert } of sorted) {
    if (start < at) throw new RangeError('two changes of one place');
    result += text.slice(at, start) + insert;
    at = end;
  }
  return result + text.slice(at);
}
