/** Query strings as Kong's plugins see them (nginx-lua's `get_uri_args`). */
import { bytesOfText, textOfBytes } from './bytes.ts';

/** A value, `true` for an argument without `=`, or all of them in order when repeated. */
export type QueryValue = string | true | readonly (string | true)[];
export type QueryArgs = ReadonlyMap<string, QueryValue>;

/** Kong: `lua_max_uri_args` and `lua_max_post_args`. Further arguments are not seen. */
export const ARGUMENTS_MAX = 100;

const NO_ARGUMENTS: QueryArgs = new Map();
const TRIPLET = /%([0-9A-Fa-f]{2})/g;
const RESERVED_BYTE = /[^A-Za-z0-9._~-]/g;

/**
 * The arguments of a raw query, with or without its `?`, by decoded name. At most 100 are read;
 * those without a name are left out. Never throws: a broken triplet stands for itself.
 */
export function parseQuery(rawQuery: string): QueryArgs {
  if (rawQuery.length <= 1) return NO_ARGUMENTS;
  return parseArguments(withoutMark(rawQuery));
}

/** Arguments of a query or form body given as a byte string without `?`. */
export function parseArguments(bytes: string): QueryArgs {
  const args = new Map<string, QueryValue>();
  for (const segment of segmentsOf(bytes, ARGUMENTS_MAX)) {
    const equals = segment.indexOf('=');
    const name = textOfBytes(decodeArgument(equals === -1 ? segment : segment.slice(0, equals)));
    if (name === '') continue;
    const value = equals === -1 ? true : textOfBytes(decodeArgument(segment.slice(equals + 1)));
    args.set(name, appended(args.get(name), value));
  }
  return args;
}

function appended(known: QueryValue | undefined, value: string | true): QueryValue {
  if (known === undefined) return value;
  return typeof known === 'object' ? [...known, value] : [known, value];
}

/** The first `limit` pieces between the ampersands. */
export function segmentsOf(bytes: string, limit?: number): string[] {
  return bytes === '' ? [] : bytes.split('&', limit);
}

/** The decoded name of a piece `name=value`, as a byte string. */
export function segmentName(segment: string): string {
  const equals = segment.indexOf('=');
  return decodeArgument(equals === -1 ? segment : segment.slice(0, equals));
}

/**
 * The raw query without every argument called `name`, encoded anew as Kong does it: a space is `+`,
 * upper-case triplets, `name=` for an argument without a value. A query without that argument comes
 * back as it is. Both have their `?`; a query with nothing left is the empty string.
 */
export function withoutQueryArgument(rawQuery: string, name: string): string {
  const bytes = bytesOfText(name);
  const segments = segmentsOf(withoutMark(rawQuery));
  const kept = segments.filter((segment) => segmentName(segment) !== bytes);
  if (kept.length === segments.length) return rawQuery;
  const encoded = kept.filter((segment) => segmentName(segment) !== '').map(encodeAnew);
  return encoded.length === 0 ? '' : `?${encoded.join('&')}`;
}

const withoutMark = (rawQuery: string): string =>
  rawQuery.startsWith('?') ? rawQuery.slice(1) : rawQuery;

function encodeAnew(segment: string): string {
  const equals = segment.indexOf('=');
  const value = equals === -1 ? '' : decodeArgument(segment.slice(equals + 1));
  return `${encodeArgument(segmentName(segment))}=${encodeArgument(value)}`;
}

const encodeArgument = (bytes: string): string =>
  bytes.replaceAll(RESERVED_BYTE, (byte) =>
    byte === ' ' ? '+' : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );

/** From bytes to bytes: `+` is a space, triplets are decoded, anything else stays. */
export function decodeArgument(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  return spaced.replaceAll(TRIPLET, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
