/** JWK sets (RFC 7517 section 5) from a provider: bounded, and each key either typed or left out with a reason. */
import { isObject, parseJson } from '../http/json.ts';
import type { Algorithm } from './algorithms.ts';
import type { CompactJws } from './compact.ts';
import { importJwk, isFault, type ImportedKey } from './jwk.ts';
import { createVerifier, type SignatureVerifier } from './verify.ts';

/** Keys of a set beyond that make it invalid: no provider has so many, and each costs a look. */
export const SET_KEYS_MAX = 100;
export const SET_BYTES_MAX = 256 * 1024;
/** Keys that one token is tried with: a set without key ids must not make verification costly. */
const TRIES_MAX = 16;

/** A key of a set that may verify. */
export interface VerificationKey {
  readonly kid: string | undefined;
  readonly algorithms: readonly Algorithm[];
  /** Only for an algorithm of `algorithms`. */
  verifier(algorithm: Algorithm): SignatureVerifier;
}

/** A key that was left out. */
export interface SkippedKey {
  /** Its place in `keys`. */
  readonly index: number;
  readonly reason: string;
}

export interface JwkSet {
  readonly keys: readonly VerificationKey[];
  readonly skipped: readonly SkippedKey[];
}

/** Why a whole document is no set. */
export interface JwkSetFault {
  readonly fault: string;
}

/**
 * Reads the text of a set. A set without a single usable key is a fault: it would lock everybody
 * out, which is never what a provider means. Never throws.
 */
export function parseJwkSet(bytes: Buffer): JwkSet | JwkSetFault {
  if (bytes.length > SET_BYTES_MAX) return { fault: `longer than ${SET_BYTES_MAX} bytes` };
  const parsed = parseJson(bytes);
  return parsed === undefined ? { fault: 'not JSON' } : readJwkSet(parsed.value);
}

/** The same for a value that was parsed already. */
export function readJwkSet(value: unknown): JwkSet | JwkSetFault {
  const members = membersOf(value);
  if ('fault' in members) return members;
  const keys: VerificationKey[] = [];
  const skipped: SkippedKey[] = [];
  members.jwks.forEach((jwk, index) => {
    const outcome = importJwk(jwk, 'verify');
    if (isFault(outcome)) skipped.push({ index, reason: outcome.reason });
    else keys.push(verificationKey(outcome));
  });
  if (keys.length > 0) return { keys, skipped };
  const reasons = [...new Set(skipped.map(({ reason }) => reason))].slice(0, 3).join('; ');
  return { fault: reasons === '' ? 'no keys' : `no usable key: ${reasons}` };
}

/** The members of `keys`, not looked at yet. */
export function membersOf(value: unknown): { readonly jwks: readonly unknown[] } | JwkSetFault {
  const jwks: unknown = isObject(value) && Object.hasOwn(value, 'keys') ? value['keys'] : undefined;
  if (!Array.isArray(jwks)) return { fault: 'no member `keys` with a list' };
  if (jwks.length > SET_KEYS_MAX) return { fault: `more than ${SET_KEYS_MAX} keys` };
  return { jwks };
}

/** A key as one of a set; its verifiers are made on first use, and once. */
export function verificationKey({ kid, algorithms, key }: ImportedKey): VerificationKey {
  const made = new Map<Algorithm, SignatureVerifier>();
  return {
    kid,
    algorithms,
    verifier(algorithm) {
      const known = made.get(algorithm) ?? createVerifier(algorithm, key, 'hash');
      made.set(algorithm, known);
      return known;
    },
  };
}

/**
 * The keys that may have signed a token: those of its `kid` (a set may hold several, RFC 7517
 * section 4.5, and some have none), else all; in any case only with an algorithm the key allows.
 */
export function candidatesFor(
  keys: readonly VerificationKey[],
  { algorithm, kid }: Pick<CompactJws, 'algorithm' | 'kid'>,
): readonly VerificationKey[] {
  const fitting = keys.filter((key) => key.algorithms.includes(algorithm));
  if (kid === undefined) return fitting.slice(0, TRIES_MAX);
  const named = fitting.filter((key) => key.kid === kid);
  return (named.length > 0 ? named : fitting.filter((key) => key.kid === undefined)).slice(
    0,
    TRIES_MAX,
  );
}

/** The key of a set that verifies the token, if one does. */
export function findSigner(
  keys: readonly VerificationKey[],
  jws: CompactJws,
): VerificationKey | undefined {
  const { algorithm, signingInput, signature } = jws;
  return candidatesFor(keys, jws).find((key) => key.verifier(algorithm)(signingInput, signature));
}
