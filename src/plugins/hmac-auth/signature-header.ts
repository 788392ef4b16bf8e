/** The value of an Authorization header that carries a signature, in Kong's order of parameters. */
import { textOfBytes } from '../../http/bytes.ts';

export interface SignatureParameters {
  readonly username: string;
  readonly algorithm: string;
  /** Names of what was signed, in order and as the client writes them. */
  readonly signed: readonly string[];
  /** Base64. */
  readonly signature: string;
}

const SCHEME = /[Hh]mac[\t-\r ]*username="/g;
const ALGORITHM = /",[\t-\r ]*algorithm="/g;
const HEADERS = /",[\t-\r ]*headers="/g;
const SIGNATURE = /",[\t-\r ]*signature="/g;

interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads `hmac username="…", algorithm="…", headers="…", signature="…"`, which may stand anywhere in the
 * value. Kong's pattern is greedy: each part is as long as can be, the first one above all. Read from the
 * end that takes one pass per part, whatever the value holds.
 */
export function parseSignatureHeader(value: string | undefined): SignatureParameters | undefined {
  if (value === undefined) return undefined;
  const close = value.lastIndexOf('"');
  const signature = lastBefore(value, SIGNATURE, close);
  const headers = lastBefore(value, HEADERS, signature?.start);
  const algorithm = lastBefore(value, ALGORITHM, headers?.start);
  const scheme = firstBefore(value, SCHEME, algorithm?.start);
  if (!scheme || !algorithm || !headers || !signature) return undefined;
  return {
    username: textOfBytes(value.slice(scheme.end, algorithm.start)),
    algorithm: value.slice(algorithm.end, headers.start),
    signed: value.slice(headers.end, signature.start).split(' '),
    signature: value.slice(signature.end, close),
  };
}

/** The last match that leaves at least one character between itself and `limit`. */
function lastBefore(value: string, pattern: RegExp, limit: number | undefined): Range | undefined {
  if (limit === undefined) return undefined;
  let last: Range | undefined;
  for (const { index, 0: text } of value.matchAll(pattern)) {
    if (index + text.length >= limit) break;
    last = { start: index, end: index + text.length };
  }
  return last;
}

function firstBefore(value: string, pattern: RegExp, limit: number | undefined): Range | undefined {
  if (limit === undefined) return undefined;
  const [first] = value.matchAll(pattern);
  if (first === undefined || first.index + first[0].length >= limit) return undefined;
  return { start: first.index, end: first.index + first[0].length };
}
