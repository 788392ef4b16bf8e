/** The lines of a source around a finding, as they may be shown: clipped, without control characters and secrets. */
import type { SourceRange } from '../errors.ts';
import { maskedLines } from './mask.ts';

/** Columns of a source line that are shown; of a longer one, the part around the finding. */
const WIDTH = 100;
const LEAD = 30;
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

export interface FrameLine {
  /** Counts from 1. */
  readonly number: number;
  readonly text: string;
}

export interface Frame {
  /** The line before, when it says something, and the line of the finding. */
  readonly lines: readonly FrameLine[];
  /** Under the last line; counts from 0. */
  readonly markStart: number;
  /** At least 1. */
  readonly markLength: number;
}

/** Shows parts of source texts, each split into lines once. */
export type DrawFrame = (range: SourceRange, context: number) => Frame | undefined;

/** @param texts by the file name that ranges carry */
export function createFrames(texts: ReadonlyMap<string, string>): DrawFrame {
  const split = new Map<string, readonly string[]>();
  const linesOf = (file: string): readonly string[] | undefined => {
    const known = split.get(file);
    const text = texts.get(file);
    if (known !== undefined || text === undefined) return known;
    const lines = maskedLines(text.replace(/^\uFEFF/, ''));
    split.set(file, lines);
    return lines;
  };
  return (range, context) => {
    const lines = linesOf(range.file);
    const text = lines?.[range.line - 1];
    return lines === undefined || text === undefined ? undefined : draw(lines, range, context);
  };
}

function draw(lines: readonly string[], range: SourceRange, context: number): Frame {
  const line = lines[range.line - 1] ?? '';
  const start = Math.min(range.column - 1, line.length);
  const end = range.endLine > range.line ? line.length : Math.min(range.endColumn - 1, line.length);
  const from = line.length <= WIDTH ? 0 : Math.max(0, Math.min(start - LEAD, line.length - WIDTH));
  const first = Math.max(1, range.line - context);
  const shown = lines
    .slice(first - 1, range.line)
    .map((text, i): FrameLine => ({ number: first + i, text: clip(text, from) }))
    .filter(({ number, text: part }) => number === range.line || /[^\s…]/.test(part));
  const shift = from > 0 ? from - 1 : 0;
  const markLength = Math.max(1, Math.min(end, from + WIDTH) - start);
  return { lines: shown, markStart: start - shift, markLength };
}

/** What a terminal would act on, or show as nothing, becomes a visible character of the same width. */
export const printable = (text: string): string =>
  text.replaceAll(CONTROL, (char) => (char === '\t' ? ' ' : '\u00B7'));

function clip(line: string, from: number): string {
  const part = line.slice(from, from + WIDTH);
  const text = printable(part).trimEnd();
  return `${from > 0 ? '…' : ''}${text}${line.length > from + WIDTH ? '…' : ''}`;
}
