/**
 * Warnings that someone has decided to live with: comments in the file and codes on the command line.
 *
 *     url: http://api.example.com   # silverback-allow SB2050
 *     # silverback-allow SB2001, SB2002 -- the tokens of this partner never expire
 *     - name: jwt
 *     # silverback-allow-file SB2006
 */
import type { Diagnostic } from '../config/diagnostic.ts';
import { createLineIndex, type LineIndex } from '../config/line-index.ts';
import type { SourceRange } from '../errors.ts';
import { groupBy } from '../gateway/chain.ts';
import type { SourceText, TextFacts } from './source-text.ts';

/** One code of one comment, or of the command line. */
export interface Allowance {
  readonly code: string;
  /** Lines it covers; `undefined`: the whole document. */
  readonly lines: { readonly file: string; readonly numbers: ReadonlySet<number> } | undefined;
  /** The code in its comment; `undefined`: it stood on the command line. */
  readonly range: SourceRange | undefined;
}

const COMMENT = /(?<=^|\s)#\s*silverback-(allow(?:-file)?)[ \t]+(SB\d+(?:[ \t]*,[ \t]*SB\d+)*)/gm;

/** Every allowance of the comments in the texts. What looks like one inside of a value is none. */
export function readAllowances(
  sources: readonly SourceText[],
  { hashes }: Pick<TextFacts, 'hashes'>,
): Allowance[] {
  return sources.flatMap(({ file, text }) => {
    if (!text.includes('silverback-allow')) return [];
    const lines = createLineIndex(text, file);
    const values = hashes.filter((span) => span.file === file);
    return [...text.matchAll(COMMENT)]
      .filter(({ index }) => !values.some(({ start, end }) => index >= start && index < end))
      .flatMap((match) => allowancesOf(match, text, lines));
  });
}

function allowancesOf(match: RegExpExecArray, text: string, lines: LineIndex): Allowance[] {
  const [whole, form, list = ''] = match;
  const start = match.index + whole.length - list.length;
  return [...list.matchAll(/SB\d+/g)].map(({ 0: code, index }) => {
    const range = lines.rangeOf({ start: start + index, end: start + index + code.length });
    if (form === 'allow-file') return { code, lines: undefined, range };
    const numbers = coveredLines(text, match.index, range.line);
    return { code, lines: { file: range.file, numbers }, range };
  });
}

/**
 * The line of the comment; for one that stands alone, the next line that is no comment. Where a text
 * of several lines begins, its first line too.
 */
function coveredLines(text: string, offset: number, line: number): ReadonlySet<number> {
  const numbers = new Set([line]);
  let number = line;
  let start = text.lastIndexOf('\n', offset - 1) + 1;
  while (start < text.length) {
    const end = endOfLine(text, start);
    const content = text.slice(start, end).trim();
    if (content !== '' && !content.startsWith('#')) {
      numbers.add(number);
      if (BLOCK.test(content)) numbers.add(number + 1);
      break;
    }
    number++;
    start = end + 1;
  }
  return numbers;
}

/** `key: |`, perhaps with a comment behind it. */
const BLOCK = /[|>][-+\d]*(?:\s+#.*)?$/;

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end === -1 ? text.length : end;
}

export interface Sorted {
  readonly kept: readonly Diagnostic[];
  /** Those that suppressed nothing. */
  readonly idle: readonly Allowance[];
}

/** Takes the allowed warnings out. */
export function applyAllowances(
  warnings: readonly Diagnostic[],
  allowances: readonly Allowance[],
): Sorted {
  const used = new Set<Allowance>();
  const byCode = groupBy(allowances, ({ code }) => code);
  const kept = warnings.filter((warning) => {
    const candidates = byCode.get(warning.code) ?? [];
    const fitting = candidates.filter((allowance) => covers(allowance, warning));
    for (const allowance of fitting) used.add(allowance);
    return fitting.length === 0;
  });
  return { kept, idle: allowances.filter((allowance) => !used.has(allowance)) };
}

function covers({ lines }: Allowance, { range }: Diagnostic): boolean {
  if (lines === undefined) return true;
  return range !== undefined && range.file === lines.file && lines.numbers.has(range.line);
}
