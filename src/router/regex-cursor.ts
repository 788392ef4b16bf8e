/** Reading a pattern character by character, and saying what is wrong with it. */

/** A pattern that is refused. `at` is an index into the pattern. */
export class PatternError extends Error {
  /** `pcre`: Kong checks patterns with PCRE first; `rust`: PCRE takes it but the router's engine does not. */
  readonly from: 'pcre' | 'rust';
  readonly at: number;
  constructor(from: 'pcre' | 'rust', reason: string, at: number) {
    super(reason);
    this.from = from;
    this.at = at;
  }
}

export interface Cursor {
  readonly text: string;
  at: number;
}

export const isAtEnd = (cursor: Cursor): boolean => cursor.at >= cursor.text.length;

export const sees = (cursor: Cursor, text: string): boolean =>
  cursor.text.startsWith(text, cursor.at);

/** Steps over `text` if it comes next. */
export function take(cursor: Cursor, text: string): boolean {
  if (!sees(cursor, text)) return false;
  cursor.at += text.length;
  return true;
}

/** What a sticky expression matches here, stepped over. */
export function takeMatch(cursor: Cursor, sticky: RegExp): RegExpExecArray | undefined {
  sticky.lastIndex = cursor.at;
  const match = sticky.exec(cursor.text);
  if (match === null) return undefined;
  cursor.at += match[0].length;
  return match;
}

/** The next code point, stepped over. */
export function takePoint(cursor: Cursor): number {
  const point = cursor.text.codePointAt(cursor.at) ?? 0;
  cursor.at += point > 0xffff ? 2 : 1;
  return point;
}

export function failPcre(cursor: Cursor, reason: string, at = cursor.at): never {
  throw new PatternError('pcre', reason, at);
}

export function failRust(cursor: Cursor, reason: string): never {
  throw new PatternError('rust', reason, cursor.at);
}
