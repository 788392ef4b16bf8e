/** JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037), taken only when nothing about them is odd. */
import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { decodeBase64url, isCanonicalBase64url } from '../http/base64url.ts';
import { isObject } from '../http/json.ts';
import { ALGORITHMS, algorithmNamed, ecdsaOn, hmacBytesMin, type Algorithm } from './algorithms.ts';
import { hasRocaFingerprint } from './roca.ts';
import type { JsonObject } from './strict-json.ts';

/** What a key is wanted for; a set for verification must not hold private keys. */
export type KeyPurpose = 'verify' | 'sign';

/** A key with everything decided that a token could otherwise choose. */
export interface ImportedKey {
  readonly kid: string | undefined;
  /** Those it may be used with: the one in its `alg`, else all that its type allows. */
  readonly algorithms: readonly Algorithm[];
  readonly key: KeyObject;
}

/** Why a key is not used; it repeats nothing of the key. */
export interface JwkFault {
  readonly reason: string;
}

export type ImportOutcome = ImportedKey | JwkFault;

export const isFault = (outcome: ImportOutcome): outcome is JwkFault => 'reason' in outcome;

const RSA_BITS_MIN = 2048;
const RSA_BITS_MAX = 8192;
/** Beyond that a verification takes as long as an attacker likes. */
const EXPONENT_BYTES_MAX = 4;
const KID_LENGTH_MAX = 256;
const OCT_BYTES_MAX = 1024;
/** Private members of every type; `k` is not among them, it is all there is of an `oct` key. */
export const PRIVATE_MEMBERS: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth'];

const RSA_ALGORITHMS = ALGORITHMS.filter((name) => /^[RP]S/.test(name));
const HMAC_ALGORITHMS = ALGORITHMS.filter((name) => name.startsWith('HS'));
const EDWARDS_BYTES: ReadonlyMap<unknown, number> = new Map([
  ['Ed25519', 32],
  ['Ed448', 57],
]);

/** Imports one member of `keys`. Unknown members are ignored (RFC 7517 section 4). Never throws. */
export function importJwk(jwk: unknown, purpose: KeyPurpose): ImportOutcome {
  if (!isObject(jwk)) return { reason: 'not a JSON object' };
  const member = (name: string): unknown => (Object.hasOwn(jwk, name) ? jwk[name] : undefined);
  const kid = member('kid');
  if (kid !== undefined && !isKid(kid))
    return { reason: 'kid is not a string of 1 to 256 characters' };
  const misuse = faultOfUse(member('use'), member('key_ops'), purpose);
  if (misuse !== undefined) return { reason: misuse };
  const material = materialOf(jwk, purpose);
  if ('reason' in material) return material;
  const algorithms = narrow(material.algorithms, member('alg'));
  if (algorithms.length === 0) return { reason: 'alg does not fit the type of the key' };
  return { kid, algorithms, key: material.key };
}

const isKid = (kid: unknown): kid is string =>
  typeof kid === 'string' && kid !== '' && kid.length <= KID_LENGTH_MAX;

function narrow(possible: readonly Algorithm[], alg: unknown): readonly Algorithm[] {
  if (alg === undefined) return possible;
  const named = algorithmNamed(alg);
  return named !== undefined && possible.includes(named) ? [named] : [];
}

/** `use` and `key_ops` must agree with the purpose, and so with each other (RFC 7517 section 4.3). */
function faultOfUse(use: unknown, operations: unknown, purpose: KeyPurpose): string | undefined {
  if (use !== undefined && use !== 'sig') return 'use is not sig';
  if (operations === undefined) return undefined;
  if (!Array.isArray(operations) || operations.some((one) => typeof one !== 'string')) {
    return 'key_ops is not a list of names';
  }
  if (new Set(operations).size < operations.length) return 'key_ops names an operation twice';
  // A private key that signs may also be meant to verify; nothing else goes with signatures.
  if (operations.some((one) => one !== 'sign' && one !== 'verify'))
    return 'key_ops is for more than signatures';
  return operations.includes(purpose) ? undefined : `key_ops does not allow to ${purpose}`;
}

interface Material {
  readonly key: KeyObject;
  readonly algorithms: readonly Algorithm[];
}

