/**
 * Request targets and paths: what a client's bytes mean before anything is matched. The path that
 * comes out is the one the router and the upstream both see.
 *
 * Node hands targets over as latin1 (one character per byte). Paths made here are ordinary text:
 * bytes of 0x80 and more were read as UTF-8.
 */
import { Buffer, isUtf8 } from 'node:buffer';

/** What `parseRequestTarget` found. */
export type RequestTarget = ParsedTarget | NotUtf8Target | RefusedTarget;

interface TargetParts {
  /** Origin-form, as received: path, query and fragment. */
  readonly target: string;
  /** The path as received, not normalised (`X-Forwarded-Path`). */
  readonly rawPath: string;
  /** The query with its `?`, as received, or the empty string. */
  readonly rawQuery: string;
  /** `host[:port]` of an absolute-form target. No part in routing; nginx redirects to it. */
  readonly authority: string | undefined;
}

export interface ParsedTarget extends TargetParts {
  readonly kind: 'ok';
  /** Normalised. */
  readonly path: string;
}

/** A path that is no UTF-8 text. Kong finds no route for it, whatever the routes are: 404. */
export interface NotUtf8Target extends TargetParts {
  readonly kind: 'not-utf8';
}

/** A target nginx itself refuses; the answer is plain text. */
export interface RefusedTarget {
  readonly kind: 'refused';
  readonly status: 400 | 414;
}

/** nginx reads a request line into a buffer of this size (`large_client_header_buffers`). */
export const TARGET_LENGTH_MAX = 8192;

const BAD_REQUEST: RefusedTarget = { kind: 'refused', status: 400 };
const TOO_LONG: RefusedTarget = { kind: 'refused', status: 414 };

const HASH = 0x23;
const PERCENT = 0x25;
const DOT = 0x2e;
const SLASH = 0x2f;
const QUESTION = 0x3f;

/** Characters whose triplets keep their encoding (RFC 3986 reserved, and `%` itself). */
const KEPT_ENCODED: ReadonlySet<number> = new Set(Buffer.from("!*'();:@&=+$,/?%#[]", 'latin1'));

