/**
 * JWS in compact form, read strictly (RFC 7515 section 5.2, RFC 8725). What this takes has exactly
 * one reading: no padding, no white space, no unused bits, no member twice, no extension.
 */
import { isCanonicalBase64url } from '../http/base64url.ts';
import { algorithmNamed, type Algorithm } from './algorithms.ts';
import { parseStrictObject, type JsonObject } from './strict-json.ts';

/** A token whose form is right. Nothing in it is true until its signature was verified. */
export interface CompactJws {
  readonly algorithm: Algorithm;
  /** `undefined` when the header has none. */
  readonly kid: string | undefined;
  /** Members are read with `memberOf` or `Object.hasOwn` only. */
  readonly header: JsonObject;
  /** The decoded second part. */
  readonly payload: Buffer;
  /** What is signed: the first two parts with their dot. */
  readonly signingInput: string;
  readonly signature: Buffer;
}

/** Why a text is not taken, for logs and challenges; it repeats nothing of the token. */
export type JwsFault =
  | 'too long'
  | 'not three base64url parts'
  | 'the header is not a JSON object with unique members'
  | 'alg is missing or not supported'
  | 'kid is not a string of 1 to 256 characters'
  | 'crit, b64 and zip are not supported'
  | 'the token is nested'
  | 'typ names a token for something else';

export type ParsedJws =
  | { readonly jws: CompactJws; readonly fault?: undefined }
  | { readonly jws?: undefined; readonly fault: JwsFault };

/** Of a whole token. Header lines are limited before; tokens from bodies and queries are not. */
const LENGTH_MAX = 64 * 1024;
const KID_LENGTH_MAX = 256;
const PARTS = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]+)$/;

/**
 * Reads a token without believing it. Never throws.
 * `jwk`, `jku`, `x5c` and `x5u` in the header are left alone: no key ever comes from a token.
 */
export function parseCompact(text: string): ParsedJws {
  if (text.length > LENGTH_MAX) return { fault: 'too long' };
  const [, first, second, third] = PARTS.exec(text) ?? [];
  const header = decodePart(first);
  const payload = decodePart(second);
  const signature = decodePart(third);
  if (header === undefined || payload === undefined || signature === undefined) {
    return { fault: 'not three base64url parts' };
  }
  const members = parseStrictObject(header);
  if (members === undefined)
    return { fault: 'the header is not a JSON object with unique members' };
  const read = readHeader(members);
  if (typeof read === 'string') return { fault: read };
  const signingInput = text.slice(0, text.lastIndexOf('.'));
  return { jws: { ...read, header: members, payload, signingInput, signature } };
}

function decodePart(text: string | undefined): Buffer | undefined {
  if (text === undefined || text.length % 4 === 1) return undefined;
  return isCanonicalBase64url(text) ? Buffer.from(text, 'base64url') : undefined;
}

const own = (header: JsonObject, name: string): unknown =>
  Object.hasOwn(header, name) ? header[name] : undefined;

/** No extension is understood, so RFC 7515 section 4.1.11 demands to refuse each critical one. */
const UNSUPPORTED = ['crit', 'b64', 'zip', 'enc'] as const;

/**
 * `typ` of JWTs that an issuer signs with the same keys and that are no access tokens (RFC 8725
 * sections 2.8 and 3.11): those of the IANA registry of media types. Whatever else is written there
 * says nothing.
 */
const FOREIGN_TYPES: ReadonlySet<string> = new Set([
  'authzen-request+jwt',
  'client-authentication+jwt',
  'dpop+jwt',
  'entity-statement+jwt',
  'kb+jwt',
  'logout+jwt',
  'oauth-authz-req+jwt',
  'oauth-client-attestation+jwt',
  'oauth-client-attestation-pop+jwt',
  'openid4vci-proof+jwt',
  'resolve-response+jwt',
  'secevent+jwt',
  'statuslist+jwt',
  'token-introspection+jwt',
  'trust-mark+jwt',
  'vc+jwt',
  'vp+jwt',
]);

/** Case does not count, and `application/` may be left out (RFC 7515 section 4.1.9). */
const isForeign = (typ: unknown): boolean =>
  typeof typ === 'string' &&
  typ.includes('+') &&
  FOREIGN_TYPES.has(typ.toLowerCase().replace(/^application\//, ''));

function readHeader(header: JsonObject): Pick<CompactJws, 'algorithm' | 'kid'> | JwsFault {
  const algorithm = algorithmNamed(own(header, 'alg'));
  if (algorithm === undefined) return 'alg is missing or not supported';
  if (UNSUPPORTED.some((name) => own(header, name) !== undefined)) {
    return 'crit, b64 and zip are not supported';
  }
  const type = own(header, 'cty');
  if (typeof type === 'string' && type.toUpperCase() === 'JWT') return 'the token is nested';
  if (isForeign(own(header, 'typ'))) return 'typ names a token for something else';
  const kid = own(header, 'kid');
  if (kid === undefined) return { algorithm, kid: undefined };
  const isKid = typeof kid === 'string' && kid !== '' && kid.length <= KID_LENGTH_MAX;
  return isKid ? { algorithm, kid } : 'kid is not a string of 1 to 256 characters';
}

/** The payload as claims (RFC 7519 section 4), or `undefined` when it is anything but one JSON object. */
export const parseClaims = (jws: CompactJws): JsonObject | undefined =>
  parseStrictObject(jws.payload);
