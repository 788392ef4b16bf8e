/** Signature verification with keys that were typed when the config was loaded (RFC 7518 section 3). */
import { constants, createHmac, timingSafeEqual, verify, type KeyObject } from 'node:crypto';
import { curveOf, hashOf, type Algorithm } from './algorithms.ts';

/**
 * True when `signature` is the key's own over `input` (ASCII). Anything else, also bytes that no
 * signature could be, is false: nothing a client sends makes it throw.
 */
export type SignatureVerifier = (input: string, signature: Buffer) => boolean;

const NEVER: SignatureVerifier = () => false;

/** How long the salt of a PSS signature may be: what its signer chose, or what RFC 7518 section 3.5 demands. */
export type PssSalt = 'any' | 'hash';

/** A key of the wrong kind verifies nothing. */
export function createVerifier(
  algorithm: Algorithm,
  key: KeyObject,
  salt: PssSalt = 'any',
): SignatureVerifier {
  const hash = hashOf(algorithm);
  const kind = key.asymmetricKeyType;
  if (hash === undefined) return kind === 'ed25519' || kind === 'ed448' ? eddsa(key) : NEVER;
  switch (algorithm.slice(0, 2)) {
    case 'HS':
      return key.type === 'secret' ? hmac(hash, key) : NEVER;
    case 'RS':
      return kind === 'rsa' ? rsa(hash, key) : NEVER;
    case 'PS':
      return kind === 'rsa' || kind === 'rsa-pss' ? rsaPss(hash, key, salt) : NEVER;
    default:
      return kind === 'ec'
        ? ecdsa(hash, key, 2 * (curveOf(algorithm)?.coordinateBytes ?? 0))
        : NEVER;
  }
}

function hmac(hash: string, key: KeyObject): SignatureVerifier {
  return (input, signature) => {
    const expected = createHmac(hash, key).update(input).digest();
    return expected.length === signature.length && timingSafeEqual(expected, signature);
  };
}

function rsa(hash: string, key: KeyObject): SignatureVerifier {
  const options = { key, padding: constants.RSA_PKCS1_PADDING };
  return quietly((input, signature) => verify(hash, Buffer.from(input), options, signature));
}

function rsaPss(hash: string, key: KeyObject, salt: PssSalt): SignatureVerifier {
  const {
    RSA_PKCS1_PSS_PADDING: padding,
    RSA_PSS_SALTLEN_AUTO,
    RSA_PSS_SALTLEN_DIGEST,
  } = constants;
  const saltLength = salt === 'any' ? RSA_PSS_SALTLEN_AUTO : RSA_PSS_SALTLEN_DIGEST;
  const options = { key, padding, saltLength };
  return quietly((input, signature) => verify(hash, Buffer.from(input), options, signature));
}

/** Raw R‖S, so the length follows from the curve; DER has another one (RFC 7518 section 3.4). */
function ecdsa(hash: string, key: KeyObject, bytes: number): SignatureVerifier {
  const options = { key, dsaEncoding: 'ieee-p1363' } as const;
  return quietly(
    (input, signature) =>
      signature.length === bytes && verify(hash, Buffer.from(input), options, signature),
  );
}

function eddsa(key: KeyObject): SignatureVerifier {
  return quietly((input, signature) => verify(null, Buffer.from(input), key, signature));
}

/** OpenSSL throws for some signatures that it cannot read: they are not valid. */
function quietly(verifier: SignatureVerifier): SignatureVerifier {
  return (input, signature) => {
    try {
      return verifier(input, signature);
    } catch {
      return false;
    }
  };
}
