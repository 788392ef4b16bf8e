/** Findings as workflow commands of GitHub Actions: each becomes an annotation at its line. */
import type { Diagnostic } from '../config/diagnostic.ts';
import { codeEntry } from '../config/diagnostic-codes.ts';
import { printable } from './frame.ts';
import type { Report } from './types.ts';

/** One line per finding; '' for none. */
export const renderGithub = ({ diagnostics }: Report): string =>
  diagnostics.map(command).join('\n');

function command(diagnostic: Diagnostic): string {
  const { severity, code, message, help, related } = diagnostic;
  const notes = related.map((other) => {
    const at = other.range && `${other.range.file}:${other.range.line}:${other.range.column} `;
    return `${at ?? ''}${other.message}`;
  });
  const title = `${code} ${codeEntry(code).title}`;
  const properties = [...placeOf(diagnostic), ['title', title] as const]
    .map(([name, value]) => `${name}=${escapeProperty(printable(String(value)))}`)
    .join(',');
  const text = [message, ...notes, `help: ${help}`].map(printable).join('\n');
  return `::${severity} ${properties}::${escapeData(text)}`;
}

/** Columns are taken only within one line, and the last one is part of what is marked. */
function placeOf({ range }: Diagnostic): readonly (readonly [string, string | number])[] {
  if (range === undefined) return [];
  const { file, line, column, endLine, endColumn } = range;
  const lines = [
    ['file', file],
    ['line', line],
    ['endLine', endLine],
  ] as const;
  if (endLine !== line) return lines;
  return [...lines, ['col', column], ['endColumn', Math.max(column, endColumn - 1)]];
}

const escapeData = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const escapeProperty = (text: string): string =>
  escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
