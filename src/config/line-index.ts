/** Offsets of a text as lines and columns. */
import type { SourceRange } from '../errors.ts';

/** Offsets into a text; the end is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface LineIndex {
  /** Lines and columns count from 1. */
  rangeOf(span: Span): SourceRange;
}

/** Lines are counted on first use. @param file the name that ranges carry */
export function createLineIndex(text: string, file: string): LineIndex {
  let starts: readonly number[] | undefined;
  return {
    rangeOf({ start, end }) {
      starts ??= lineStarts(text);
      const from = placeOf(start, starts);
      const to = placeOf(Math.max(start, end), starts);
      return { file, ...from, endLine: to.line, endColumn: to.column };
    },
  };
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