/** scheme "://" host [":" port], the characters nginx accepts there. */
const ABSOLUTE =
  /^[A-Za-z][A-Za-z0-9+.-]*:\/\/((?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d*)?)(?=[/?#]|$)/;

/**
 * Reads a request target (RFC 9112 section 3.2), origin-form or absolute-form.
 * @param target as Node gives it: latin1
 * @param maxLength longer ones are 414
 */
export function parseRequestTarget(target: string, maxLength = TARGET_LENGTH_MAX): RequestTarget {
  if (target.length > maxLength) return TOO_LONG;
  if (target.charCodeAt(0) === SLASH) return parseOrigin(target, undefined);
  const match = ABSOLUTE.exec(target);
  if (match === null) return BAD_REQUEST;
  const rest = target.slice(match[0].length);
  return parseOrigin(rest.startsWith('/') ? rest : `/${rest}`, match[1]);
}

function parseOrigin(target: string, authority: string | undefined): RequestTarget {
  const end = plainPathEnd(target);
  if (end === -1) return parseUnusual(target, authority);
  if (end === target.length) {
    return { kind: 'ok', path: target, target, rawPath: target, rawQuery: '', authority };
  }
  const path = target.slice(0, end);
  return { kind: 'ok', path, target, rawPath: path, rawQuery: queryOf(target, end), authority };
}

/** Where the path ends, if it is its own normal form as it stands; -1 when a closer look is due. */
function plainPathEnd(target: string): number {
  let afterSlash = false;
  for (let i = 0; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code === QUESTION) return i;
    if (code <= 0x20 || code >= 0x7f || code === PERCENT || code === HASH) return -1;
    if (afterSlash && (code === SLASH || code === DOT)) return -1;
    afterSlash = code === SLASH;
  }
  return target.length;
}

/** nginx ends a query at `#`, and keeps a lone `?` at the very end. */
function queryOf(target: string, question: number): string {
  const hash = target.indexOf('#', question);
  const query = hash === -1 ? target.slice(question) : target.slice(question, hash);
  return query === '?' && hash !== -1 ? '' : query;
}

function parseUnusual(target: string, authority: string | undefined): RequestTarget {
  const question = target.indexOf('?');
  const rawPath = question === -1 ? target : target.slice(0, question);
  if (!isAcceptable(rawPath)) return BAD_REQUEST;
  // A `#` before the first `?` ends what nginx reads: there is no query then.
  const rawQuery = question === -1 || rawPath.includes('#') ? '' : queryOf(target, question);
  const path = textOf(normalizeBytes(rawPath));
  if (path === undefined) return { kind: 'not-utf8', target, rawPath, rawQuery, authority };
  return { kind: 'ok', path, target, rawPath, rawQuery, authority };
}

/**
 * nginx' view of a path: control characters, broken triplets, NUL and dot segments that leave the
 * root are errors. It decodes `%2F` and `%2E` before it looks, and merges slashes first, so that
 * this is stricter than the normalisation. It stops at `#`.
 */
function isAcceptable(rawPath: string): boolean {
  let depth = 0;
  let segment = '';
  for (let i = 0; i <= rawPath.length; i++) {
    let code = i === rawPath.length ? SLASH : rawPath.charCodeAt(i);
    if (code === HASH) return depth - (segment === '..' ? 1 : 0) >= 0;
    if (code <= 0x20 || code === 0x7f) return false;
    if (code === PERCENT) {
      code = tripletAt(rawPath, i);
      if (code <= 0) return false;
      i += 2;
    }
    if (code !== SLASH) {
      // Three characters are enough to tell `.` and `..` from a name.
      if (segment.length < 3) segment += code === DOT ? '.' : 'x';
      continue;
    }
    if (segment === '..') depth--;
    else if (segment !== '' && segment !== '.') depth++;
    if (depth < 0) return false;
    segment = '';
  }
  return true;
}

/**
 * The normal form of a path from a config: triplets decoded except of reserved characters (those
 * get upper-case hex digits), dot segments removed, slashes collapsed. Broken triplets and
 * triplets that are no UTF-8 stay as they are. `/%7Eu/../a//b` gives `/a/b`.
 */
export function normalizePath(raw: string): string {
  const bytes = Buffer.from(raw, 'utf8').toString('latin1');
  return textOf(normalizeBytes(bytes)) ?? textOf(normalizeBytes(bytes, 0x7f)) ?? raw;
}

/** Both sides are byte strings. Triplets above `highest` stay encoded. */
function normalizeBytes(bytes: string, highest = 0xff): string {
  const decoded = bytes.includes('%') ? decodeTriplets(bytes, highest) : bytes;
  const undotted = decoded.includes('/.') ? removeDotSegments(decoded) : decoded;
  return undotted.includes('//') ? undotted.replaceAll(/\/{2,}/g, '/') : undotted;
}

function decodeTriplets(bytes: string, highest: number): string {
  return bytes.replaceAll(/%[0-9A-Fa-f]{2}/g, (triplet) => {
    const code = Number.parseInt(triplet.slice(1), 16);
    const keep = KEPT_ENCODED.has(code) || code > highest;
    return keep ? triplet.toUpperCase() : String.fromCharCode(code);
  });
}

/** RFC 3986 section 5.2.4 for absolute paths: an empty segment is a segment like any other. */
function removeDotSegments(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/');
  for (let i = 1; i < segments.length; i++) {
    const segment = segments[i] ?? '';
    const isLast = i === segments.length - 1;
    if (segment === '..') kept.pop();
    if (segment !== '.' && segment !== '..') kept.push(segment);
    else if (isLast) kept.push('');
  }
  return `/${kept.join('/')}`;
}

/** The byte of the triplet at `index`, or -1. */
function tripletAt(bytes: string, index: number): number {
  const digits = bytes.slice(index + 1, index + 3);
  return /^[0-9A-Fa-f]{2}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
}

/** Reads a byte string as UTF-8; `undefined` when it is none. */
function textOf(bytes: string): string | undefined {
  if (!/[\u0080-\u00ff]/.test(bytes)) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  return isUtf8(buffer) ? buffer.toString('utf8') : undefined;
}
