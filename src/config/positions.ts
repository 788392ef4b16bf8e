/** Where in a text the nodes of its document are: from YAML events to lines and columns. */
import { EVENT_ID, SCALAR_STYLE, YAMLException, getScalarValue } from 'js-yaml';
import type { ConfigPath, SourceRange } from '../errors.ts';
import { createLineIndex, type Span } from './line-index.ts';
import { readYamlEvents, type YamlEventOf as EventOf } from './yaml-events.ts';

/**
 * Finds the place of a path: of its value, or of the member's name. What is not in the text (a
 * missing field) has the place of the nearest node around it, shown by its name or its first member.
 */
export type LocatePath = (path: ConfigPath, part?: 'name' | 'value') => SourceRange | undefined;

interface PositionNode {
  /** Of the member's name, when the node is a member. */
  readonly name: Span | undefined;
  /** Absent where nothing is written for it, as in `port:`. */
  readonly value: Span | undefined;
  readonly isCollection: boolean;
  /** Shared by an anchor and its aliases. */
  readonly children: ReadonlyMap<string | number, PositionNode>;
}

const NO_CHILDREN: ReadonlyMap<string | number, PositionNode> = new Map();
const START: PositionNode = {
  name: undefined,
  value: { start: 0, end: 0 },
  isCollection: false,
  children: NO_CHILDREN,
};

/** The index of the text is made on first use. */
export function createLocator(text: string, file: string): LocatePath {
  let root: PositionNode | undefined;
  const lines = createLineIndex(text, file);
  return (path, part = 'value') => {
    root ??= tryIndex(text);
    let node = root;
    for (const [depth, step] of path.entries()) {
      const child = memberOf(node, step);
      if (child === undefined) return lines.rangeOf(surroundings(node, depth));
      node = child;
    }
    return lines.rangeOf(spanOf(node, part));
  };
}

/** 1-based place of an offset, one character wide. */
export function positionAt(text: string, offset: number, file: string): SourceRange {
  return rangeAt(text, { start: offset, end: offset + 1 }, file);
}

/** 1-based place of a stretch of text. */
export function rangeAt(text: string, span: Span, file: string): SourceRange {
  return createLineIndex(text, file).rangeOf(span);
}

function spanOf({ name, value }: PositionNode, part: 'name' | 'value'): Span {
  const [first, second] = part === 'name' ? [name, value] : [value, name];
  return first ?? second ?? { start: 0, end: 0 };
}

/** What stands for a node as a whole: its name, or for an element of a list its first member. */
function surroundings({ name, value, isCollection, children }: PositionNode, depth: number): Span {
  if (name !== undefined) return name;
  const [first] = isCollection ? children.values() : [];
  if (first === undefined || depth === 0) return value ?? { start: 0, end: 0 };
  const start = first.name ?? spanOf(first, 'name');
  const end = first.isCollection ? start.end : (first.value?.end ?? start.end);
  return { start: start.start, end };
}

/** A member of the node itself, else one that `<<` merges into it. */
function memberOf(
  node: PositionNode,
  step: string | number,
  seen: Set<PositionNode> = new Set(),
): PositionNode | undefined {
  const own = node.children.get(step);
  const merged = node.children.get('<<');
  // Each node once: merges may refer to each other in more ways than there is time for.
  if (own !== undefined || merged === undefined || seen.has(node)) return own;
  seen.add(node);
  const sources = merged.children.has(0) ? merged.children.values() : [merged];
  for (const source of sources) {
    const found = memberOf(source, step, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** JSON that YAML cannot read has places for nothing but its start. */
function tryIndex(text: string): PositionNode {
  try {
    return indexNodes(text);
  } catch (error) {
    if (error instanceof YAMLException) return START;
    throw error;
  }
}

/** The first document of the text. Duplicate names: the last one counts, as for the value. */
function indexNodes(text: string): PositionNode {
  const events = readYamlEvents(text);
  const anchors = new Map<string, PositionNode>();
  let next = events.findIndex((event) => event.type === EVENT_ID.DOCUMENT) + 1;

  /** The node that begins at `next`, which is then behind it. */
  const read = (name: Span | undefined): PositionNode | undefined => {
    const event = events[next++];
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return remember(event, leaf(name, scalarSpan(text, event)));
      case EVENT_ID.ALIAS: {
        const span = { start: Math.max(0, event.anchorStart - 1), end: event.anchorEnd };
        const target = anchors.get(text.slice(event.anchorStart, event.anchorEnd));
        return { ...(target ?? START), name, value: span };
      }
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE:
        return readCollection(event, name);
      default:
        return undefined;
    }
  };

  const readCollection = (
    event: EventOf<typeof EVENT_ID.MAPPING> | EventOf<typeof EVENT_ID.SEQUENCE>,
    name: Span | undefined,
  ): PositionNode => {
    const children = new Map<string | number, PositionNode>();
    const value = { start: event.start, end: event.start + 1 };
    const node = remember(event, { name, value, isCollection: true, children });
    const isMapping = event.type === EVENT_ID.MAPPING;
    for (let inner = events[next]; inner !== undefined; inner = events[next]) {
      if (inner.type === EVENT_ID.POP) break;
      const key = isMapping ? read(undefined) : undefined;
      const child = read(key?.value);
      if (child === undefined) break;
      value.end = Math.max(value.end, child.value?.end ?? child.name?.end ?? 0);
      if (!isMapping) children.set(children.size, child);
      else if (inner.type === EVENT_ID.SCALAR) children.set(getScalarValue(text, inner), child);
    }
    next++;
    value.end = afterClosing(text, value);
    return node;
  };

  const remember = (event: EventOf<2 | 3 | 4>, node: PositionNode): PositionNode => {
    if (event.anchorStart >= 0) anchors.set(text.slice(event.anchorStart, event.anchorEnd), node);
    return node;
  };

  return read(undefined) ?? START;
}

const leaf = (name: Span | undefined, value: Span | undefined): PositionNode => ({
  name,
  value,
  isCollection: false,
  children: NO_CHILDREN,
});

const QUOTED: ReadonlySet<number> = new Set([
  SCALAR_STYLE.SINGLE_QUOTED,
  SCALAR_STYLE.DOUBLE_QUOTED,
]);
const BLOCK: ReadonlySet<number> = new Set([SCALAR_STYLE.LITERAL_BLOCK, SCALAR_STYLE.FOLDED_BLOCK]);

/** With its quotes; of a block, the text without the indentation before and the line ends behind. */
function scalarSpan(text: string, event: EventOf<4>): Span | undefined {
  const { valueStart: start, valueEnd: end, style } = event;
  if (start < 0) return undefined;
  if (QUOTED.has(style)) return { start: start - 1, end: end + 1 };
  if (!BLOCK.has(style)) return { start, end };
  const content = text.slice(start, end);
  const trimmed = content.trimStart();
  return {
    start: start + content.length - trimmed.length,
    end: start + content.trimEnd().length,
  };
}

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}' };

/** Events do not say where a bracket closes: it is what follows the last member. */
function afterClosing(text: string, { start, end }: Span): number {
  const bracket = CLOSING[text.charAt(start)];
  if (bracket === undefined) return end;
  let at = end;
  while (/[\s,]/.test(text.charAt(at))) at++;
  return text.charAt(at) === bracket ? at + 1 : end;
}
