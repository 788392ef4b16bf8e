/** Changes of maps and lists that are written in lines, without touching the lines between. */
import { isFields } from '../config/checks/field-issue.ts';
import { elementText, memberText } from './plain-text.ts';
import {
  plainOf,
  replaceWhole,
  type Splice,
  type SpliceContext,
  type ValuePlace,
} from './splice.ts';
import { applyChange, type Change, type InnerChange, type PlainValue } from './text-change.ts';
import { columnOf, lineEnd, lineStart, type TextMember, type TextNode } from './text-nodes.ts';

/** A member or element of a block, from its name or dash to its last character. */
interface Entry {
  readonly start: number;
  readonly end: number;
}

interface BlockPlace {
  /** Column of the members' names, or of the dashes. */
  readonly indent: number;
  readonly context: SpliceContext;
}

const isGone = (change: Change | undefined): boolean => change?.kind === 'remove';

/** Members keep their places; new ones come before the lists of records at the end. */
export function blockMapSplices(
  place: ValuePlace,
  change: InnerChange,
  context: SpliceContext,
): readonly Splice[] {
  const { node, value } = place;
  const { members } = node;
  if (members.every(({ name }) => isGone(change.members.get(name)))) {
    return [replaceWhole(place, change, context)];
  }
  const indent = columnOf(context.text, members[0]?.nameStart ?? node.start);
  const changed = members.flatMap(({ name, node: inner }) => {
    const own = change.members.get(name);
    if (own === undefined || own.kind === 'remove') return [];
    const meant = isFields(value) ? value[name] : undefined;
    return context.splicesOf({ node: inner, value: meant, indent, inFlow: false }, own, context);
  });
  const entries = members.map(entryOf);
  const removed = indexesOf(members, ({ name }) => isGone(change.members.get(name)));
  return [
    ...changed,
    ...removalSplices(entries, removed, { indent, context }),
    ...additions(members, change, { indent, context }),
  ];
}

const entryOf = ({ nameStart, node }: TextMember): Entry => ({ start: nameStart, end: node.end });

function indexesOf<T>(list: readonly T[], holds: (element: T, index: number) => boolean) {
  return new Set(list.flatMap((element, index) => (holds(element, index) ? [index] : [])));
}

/** Fields stand together, and lists of records behind them. */
function additions(
  members: readonly TextMember[],
  change: InnerChange,
  place: BlockPlace,
): readonly Splice[] {
  const known = new Set<string | number>(members.map(({ name }) => name));
  const added = [...change.members].flatMap(([name, each]): [string, PlainValue][] =>
    known.has(name) || isGone(each) ? [] : [[String(name), plainOf(applyChange(undefined, each))]],
  );
  const last = members.at(-1);
  const lastField = members.findLast(({ node }) => !isBlockOfRecords(node)) ?? last;
  return [
    ...insertion(
      added.filter((member) => !isList(member)),
      lastField,
      place,
    ),
    ...insertion(added.filter(isList), last, place),
  ];
}

const isList = ([, value]: readonly [string, PlainValue]): boolean =>
  Array.isArray(value) && isFields(value[0]);

const isBlockOfRecords = ({ kind, isFlow, items }: TextNode): boolean =>
  kind === 'list' && !isFlow && items[0]?.kind === 'map';

function insertion(
  added: readonly (readonly [string, PlainValue])[],
  after: TextMember | undefined,
  place: BlockPlace,
): readonly Splice[] {
  if (added.length === 0 || after === undefined) return [];
  const { indent, context } = place;
  const texts = added.map(([name, value]) => memberText(name, value, indent, context.style));
  return [insertionAfter(texts, entryOf(after), place)];
}

/** Whole lines behind an entry and the comments that belong to it. */
function insertionAfter(
  texts: readonly string[],
  { end }: Entry,
  { indent, context: { text, style } }: BlockPlace,
): Splice {
  const at = endOfEntry(text, end, indent);
  const lines = texts.map((line) => indented(line, indent)).join(style.newline);
  const isLast = at === text.length && !text.endsWith('\n');
  const insert = isLast ? `${style.newline}${lines}` : `${lines}${style.newline}`;
  return { start: at, end: at, insert };
}

/** A blank line in front stays blank. */
const indented = (line: string, indent: number): string => {
  const blank = /^\r?\n/.exec(line)?.[0] ?? '';
  return `${blank}${' '.repeat(indent)}${line.slice(blank.length)}`;
};

