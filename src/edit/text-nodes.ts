/** The values of a YAML or JSON text with the places they are written at: what a text is edited by. */
import { COLLECTION_STYLE, EVENT_ID, SCALAR_STYLE, getScalarValue } from 'js-yaml';
import { readYamlEvents, type YamlEventOf as EventOf } from '../config/yaml-events.ts';

/** Offsets; `start` is behind an anchor or a tag, `end` behind the last character of the value. */
export interface TextNode {
  readonly kind: 'scalar' | 'map' | 'list' | 'alias';
  /** Of the value, or of the anchor or tag before it. */
  readonly outerStart: number;
  readonly start: number;
  readonly end: number;
  /** Nothing is written: `port:`. */
  readonly isAbsent: boolean;
  /** With brackets; or, of a scalar, on its own line. */
  readonly isFlow: boolean;
  readonly quote: 'single' | 'double' | 'block' | undefined;
  readonly anchor: string | undefined;
  readonly members: readonly TextMember[];
  readonly items: readonly TextNode[];
}

export interface TextMember {
  readonly name: string;
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly node: TextNode;
}

const NOTHING: TextNode = {
  kind: 'scalar',
  outerStart: 0,
  start: 0,
  end: 0,
  isAbsent: true,
  isFlow: false,
  quote: undefined,
  anchor: undefined,
  members: [],
  items: [],
};

/** The root of the first document. Throws YAMLException. */
export function readTextNodes(text: string): TextNode {
  const events = readYamlEvents(text);
  let next = events.findIndex((event) => event.type === EVENT_ID.DOCUMENT) + 1;
  /** @param after where the node would stand if nothing is written for it */
  const read = (after: number): TextNode => {
    const event = events[next++];
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return scalar(text, event, after);
      case EVENT_ID.ALIAS: {
        const { anchorStart, anchorEnd } = event;
        const start = Math.max(0, anchorStart - 1);
        const anchor = text.slice(anchorStart, anchorEnd);
        return {
          ...NOTHING,
          kind: 'alias',
          outerStart: start,
          start,
          end: anchorEnd,
          isAbsent: false,
          anchor,
        };
      }
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE:
        return collection(event);
      default:
        return { ...NOTHING, outerStart: after, start: after, end: after };
    }
  };
  const collection = (
    event: EventOf<typeof EVENT_ID.MAPPING> | EventOf<typeof EVENT_ID.SEQUENCE>,
  ): TextNode => {
    const isFlow = event.style === COLLECTION_STYLE.FLOW;
    const members: TextMember[] = [];
    const items: TextNode[] = [];
    let end = event.start + 1;
    while (events[next] !== undefined && events[next]?.type !== EVENT_ID.POP) {
      if (event.type === EVENT_ID.SEQUENCE) {
        const item = read(end);
        items.push(item);
        end = Math.max(end, item.end);
        continue;
      }
      const nameEvent = events[next];
      const name = read(end);
      const colon = afterColon(text, name.end);
      const node = read(colon);
      const written = nameEvent?.type === EVENT_ID.SCALAR ? getScalarValue(text, nameEvent) : '';
      members.push({ name: written, nameStart: name.outerStart, nameEnd: name.end, node });
      end = Math.max(end, colon, node.end);
    }
    next++;
    const closed = isFlow ? closing(text, end) : end;
    const kind = event.type === EVENT_ID.SEQUENCE ? 'list' : 'map';
    return {
      ...NOTHING,
      ...outer(text, event, event.start),
      kind,
      end: closed,
      isAbsent: false,
      isFlow,
      members,
      items,
    };
  };
  return read(0);
}

function afterColon(text: string, from: number): number {
  const colon = text.indexOf(':', from);
  return colon === -1 ? from : colon + 1;
}

type Outer = Pick<TextNode, 'outerStart' | 'start' | 'anchor'>;

function outer(
  text: string,
  { anchorStart, anchorEnd, tagStart }: EventOf<2 | 3 | 4>,
  start: number,
): Outer {
  const starts = [
    start,
    ...(anchorStart < 0 ? [] : [anchorStart - 1]),
    ...(tagStart < 0 ? [] : [tagStart]),
  ];
  const anchor = anchorStart < 0 ? undefined : text.slice(anchorStart, anchorEnd);
  return { outerStart: Math.min(...starts), start, anchor };
}

function scalar(text: string, event: EventOf<4>, after: number): TextNode {
  const { valueStart, valueEnd, style } = event;
  if (valueStart < 0) {
    const end = Math.max(after, event.anchorEnd, event.tagEnd);
    return {
      ...NOTHING,
      ...outer(text, event, end),
      end,
      isAbsent: event.anchorStart < 0 && event.tagStart < 0,
    };
  }
  switch (style) {
    case SCALAR_STYLE.SINGLE_QUOTED:
    case SCALAR_STYLE.DOUBLE_QUOTED: {
      const quote = style === SCALAR_STYLE.SINGLE_QUOTED ? 'single' : 'double';
      return {
        ...NOTHING,
        ...outer(text, event, valueStart - 1),
        end: valueEnd + 1,
        isAbsent: false,
        isFlow: true,
        quote,
      };
    }
    case SCALAR_STYLE.LITERAL_BLOCK:
    case SCALAR_STYLE.FOLDED_BLOCK: {
      const header = blockHeader(text, valueStart);
      const end = valueStart + text.slice(valueStart, valueEnd).trimEnd().length;
      return {
        ...NOTHING,
        ...outer(text, event, header),
        end: Math.max(end, header + 1),
        isAbsent: false,
        quote: 'block',
      };
    }
    default:
      return {
        ...NOTHING,
        ...outer(text, event, valueStart),
        end: valueEnd,
        isAbsent: false,
        isFlow: true,
      };
  }
}

/** `|` or `>` with its indicators, on the line before the text. */
function blockHeader(text: string, valueStart: number): number {
  const before = text.lastIndexOf('\n', valueStart - 1);
  const line = lineStart(text, before);
  const found = /[|>][-+\d]*[ \t]*(?:#.*)?\r?$/.exec(text.slice(line, before));
  return found === null ? valueStart : line + found.index;
}

/** Behind the bracket that closes a collection whose last member ends at `from`. */
function closing(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === ']' || char === '}') return at + 1;
    if (char === '#') at = lineEnd(text, at);
    else at += 1;
  }
  return from;
}

/** The place of the line end at or behind `from`, or the end of the text. */
export function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

/** The place of the first character of the line that `at` is on. */
export const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;

/** Characters between the start of the line and `at`. */
export const columnOf = (text: string, at: number): number => at - lineStart(text, at);
