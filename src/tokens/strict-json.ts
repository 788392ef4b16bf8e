/** JSON objects inside tokens: what `http/json.ts` takes, less what two parsers could read differently. */
import { isObject, parseJson } from '../http/json.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Claims are flat as a rule; a token has no use for more. */
const DEPTH_MAX = 32;

/**
 * One JSON object. Never throws.
 * @returns `undefined` for any other value, for two members of one name on any level (RFC 7515
 * section 4 allows to refuse them, RFC 8725 section 2.4 says why one should) and for deep nesting
 */
export function parseStrictObject(bytes: Buffer): JsonObject | undefined {
  const value = parseJson(bytes)?.value;
  if (!isObject(value)) return undefined;
  return isUnambiguous(bytes.toString('utf8')) ? value : undefined;
}

/** Only meaningful for text that is JSON: commas, colons and literals are not looked at. */
function isUnambiguous(text: string): boolean {
  /** The names seen in each open object; `undefined` for an array. */
  const open: (Set<string> | undefined)[] = [];
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (character === 0x7b || character === 0x5b) {
      open.push(character === 0x7b ? new Set() : undefined);
      if (open.length > DEPTH_MAX) return false;
    } else if (character === 0x7d || character === 0x5d) open.pop();
    else if (character === 0x22) {
      const end = endOfString(text, i);
      const names = open.at(-1);
      if (names !== undefined && isName(text, end)) {
        const name = nameOf(text.slice(i, end));
        if (names.has(name)) return false;
        names.add(name);
      }
      i = end - 1;
    }
  }
  return true;
}

/** The index behind the closing quote. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text.charCodeAt(i) !== 0x22) {
    i += text.charCodeAt(i) === 0x5c ? 2 : 1;
  }
  return i + 1;
}

/** In JSON, a string is a member's name when a colon follows. */
function isName(text: string, end: number): boolean {
  let i = end;
  while (i < text.length && ' \t\r\n'.includes(text.charAt(i))) i++;
  return text.charAt(i) === ':';
}

/** `"a"` and `"\u0061"` are one name. */
function nameOf(literal: string): string {
  if (!literal.includes('\\')) return literal.slice(1, -1);
  const name: unknown = JSON.parse(literal);
  return typeof name === 'string' ? name : '';
}