/** The start of the line behind an entry; deeper comments behind it are its own. */
function endOfEntry(text: string, end: number, indent: number): number {
  let at = afterLine(text, end);
  let found = at;
  while (at < text.length) {
    const line = text.slice(at, lineEnd(text, at));
    const comment = /^( *)#/.exec(line);
    if (comment === null && line.trim() !== '') break;
    if (comment !== null && (comment[1]?.length ?? 0) <= indent) break;
    at = afterLine(text, at);
    if (comment !== null) found = at;
  }
  return found;
}

const afterLine = (text: string, at: number): number =>
  Math.min(text.length, lineEnd(text, at) + 1);

/** Elements keep their places; new ones come at the end. */
export function blockListSplices(
  place: ValuePlace,
  change: InnerChange,
  context: SpliceContext,
): readonly Splice[] {
  const { node, value } = place;
  const { text, style } = context;
  const { items } = node;
  const removed = indexesOf(items, (_, index) => isGone(change.members.get(index)));
  const dashes = dashesOf(text, node);
  const entries = items.map(({ start, end }, i): Entry => ({ start: dashes[i] ?? start, end }));
  const last = entries.at(-1);
  if (last === undefined || removed.size === items.length) {
    return [replaceWhole(place, change, context)];
  }
  const indent = columnOf(text, last.start);
  const changed = items.flatMap((item, i) => {
    const own = change.members.get(i);
    if (own === undefined || own.kind === 'remove') return [];
    const meant: unknown = Array.isArray(value) ? value[i] : undefined;
    return context.splicesOf({ node: item, value: meant, indent, inFlow: false }, own, context);
  });
  const blank = areSpaced(entries, text) ? style.newline : '';
  const texts = change.appended.map((each) => `${blank}${elementText(each, indent, style)}`);
  return [
    ...changed,
    ...removalSplices(entries, removed, { indent, context }),
    ...(texts.length === 0 ? [] : [insertionAfter(texts, last, { indent, context })]),
  ];
}

/** True when there is a blank line before the last element. */
function areSpaced(entries: readonly Entry[], text: string): boolean {
  const [before, last] = entries.slice(-2);
  if (before === undefined || last === undefined) return false;
  return /\n[ \t]*\r?\n/.test(text.slice(before.end, last.start));
}

/** The place of each element's dash. */
function dashesOf(text: string, { items, start }: TextNode): readonly number[] {
  let from = start;
  return items.map((item, index) => {
    const dash = index === 0 ? start : dashBefore(text, item.outerStart, from);
    from = item.end;
    return dash;
  });
}

/** Back over spaces and comments to the line that has the dash. */
function dashBefore(text: string, at: number, from: number): number {
  let line = lineStart(text, at);
  while (line > from) {
    const dash = /^ *-(?=\s|$)/.exec(text.slice(line, Math.max(at, line + 1)));
    if (dash !== null) return line + dash[0].length - 1;
    line = lineStart(text, line - 1);
  }
  throw new RangeError('an element without a dash');
}

/** Takes entries out, with the comments above and behind them. */
function removalSplices(
  entries: readonly Entry[],
  removed: ReadonlySet<number>,
  { indent, context: { text } }: BlockPlace,
): readonly Splice[] {
  const splices: Splice[] = [];
  let taken = -1;
  for (const [index, entry] of entries.entries()) {
    if (!removed.has(index) || index <= taken) continue;
    const line = lineStart(text, entry.start);
    if (text.slice(line, entry.start).trim() === '') {
      const start = Math.max(splices.at(-1)?.end ?? 0, commentsAbove(text, line, indent));
      splices.push({ start, end: endOfEntry(text, entry.end, indent), insert: '' });
      continue;
    }
    // Behind a dash: the next one that stays comes up to it, unless there is a comment between.
    const next = entries.findIndex((_, other) => other > index && !removed.has(other));
    taken = next - 1;
    const end = entries[next]?.start ?? entry.end;
    const rest = text.slice(lineEnd(text, entries[taken]?.end ?? entry.end), end);
    if (rest.trim() === '') splices.push({ start: entry.start, end, insert: '' });
    else {
      const dash = line + text.slice(line, entry.start).trimEnd().length;
      splices.push({
        start: dash,
        end: lineEnd(text, entries[taken]?.end ?? entry.end),
        insert: '',
      });
    }
  }
  return splices;
}

/** Where the comment begins that stands directly above a line at the same depth; the head of a file stays. */
function commentsAbove(text: string, line: number, indent: number): number {
  let at = line;
  while (at > 0) {
    const before = lineStart(text, at - 1);
    const comment = /^( *)#/.exec(text.slice(before, at));
    if (comment?.[1]?.length !== indent || before === 0) break;
    at = before;
  }
  return at;
}
