/**
 * What a text holds that the loaded config does not show any more: scalars as they are written, names
 * that stand twice in one mapping. From YAML events; a text that is no YAML has none of it.
 */
import { EVENT_ID, SCALAR_STYLE, YAMLException, getScalarValue } from 'js-yaml';
import { createLineIndex, type LineIndex, type Span } from '../config/line-index.ts';
import { readYamlEvents, type YamlEventOf, type YamlEvents } from '../config/yaml-events.ts';
import type { ConfigPath, SourceRange } from '../errors.ts';

type ScalarEvent = YamlEventOf<typeof EVENT_ID.SCALAR>;

/** One file of the document. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/** A scalar without quotes, whose type the reader guesses. */
export interface PlainScalar {
  readonly path: ConfigPath;
  readonly text: string;
  /** Whether it is the name of a member. */
  readonly isName: boolean;
  readonly range: SourceRange;
}

/** A name that a mapping has twice; the last one counts. */
export interface RepeatedName {
  readonly path: ConfigPath;
  readonly name: string;
  readonly first: SourceRange;
  readonly last: SourceRange;
}

export interface TextFacts {
  readonly plain: readonly PlainScalar[];
  readonly repeated: readonly RepeatedName[];
  /** `placeKey` of every scalar that holds `${`. */
  readonly interpolated: ReadonlySet<string>;
  /** Scalars that hold a `#`: what is in them is no comment. */
  readonly hashes: readonly TextSpan[];
}

export interface TextSpan extends Span {
  readonly file: string;
}

/** A place in one of the files. */
export const placeKey = (file: string, path: ConfigPath): string => JSON.stringify([file, ...path]);

/** @param keepsPlain which plain scalars the caller wants to hear of */
export function readTextFacts(
  sources: readonly SourceText[],
  keepsPlain: (text: string) => boolean,
): TextFacts {
  const facts = { plain: [], repeated: [], interpolated: new Set<string>(), hashes: [] };
  for (const { file, text } of sources) {
    const events = tryEvents(text);
    if (events === undefined) continue;
    const lines = createLineIndex(text, file);
    walk({ file, text, events, lines, hasReferences: text.includes('${'), keepsPlain, facts });
  }
  return facts;
}

function tryEvents(text: string): YamlEvents | undefined {
  try {
    return readYamlEvents(text);
  } catch (error) {
    if (error instanceof YAMLException) return undefined;
    throw error;
  }
}

interface WalkInput {
  readonly file: string;
  readonly text: string;
  readonly events: YamlEvents;
  readonly lines: LineIndex;
  /** Whether any scalar holds `${`: spares looking into each. */
  readonly hasReferences: boolean;
  readonly keepsPlain: (text: string) => boolean;
  readonly facts: {
    readonly plain: PlainScalar[];
    readonly repeated: RepeatedName[];
    readonly interpolated: Set<string>;
    readonly hashes: TextSpan[];
  };
}

/** A collection that is open where the walk stands. */
interface Frame {
  /** Of a mapping: its names so far, with their events. */
  readonly names: Map<string, ScalarEvent> | undefined;
  /** The member or element that the next value is for; `undefined`: a name comes next. */
  step: string | number | undefined;
}

/** The first document of the text. */
function walk(input: WalkInput): void {
  const frames: Frame[] = [];
  let isOpen = false;
  for (const event of input.events) {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        if (isOpen) return;
        isOpen = true;
        break;
      case EVENT_ID.SCALAR:
        takeScalar(input, frames, event);
        break;
      case EVENT_ID.ALIAS:
        advance(frames);
        break;
      case EVENT_ID.POP:
        frames.pop();
        advance(frames);
        break;
      default:
        frames.push(openFrame(event.type === EVENT_ID.MAPPING));
    }
  }
}

const openFrame = (isMapping: boolean): Frame =>
  isMapping ? { names: new Map(), step: undefined } : { names: undefined, step: 0 };

/** A value, or a name that is a collection, is over. */
function advance(frames: readonly Frame[]): void {
  const frame = frames.at(-1);
  if (frame === undefined) return;
  if (typeof frame.step === 'number' && frame.names === undefined) frame.step++;
  else frame.step = frame.step === undefined ? '' : undefined;
}

function takeScalar(input: WalkInput, frames: readonly Frame[], event: ScalarEvent): void {
  const frame = frames.at(-1);
  const isName = frame?.names !== undefined && frame.step === undefined;
  if (isName) takeName(input, frames, event);
  const { text, facts } = input;
  if (event.style === SCALAR_STYLE.PLAIN && event.valueStart >= 0 && event.tagStart < 0) {
    const raw = text.slice(event.valueStart, event.valueEnd);
    if (input.keepsPlain(raw)) {
      facts.plain.push({ path: pathOf(frames), text: raw, isName, range: rangeOf(input, event) });
    }
  }
  if (isName) return;
  if (input.hasReferences || event.style !== SCALAR_STYLE.PLAIN) {
    const { valueStart: start, valueEnd: end } = event;
    const raw = text.slice(start, end);
    if (raw.includes('${')) facts.interpolated.add(placeKey(input.file, pathOf(frames)));
    if (raw.includes('#')) facts.hashes.push({ file: input.file, start, end });
  }
  advance(frames);
}

function takeName(input: WalkInput, frames: readonly Frame[], event: ScalarEvent): void {
  const frame = frames.at(-1);
  if (frame?.names === undefined) return;
  const name = getScalarValue(input.text, event);
  frame.step = name;
  const first = frame.names.get(name);
  // `<<` may be merged from several places.
  if (first !== undefined && name !== '<<') {
    input.facts.repeated.push({
      path: pathOf(frames),
      name,
      first: rangeOf(input, first),
      last: rangeOf(input, event),
    });
  }
  frame.names.set(name, event);
}

const pathOf = (frames: readonly Frame[]): ConfigPath => frames.flatMap(({ step }) => step ?? []);

const rangeOf = ({ lines }: WalkInput, { valueStart, valueEnd }: ScalarEvent): SourceRange =>
  lines.rangeOf({ start: Math.max(0, valueStart), end: Math.max(0, valueEnd) });
