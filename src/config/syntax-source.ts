/** The text and the complaint of a parser, as lines; what the recognisers of mistakes share. */

/** A parser's complaint. */
export interface Complaint {
  readonly reason: string;
  /** Into the text. */
  readonly offset: number;
}

export interface SyntaxProblem {
  readonly code: string;
  readonly summary: string;
  /** Absent: the catalogue's sentence will do. */
  readonly hint?: string;
  readonly suggestion?: string;
  /** Into the text; the end is exclusive. */
  readonly start: number;
  readonly end: number;
  readonly related?: { readonly message: string; readonly start: number; readonly end: number };
}

/** The lines around a complaint. Numbers count from 0. */
export interface SourceLines {
  readonly text: string;
  readonly lines: readonly string[];
  /** Offsets at which the lines begin. */
  readonly starts: readonly number[];
  /** The line and column of the complaint. */
  readonly line: number;
  readonly column: number;
  readonly reason: string;
}

export type Recognise = (source: SourceLines) => SyntaxProblem | undefined;

export function sourceOf(text: string, { reason, offset }: Complaint): SourceLines {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const starts: number[] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    starts.push(start);
    start += line.length + 1;
  }
  const end = Math.min(offset, text.length);
  let number = starts.findLastIndex((begin) => begin <= end);
  let column = end - (starts[number] ?? 0);
  // The parser complains about the end of a text in a line that has nothing.
  while (number > 0 && lines[number]?.trim() === '' && column === 0) {
    number -= 1;
    column = lines[number]?.length ?? 0;
  }
  return { text, lines, starts, line: number, column, reason };
}

/** A stretch of one line. */
export function at(
  { starts }: SourceLines,
  line: number,
  [from, to]: readonly [number, number],
): { readonly start: number; readonly end: number } {
  const begin = starts[line] ?? 0;
  return { start: begin + from, end: begin + Math.max(to, from + 1) };
}

export const indentOf = (line: string): number => line.length - line.trimStart().length;
export const isBlank = (line: string): boolean => /^\s*(?:#.*)?$/.test(line);

/** The nearest line above that says something. */
export function lineBefore({ lines }: SourceLines, number: number): number {
  let above = number - 1;
  while (above >= 0 && isBlank(lines[above] ?? '')) above--;
  return above;
}
