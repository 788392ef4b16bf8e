/** What tells a finding from others across versions of a file, so that a report says what is new. */
import { createHash } from 'node:crypto';
import type { Diagnostic } from '../config/diagnostic.ts';
import { maskedLines } from './mask.ts';

/** 16 hex digits, a colon, and how many findings before had the same digits. */
export type Fingerprint = (diagnostic: Diagnostic) => string;

/**
 * Made of the code, the file and the text of the line, not of its number: lines that come or go
 * elsewhere change nothing. Secrets in a line have no part in it.
 */
export function createFingerprints(texts: ReadonlyMap<string, string>): Fingerprint {
  const lines = new Map<string, readonly string[]>();
  const seen = new Map<string, number>();
  const lineOf = ({ range }: Diagnostic): string => {
    if (range === undefined) return '';
    const known = lines.get(range.file) ?? maskedLines(texts.get(range.file) ?? '');
    lines.set(range.file, known);
    return known[range.line - 1]?.trim() ?? '';
  };
  return (diagnostic) => {
    const { code, range, message } = diagnostic;
    // Without a place there is only the message to go by.
    const parts = [code, range?.file ?? '', range === undefined ? message : lineOf(diagnostic)];
    const digits = createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
    const count = (seen.get(digits) ?? 0) + 1;
    seen.set(digits, count);
    return `${digits}:${count}`;
  };
}
