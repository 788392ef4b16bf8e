/** Where in a text the nodes of its document are: from YAML events to lines and columns. */
import { EVENT_ID, SCALAR_STYLE, YAMLException, getScalarValue, parseEvents } from 'js-yaml';
import type { ConfigPath, SourcePosition } from '../errors.ts';

type Event = ReturnType<typeof parseEvents>[number];

export type LocatePath = (path: ConfigPath) => SourcePosition | undefined;

/** A node of the document; offsets into the text. */
interface PositionNode {
  /** Of the member's name when the node is a member, else of the value. */
  readonly offset: number;
  readonly children: Map<string | number, PositionNode>;
}

/**
 * Finds the place of a path: of the member's name, or of the list element. A path that is not in the
 * text (a missing field) has the place of the nearest node around it. The index is made on first use.
 */
export function createLocator(text: string, file: string): LocatePath {
  let root: PositionNode | undefined;
  let lines: readonly number[] = [];
  return (path) => {
    root ??= tryIndex(text);
    if (lines.length === 0) lines = lineStarts(text);
    let node = root;
    for (const step of path) {
      const child = node.children.get(step);
      if (child === undefined) break;
      node = child;
    }
    return { file, ...placeOf(node.offset, lines) };
  };
}

/** JSON that YAML cannot read has places for nothing but its start. */
function tryIndex(text: string): PositionNode {
  try {
    return indexNodes(text);
  } catch (error) {
    if (error instanceof YAMLException) return newNode(0);
    throw error;
  }
}

/** 1-based line and column of an offset. */
export function positionAt(text: string, offset: number, file: string): SourcePosition {
  return { file, ...placeOf(offset, lineStarts(text)) };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function placeOf(offset: number, starts: readonly number[]): { line: number; column: number } {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}

const newNode = (offset: number): PositionNode => ({ offset, children: new Map() });

/** The first document of the text. Duplicate names: the last one counts, as for the value. */
function indexNodes(text: string): PositionNode {
  const events = parseEvents(text, { maxDepth: Number.MAX_SAFE_INTEGER });
  let next = 0;

  const skip = (): void => {
    let depth = 0;
    do {
      const event = events[next++];
      if (event?.type === EVENT_ID.POP) depth--;
      else if (event !== undefined && isCollection(event)) depth++;
    } while (depth > 0 && next < events.length);
  };

  const fill = (node: PositionNode, event: Event): void => {
    if (!isCollection(event)) return;
    let index = 0;
    for (let inner = events[next]; inner !== undefined; inner = events[next]) {
      if (inner.type === EVENT_ID.POP) break;
      if (event.type === EVENT_ID.MAPPING && inner.type !== EVENT_ID.SCALAR) {
        skip();
        skip();
        continue;
      }
      const key =
        event.type === EVENT_ID.MAPPING && inner.type === EVENT_ID.SCALAR ? inner : undefined;
      const name = key === undefined ? index++ : getScalarValue(text, key);
      if (key !== undefined) next++;
      const value = events[next++];
      if (value === undefined) break;
      const child = newNode(offsetOf(key ?? value));
      node.children.set(name, child);
      fill(child, value);
    }
    next++;
  };

  const start = events.findIndex((event) => event.type === EVENT_ID.DOCUMENT) + 1;
  const first = events[start];
  if (first === undefined) return newNode(0);
  next = start + 1;
  const root = newNode(offsetOf(first));
  fill(root, first);
  return root;
}

const QUOTED: ReadonlySet<number> = new Set([
  SCALAR_STYLE.SINGLE_QUOTED,
  SCALAR_STYLE.DOUBLE_QUOTED,
]);

const isCollection = (event: Event): boolean =>
  event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE;

function offsetOf(event: Event): number {
  switch (event.type) {
    case EVENT_ID.MAPPING:
    case EVENT_ID.SEQUENCE:
      return event.start;
    case EVENT_ID.SCALAR: {
      const { valueStart, style } = event;
      // The offsets of a quoted scalar are those inside of the quotes.
      return Math.max(0, QUOTED.has(style) ? valueStart - 1 : valueStart);
    }
    case EVENT_ID.ALIAS:
      return Math.max(0, event.anchorStart - 1);
    default:
      return 0;
  }
}
