/** Changes of maps and lists in brackets, JSON's and YAML's. */
import { isFields } from '../config/checks/field-issue.ts';
import { flowText, prettyText, doubleQuoted } from './plain-text.ts';
import {
  indentOf,
  replaceWhole,
  type Splice,
  type SpliceContext,
  type ValuePlace,
} from './splice.ts';
import {
  applyChange,
  isPlain,
  type Change,
  type InnerChange,
  type PlainValue,
} from './text-change.ts';
import type { TextNode } from './text-nodes.ts';

interface Entry {
  readonly key: string | number;
  readonly start: number;
  readonly end: number;
  readonly node: TextNode;
}

const entriesOf = ({ kind, members, items }: TextNode): readonly Entry[] =>
  kind === 'map'
    ? members.map(({ name, nameStart, node }) => ({
        key: name,
        start: nameStart,
        end: node.end,
        node,
      }))
    : items.map((node, key) => ({ key, start: node.outerStart, end: node.end, node }));

export function flowSplices(
  place: ValuePlace,
  change: InnerChange,
  context: SpliceContext,
): readonly Splice[] {
  const { node, value, indent } = place;
  const entries = entriesOf(node);
  const isGone = ({ key }: Entry): boolean => change.members.get(key)?.kind === 'remove';
  if (entries.every(isGone)) return [replaceWhole(place, change, context)];
  const changed = entries.flatMap((entry) => {
    const inner = change.members.get(entry.key);
    if (inner === undefined || inner.kind === 'remove') return [];
    const own: unknown = memberOf(value, entry.key);
    return context.splicesOf(
      { node: entry.node, value: own, indent, inFlow: true },
      inner,
      context,
    );
  });
  const added = additionsOf(node, change).map((each) => addedText(each, entries, place, context));
  const last = entries.findLast((entry) => !isGone(entry));
  const at = last?.end ?? node.start + 1;
  const insertion = added.length === 0 ? [] : [{ start: at, end: at, insert: added.join('') }];
  return [...changed, ...removals(entries, isGone), ...insertion];
}

const memberOf = (value: unknown, key: string | number): unknown => {
  if (Array.isArray(value)) return value[Number(key)];
  return isFields(value) ? value[String(key)] : undefined;
};

type Addition = readonly [name: string | undefined, value: PlainValue];

function additionsOf(node: TextNode, { members, appended }: InnerChange): readonly Addition[] {
  if (node.kind === 'list') return appended.map((value): Addition => [undefined, value]);
  const known = new Set<string | number>(node.members.map(({ name }) => name));
  return [...members].flatMap(([name, change]: [string | number, Change]): Addition[] => {
    if (known.has(name) || change.kind === 'remove') return [];
    const value = applyChange(undefined, change);
    return isPlain(value) ? [[String(name), value]] : [];
  });
}

/** Behind a comma; on a line of its own where the others are. */
function addedText(
  [name, value]: Addition,
  entries: readonly Entry[],
  { node }: ValuePlace,
  { text, style }: SpliceContext,
): string {
  const first = entries[0]?.start ?? node.end;
  const isPretty = text.slice(node.start, first).includes('\n');
  const column = indentOf(text, first);
  const shown =
    isPretty && style.isJson ? prettyText(value, column, style) : flowText(value, style);
  const named =
    name === undefined
      ? shown
      : `${style.isJson ? doubleQuoted(name) : flowText(name, style)}: ${shown}`;
  return isPretty ? `,${style.newline}${' '.repeat(column)}${named}` : `, ${named}`;
}

/** Up to the next entry, or from the one before to the end of the last. */
function removals(entries: readonly Entry[], isGone: (entry: Entry) => boolean): readonly Splice[] {
  const splices: Splice[] = [];
  const lastKept = entries.findLastIndex((entry) => !isGone(entry));
  for (const [index, entry] of entries.entries()) {
    if (!isGone(entry)) continue;
    const next = entries[index + 1];
    if (index < lastKept && next !== undefined) {
      splices.push({ start: entry.start, end: next.start, insert: '' });
    }
  }
  const kept = entries[lastKept];
  const end = entries.at(-1);
  if (kept !== undefined && end !== undefined && lastKept < entries.length - 1) {
    splices.push({ start: kept.end, end: end.end, insert: '' });
  }
  return splices;
}
