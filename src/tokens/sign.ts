/** Signing (RFC 7515 section 5.1). What costs more than a few microseconds is done by the thread pool. */
import { constants, createHmac, sign, type KeyObject, type SignKeyObjectInput } from 'node:crypto';
import { hashOf, type Algorithm } from './algorithms.ts';

/** The signature over `input` (ASCII); a promise when it is made off the event loop. */
export type SignatureMaker = (input: string) => Buffer | Promise<Buffer>;

/**
 * A maker for a private key that fits the algorithm; `importJwk` sees to that. HMAC, ES256 and
 * Ed25519 take less time than the way to a thread and back, the others do not.
 */
export function createSignatureMaker(algorithm: Algorithm, key: KeyObject): SignatureMaker {
  const hash = hashOf(algorithm);
  if (hash === undefined) return (input) => sign(null, Buffer.from(input), key);
  switch (algorithm.slice(0, 2)) {
    case 'HS':
      return (input) => createHmac(hash, key).update(input).digest();
    case 'RS':
      return threaded(hash, { key, padding: constants.RSA_PKCS1_PADDING });
    case 'PS':
      return threaded(hash, {
        key,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      });
    default:
      return ecdsa(algorithm, hash, { key, dsaEncoding: 'ieee-p1363' });
  }
}

function ecdsa(algorithm: Algorithm, hash: string, key: SignKeyObjectInput): SignatureMaker {
  if (algorithm !== 'ES256') return threaded(hash, key);
  return (input) => sign(hash, Buffer.from(input), key);
}

function threaded(hash: string, key: SignKeyObjectInput): SignatureMaker {
  return (input) =>
    new Promise((resolve, reject) => {
      sign(hash, Buffer.from(input), key, (error, signature) => {
        if (error === null) resolve(signature);
        else reject(error);
      });
    });
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The first two parts of a token: what is signed. */
export function signingInputOf(header: object, claims: object): string {
  return `${encode(header)}.${encode(claims)}`;
}

/** A whole token in compact form. Rejects when OpenSSL refuses the key. */
export async function signCompact(
  header: object,
  claims: object,
  make: SignatureMaker,
): Promise<string> {
  const input = signingInputOf(header, claims);
  return `${input}.${(await make(input)).toString('base64url')}`;
}
