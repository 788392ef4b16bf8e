/** JSON from strangers: well-formed UTF-8, one value, bounded nesting. */
import { isUtf8 } from 'node:buffer';

/** The nesting that Kong's parser takes. */
const DEPTH_MAX = 1000;

/** A parsed value, wrapped because `undefined` and `null` both mean something. */
export interface ParsedJson {
  readonly value: unknown;
}

/**
 * Parses JSON text (RFC 8259). Of members with one name the last counts. Never throws.
 * @returns `undefined` for anything else: no UTF-8, a byte order mark, deeper than 1000 levels
 */
export function parseJson(bytes: Buffer): ParsedJson | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString('utf8');
  if (text.length > DEPTH_MAX && isDeeperThan(text, DEPTH_MAX)) return undefined;
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined; // the message would quote the input
  }
}

/** A member of an object by its own name; inherited names and array items are none. */
export function memberOf(value: unknown, name: string): unknown {
  if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
  return value[name];
}

/** True for a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Counts brackets outside of strings; only meaningful for text that then proves to be JSON. */
function isDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quoted) {
      if (character === '\\') i++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '[' || character === '{') {
      if (++depth > limit) return true;
    } else if (character === ']' || character === '}') depth--;
  }
  return false;
}
