/** From the text of a token to its parts (RFC 7515 section 3.1), with Kong's word for each fault. */
import { decodeBase64url, isCanonicalBase64url } from '../../http/base64url.ts';
import { memberOf, parseJson } from '../../http/json.ts';
import type { Fault } from './refusals.ts';

/** What is wrong with a token whose parts cannot be read. */
export type TokenFault = Extract<Fault, `Bad token; ${string}`>;

export interface ParsedToken {
  readonly alg: string;
  /** JSON values; members are read with `memberOf` only. Nothing in them is trusted yet. */
  readonly header: unknown;
  readonly claims: unknown;
  readonly signingInput: string;
  readonly signature: Buffer;
  /** False: the same bytes have another, regular text. Such a signature is refused. */
  readonly isCanonical: boolean;
}

const ALGORITHMS: ReadonlySet<unknown> = new Set([
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'EdDSA',
]);

/** Never throws: any text gives a token or the first fault in Kong's order. */
export function parseToken(token: string): ParsedToken | TokenFault {
  const firstDot = token.indexOf('.');
  const secondDot = firstDot === -1 ? -1 : token.indexOf('.', firstDot + 1);
  if (secondDot === -1) return 'Bad token; invalid JSON';
  const header = jsonPart(token.slice(0, firstDot));
  const payload = jsonPart(token.slice(firstDot + 1, secondDot));
  if (!isIndexable(header?.value) || payload === undefined) return 'Bad token; invalid JSON';
  if (payload.value !== false && !isIndexable(payload.value)) return 'Bad token; invalid JSON';
  const alg = memberOf(header?.value, 'alg');
  if (typeof alg !== 'string' || !ALGORITHMS.has(alg)) return 'Bad token; invalid alg';
  if (payload.value === false) return 'Bad token; invalid claims';
  const third = token.slice(secondDot + 1);
  const signature = decodeBase64url(third);
  if (signature === undefined) return 'Bad token; invalid signature';
  return {
    alg,
    header: header?.value,
    claims: payload.value,
    signingInput: token.slice(0, secondDot),
    signature,
    isCanonical: isCanonicalBase64url(third),
  };
}

function jsonPart(text: string): { readonly value: unknown } | undefined {
  const bytes = decodeBase64url(text);
  return bytes === undefined ? undefined : parseJson(bytes);
}

/** Kong can look members up in these and crashes on other values; arrays and strings have none. */
const isIndexable = (value: unknown): boolean =>
  (typeof value === 'object' && value !== null) || typeof value === 'string';