function materialOf(jwk: JsonObject, purpose: KeyPurpose): Material | JwkFault {
  switch (jwk['kty']) {
    case 'oct':
      return secretMaterial(jwk['k']);
    case 'RSA':
      return faultOfRsa(jwk) ?? asymmetric(jwk, purpose, RSA_ALGORITHMS);
    case 'EC': {
      const found = ecdsaOn(jwk['crv']);
      if (found === undefined) return { reason: 'crv is not supported' };
      const { coordinateBytes } = found.curve;
      const isSized = ['x', 'y'].every((name) => bytesOf(jwk[name])?.length === coordinateBytes);
      return isSized
        ? asymmetric(jwk, purpose, [found.algorithm])
        : { reason: 'a coordinate has not the length of its curve' };
    }
    case 'OKP': {
      const length = EDWARDS_BYTES.get(jwk['crv']);
      if (length === undefined) return { reason: 'crv is not supported' };
      return bytesOf(jwk['x'])?.length === length
        ? asymmetric(jwk, purpose, ['EdDSA'])
        : { reason: 'x has not the length of its curve' };
    }
    default:
      return { reason: 'kty is not supported' };
  }
}

function secretMaterial(k: unknown): Material | JwkFault {
  const secret = bytesOf(k);
  if (secret === undefined || secret.length > OCT_BYTES_MAX)
    return { reason: 'k is not base64url' };
  const algorithms = HMAC_ALGORITHMS.filter((name) => secret.length >= hmacBytesMin(name));
  if (algorithms.length === 0) return { reason: 'k is shorter than 256 bits' };
  return { key: createSecretKey(secret), algorithms };
}

/** Canonical base64url without padding, or `undefined`. */
function bytesOf(text: unknown): Buffer | undefined {
  if (typeof text !== 'string' || text === '' || text.includes('=')) return undefined;
  return isCanonicalBase64url(text) ? decodeBase64url(text) : undefined;
}

const withoutZeros = (bytes: Buffer): Buffer => {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first === -1 ? bytes.subarray(bytes.length) : bytes.subarray(first);
};

function faultOfRsa(jwk: JsonObject): JwkFault | undefined {
  const modulus = bytesOf(jwk['n']);
  const exponent = bytesOf(jwk['e']);
  if (modulus === undefined || exponent === undefined) return { reason: 'n or e is not base64url' };
  // Old Java libraries write a sign octet in front.
  const n = withoutZeros(modulus);
  const e = withoutZeros(exponent);
  const bits = n.length * 8 - Math.clz32(n[0] ?? 0) + 24;
  if (bits < RSA_BITS_MIN) return { reason: `the modulus has less than ${RSA_BITS_MIN} bits` };
  if (bits > RSA_BITS_MAX) return { reason: `the modulus has more than ${RSA_BITS_MAX} bits` };
  if (isEven(n)) return { reason: 'the modulus is even' };
  const isOne = e.length === 1 && e[0] === 1;
  if (e.length === 0 || e.length > EXPONENT_BYTES_MAX || isEven(e) || isOne) {
    return { reason: 'the exponent is not an odd number from 3 to 2^32' };
  }
  return hasRocaFingerprint(n)
    ? { reason: 'the modulus was made by a broken generator (ROCA)' }
    : undefined;
}

const isEven = (bytes: Buffer): boolean => ((bytes.at(-1) ?? 0) & 1) === 0;

function asymmetric(
  jwk: JsonObject,
  purpose: KeyPurpose,
  algorithms: readonly Algorithm[],
): Material | JwkFault {
  const isPrivate = PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name));
  if (purpose === 'verify' && isPrivate) return { reason: 'it has private members' };
  if (purpose === 'sign' && !Object.hasOwn(jwk, 'd'))
    return { reason: 'it has no private members' };
  try {
    const input = { key: jwkInput(jwk), format: 'jwk' } as const;
    const key = purpose === 'sign' ? createPrivateKey(input) : createPublicKey(input);
    return { key, algorithms };
  } catch {
    // A point off the curve, numbers that do not belong together. The message could quote them.
    return { reason: 'the numbers of the key are not valid' };
  }
}

const MATERIAL = ['kty', 'crv', 'n', 'e', 'x', 'y', 'd', 'p', 'q', 'dp', 'dq', 'qi'];

/** Its own members alone: what else a stranger wrote there does not reach OpenSSL. */
function jwkInput(jwk: JsonObject): JsonWebKey {
  return Object.fromEntries(
    MATERIAL.filter((name) => Object.hasOwn(jwk, name)).map((name) => [name, jwk[name]]),
  );
}
