/** Pages of a list: `size`, `offset` and the `next` link as Kong's DB-less storage makes them. */
import { Buffer } from 'node:buffer';
import type { QueryArgs } from '../http/query.ts';
import { entityError, type AdminResponse } from './response.ts';

const DEFAULT_SIZE = 100;
const SIZE_MAX = 1000;
/** The id of Kong's default workspace in DB-less mode, a part of every storage key. */
const WORKSPACE = '0dc6f45b-8f8d-40d2-a504-473544ee190b';
/** A number as Lua reads one: decimal or hexadecimal, blanks around it allowed. */
const LUA_NUMBER = /^\s*[+-]?(?:0x[\da-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|nan)\s*$/i;
const BASE64URL = /^[\w-]*$/;

export interface PageRequest {
  readonly size: number;
  /** The offset as sent, or `undefined` for the first page. */
  readonly offset: string | undefined;
}

export interface Page<T> {
  readonly rows: readonly T[];
  /** Leads to the rows that follow; `undefined` on the last page. */
  readonly offset: string | undefined;
}

/** What rows of a list are found by: the storage key of a row is `prefix`, its key and a zero byte. */
export interface PageKeys<T> {
  readonly prefix: string;
  readonly keyOf: (row: T) => string;
}

type Refused = { readonly refusal: AdminResponse };

const invalidSize = (text: string): Refused => ({ refusal: entityError('invalid size', text) });

/** Reads `size`; a repeated one or one without a value is refused like any other that is no number. */
export function readSize(query: QueryArgs): number | Refused {
  const value = query.get('size');
  if (value === undefined) return DEFAULT_SIZE;
  if (typeof value !== 'string' || !LUA_NUMBER.test(value)) {
    return invalidSize('size must be a number');
  }
  const size = Number(value);
  if (!Number.isInteger(size) || size < 1 || size > SIZE_MAX) {
    return invalidSize(`size must be an integer between 1 and ${SIZE_MAX}`);
  }
  return size;
}

function invalidOffset(offset: string): Refused {
  const text = `'${offset}' is not a valid offset: bad base64 encoding`;
  return { refusal: entityError('invalid offset', text) };
}

const isBase64Url = (text: string): boolean => BASE64URL.test(text) && text.length % 4 !== 1;

/**
 * Reads `size` and `offset` of a list whose offsets are storage keys. Below a parent (`lenient`)
 * Kong does not refuse a token that is none, it only finds nothing with it.
 */
export function readPageRequest(
  query: QueryArgs,
  mode: 'strict' | 'lenient' = 'strict',
): PageRequest | Refused {
  const size = readSize(query);
  if (typeof size !== 'number') return size;
  const offset = query.get('offset');
  if (offset === undefined) return { size, offset };
  if (typeof offset !== 'string' || offset === '') return invalidOffset('');
  if (mode === 'strict' && !isBase64Url(offset)) return invalidOffset(offset);
  return { size, offset };
}

/** Storage keys of a list: of everything of `entity`, or by one foreign key. */
export function storagePrefix(entity: string, by?: { field: string; id: string }): string {
  return by === undefined
    ? `${entity}|${WORKSPACE}|*|`
    : `${entity}|${WORKSPACE}|${by.field}|${by.id}|`;
}

/** Storage keys of a list with a tag filter, which Kong reads in all workspaces. */
export const taggedPrefix = (entity: string): string => `${entity}|*|*|`;

/** The key after which a page starts, or `undefined` for a token of another list. */
function keyInOffset(offset: string, prefix: string): string | undefined {
  const text = Buffer.from(offset, 'base64url').toString('utf8');
  return text.startsWith(prefix) && text.endsWith('\0') ? text.slice(prefix.length, -1) : undefined;
}

/**
 * Cuts a page out of rows that are in the order of their keys. A page that is full has an offset
 * even when nothing follows, as in Kong. A token of another list leads nowhere.
 */
export function pageOf<T>(rows: readonly T[], request: PageRequest, keys: PageKeys<T>): Page<T> {
  let from = 0;
  if (request.offset !== undefined) {
    const after = keyInOffset(request.offset, keys.prefix);
    const found = after === undefined ? -1 : rows.findIndex((row) => keys.keyOf(row) > after);
    from = found === -1 ? rows.length : found;
  }
  const page = rows.slice(from, from + request.size);
  const last = page.at(-1);
  if (last === undefined || page.length < request.size) return { rows: page, offset: undefined };
  const offset = Buffer.from(`${keys.prefix}${keys.keyOf(last)}\0`).toString('base64url');
  return { rows: page, offset };
}

/** The body of a list; `next` links to the following page. */
export function listBody<T>(page: Page<T>, next: (offset: string) => string): object {
  if (page.offset === undefined) return { data: page.rows, next: null };
  return { data: page.rows, next: next(page.offset), offset: page.offset };
}
