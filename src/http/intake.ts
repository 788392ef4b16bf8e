/** What of a request head must be refused or dropped before anything looks at it, as nginx does. */
import type { HeaderList } from './headers.ts';

export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** nginx' own page for a transfer coding it does not know. */
export const NOT_IMPLEMENTED_PAGE =
  '<html>\r\n<head><title>501 Not Implemented</title></head>\r\n<body>\r\n<center><h1>501 Not Implemented</h1></center>\r\n</body>\r\n</html>\r\n';

export const UNKNOWN_TRANSFER_CODING: Refusal = { status: 501, message: NOT_IMPLEMENTED_PAGE };

export const BAD_REQUEST: Refusal = { status: 400, message: 'Bad request' };
/** nginx' own status 494 goes out as 400. */
export const HEADER_TOO_LARGE: Refusal = {
  status: 400,
  message: 'Request header or cookie too large',
};
export const URI_TOO_LONG: Refusal = { status: 414, message: 'URI too long' };
export const METHOD_NOT_ALLOWED: Refusal = { status: 405, message: 'Method not allowed' };
export const VERSION_NOT_SUPPORTED: Refusal = {
  status: 505,
  message: 'HTTP version not supported',
};

/** Names that may stand once only; each has its bit. The rest may repeat (nginx 1.25's list). */
const UNIQUE: ReadonlyMap<string, number> = new Map(
  [
    'host',
    'content-length',
    'transfer-encoding',
    'authorization',
    'expect',
    'if-match',
    'if-none-match',
    'if-modified-since',
    'if-unmodified-since',
    'if-range',
    'content-range',
  ].map((name, bit) => [name, 1 << bit]),
);

const REPEATABLE = 0;
const INVALID = -1;
const VALID_NAME = /^[A-Za-z0-9_-]+$/;

/** Verdicts by name as received; bounded, since names are the client's to choose. */
const seenNames = new Map<string, number>();
const SEEN_NAMES_MAX = 1000;

function verdictOn(name: string): number {
  const seen = seenNames.get(name);
  if (seen !== undefined) return seen;
  const verdict = VALID_NAME.test(name) ? (UNIQUE.get(name.toLowerCase()) ?? REPEATABLE) : INVALID;
  if (seenNames.size < SEEN_NAMES_MAX) seenNames.set(name, verdict);
  return verdict;
}

const HOST_BIT = 1;
const TRANSFER_ENCODING_BIT = UNIQUE.get('transfer-encoding') ?? 0;

/** A name with a slash, a space, a control character or an empty label cannot be meant. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const INVALID_HOST = /[/\u0000-\u0020\u007f]|\.\./;

/**
 * Checks a head and drops, in place, fields whose names nginx ignores (dots, signs). Returns the
 * refusal, or `undefined` when the request may go on. `lineBytesMax` bounds one header line.
 */
export function inspectHead(
  headers: HeaderList,
  httpVersion: string,
  lineBytesMax: number,
): Refusal | undefined {
  let seen = 0;
  let invalid = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const value = headers[i + 1] ?? '';
    // Four bytes for the colon, the space and the line end.
    if (name.length + value.length + 4 > lineBytesMax) return HEADER_TOO_LARGE;
    const verdict = verdictOn(name);
    if (verdict === REPEATABLE) continue;
    if (verdict === INVALID) {
      invalid = true;
      continue;
    }
    if ((seen & verdict) !== 0) return BAD_REQUEST;
    seen |= verdict;
    if (verdict === HOST_BIT && (value === '' || INVALID_HOST.test(value))) return BAD_REQUEST;
    if (verdict === TRANSFER_ENCODING_BIT) {
      // RFC 9112 section 6.1: an HTTP/1.0 message with a transfer coding has faulty framing.
      if (httpVersion === '1.0') return BAD_REQUEST;
      if (value.toLowerCase() !== 'chunked') return UNKNOWN_TRANSFER_CODING;
    }
  }
  if (invalid) dropInvalid(headers);
  return httpVersion === '1.1' && (seen & HOST_BIT) === 0 ? BAD_REQUEST : undefined;
}

function dropInvalid(headers: HeaderList): void {
  let kept = 0;
  for (let i = 0; i < headers.length; i += 2) {
    if (verdictOn(headers[i] ?? '') === INVALID) continue;
    headers[kept] = headers[i] ?? '';
    headers[kept + 1] = headers[i + 1] ?? '';
    kept += 2;
  }
  headers.length = kept;
}
