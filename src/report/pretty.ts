/** Findings for a person at a terminal: what, where with the lines around it, and what to do. */
import { styleText } from 'node:util';
import type { Diagnostic, Severity } from '../config/diagnostic.ts';
import type { SourceRange } from '../errors.ts';
import { createFrames, printable, type DrawFrame } from './frame.ts';

export interface PrettyOptions {
  /** Source texts by the file name that ranges carry; a finding in another file has no lines. */
  readonly texts: ReadonlyMap<string, string>;
  /** Escape sequences: only for terminals. */
  readonly color: boolean;
}

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

const STYLES = { error: ['bold', 'red'], warning: ['bold', 'yellow'] } as const satisfies Record<
  Severity,
  Style
>;

/** One paragraph per finding, in the given order, with a blank line between; '' for none. */
export function renderPretty(
  diagnostics: readonly Diagnostic[],
  { texts, color }: PrettyOptions,
): string {
  // Whoever asks for colour knows which stream it goes to; newer Node.js would look at stdout itself.
  const paint: Paint = (style, text) =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const frames = createFrames(texts);
  return diagnostics.map((diagnostic) => paragraph(diagnostic, frames, paint)).join('\n\n');
}

/** `2 errors, 1 warning`; '' for none. */
export function countFindings(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const parts = [
    [errors, 'error'],
    [diagnostics.length - errors, 'warning'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}${count === 1 ? '' : 's'}`)
    .join(', ');
}

function paragraph(diagnostic: Diagnostic, frames: DrawFrame, paint: Paint): string {
  const { severity, code, message, help, range, related } = diagnostic;
  const lines = [range, ...related.map((other) => other.range)].map((at) => at?.line ?? 0);
  const margin = ' '.repeat(String(Math.max(...lines)).length + 1);
  const style = STYLES[severity];
  const context: DrawContext = { frames, paint, margin };
  return [
    `${paint(style, `${severity}[${code}]`)}${paint('bold', `: ${printable(message)}`)}`,
    ...(range === undefined ? [] : place(range, { sign: '^', style, context: 1 }, context)),
    ...related.flatMap((other) => {
      const clause = printable(other.message);
      if (other.range === undefined) return [`${paint('blue', `${margin} = note:`)} ${clause}`];
      return place(other.range, { sign: '-', style: 'blue', context: 0, clause }, context);
    }),
    `${paint('blue', `${margin} = help:`)} ${printable(help)}`,
  ].join('\n');
}

interface DrawContext {
  readonly frames: DrawFrame;
  readonly paint: Paint;
  /** As wide as the longest line number. */
  readonly margin: string;
}

interface Mark {
  readonly sign: '^' | '-';
  readonly style: Style;
  /** Lines to show before. */
  readonly context: number;
  /** What is said about the place. */
  readonly clause?: string;
}

function place(range: SourceRange, mark: Mark, { frames, paint, margin }: DrawContext): string[] {
  const at = `${printable(range.file)}:${range.line}:${range.column}`;
  const head = `${paint('blue', `${margin}-->`)} ${at}${mark.clause ? ` ${mark.clause}` : ''}`;
  const frame = frames(range, mark.context);
  if (frame === undefined) return [head];
  const bar = paint('blue', `${margin} |`);
  const lines = frame.lines.map(({ number, text }) => {
    const gutter = paint('blue', `${String(number).padStart(margin.length)} |`);
    return `${gutter} ${text}`.trimEnd();
  });
  const signs = mark.sign.repeat(frame.markLength);
  return [head, bar, ...lines, `${bar} ${' '.repeat(frame.markStart)}${paint(mark.style, signs)}`];
}
