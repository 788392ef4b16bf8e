/** What a function of the Admin API is given: the request target taken apart, and the body. */
import { Buffer } from 'node:buffer';
import { textOfBytes } from '../http/bytes.ts';
import { decodeArgument, type QueryArgs, type QueryValue } from '../http/query.ts';
import type { MediaType } from './body.ts';
import type { AdminClient } from './guard/index.ts';
import type { AdminResponse } from './response.ts';
import type { AdminDeps } from './types.ts';

/** Kong reads no more arguments than this, of a query or of a form. */
export const ARGUMENTS_MAX = 1000;

export interface AdminRequest {
  /** Who sent it: let in by the guard. */
  readonly client: AdminClient;
  readonly method: string;
  /** As received, without the query. */
  readonly path: string;

  /** The decoded path segments that stand where the route's pattern has names. */
  readonly params: readonly string[];
  readonly query: QueryArgs;
  /** The empty string when there is no body. */
  readonly mediaType: MediaType | '';
  /** As received: the parameters are needed for multipart bodies. */
  readonly contentType: string;
  /** Empty unless the method is POST, PUT or PATCH. */
  readonly body: Buffer;
}

export type Handler = (
  request: AdminRequest,
  deps: AdminDeps,
) => AdminResponse | Promise<AdminResponse>;

export interface Target {
  /** Decoded; a trailing slash is gone, and an empty segment means an unknown path. */
  readonly segments: readonly string[];
  /** Without its `?`, one character per byte. */
  readonly rawQuery: string;
}

const decoded = (bytes: string): string => textOfBytes(decodeArgument(bytes));

/**
 * Arguments of a query or an urlencoded form, in order; `true` for one without `=`.
 * @param text one character per byte
 */
export function parseArguments(text: string): readonly (readonly [string, string | true])[] {
  return text
    .split('&')
    .filter((part) => part !== '' && !part.startsWith('='))
    .map((part) => {
      const equals = part.indexOf('=');
      if (equals === -1) return [decoded(part), true];
      return [decoded(part.slice(0, equals)), decoded(part.slice(equals + 1))];
    });
}

/** Arguments by name, or `undefined` when there are more than Kong reads. */
export function parseQuery(rawQuery: string): QueryArgs | undefined {
  const args = parseArguments(rawQuery);
  if (args.length > ARGUMENTS_MAX) return undefined;
  const byName = new Map<string, QueryValue>();
  for (const [name, value] of args) {
    const known = byName.get(name);
    if (known === undefined) byName.set(name, value);
    else byName.set(name, [known, value].flat());
  }
  return byName;
}

/**
 * Takes an origin-form target apart, or gives `undefined` for one that is no text (a broken
 * triplet, a zero byte, no UTF-8). Segments are decoded after splitting: `%2F` separates nothing.
 * @param url as Node gives it: one character per byte
 */
export function parseTarget(url: string): Target | undefined {
  if (!url.startsWith('/')) return undefined;
  const [beforeFragment = ''] = url.split('#', 1);
  const mark = beforeFragment.indexOf('?');
  const rawPath = mark === -1 ? beforeFragment : beforeFragment.slice(0, mark);
  const rawQuery = mark === -1 ? '' : beforeFragment.slice(mark + 1);
  const path = Buffer.from(rawPath, 'latin1').toString('utf8');
  try {
    const segments = path.slice(1).split('/').map(decodeURIComponent);
    if (segments.some((segment) => segment.includes('\0'))) return undefined;
    if (segments.length > 1 && segments.at(-1) === '') segments.pop();
    return { segments, rawQuery };
  } catch {
    return undefined;
  }
}
