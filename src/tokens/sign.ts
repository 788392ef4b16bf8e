/** Signing (RFC 7515 section 5.1). What costs more than a few microseconds is not done on the event loop. */
import { constants, createHmac, sign, type KeyObject, type SignKeyObjectInput } from 'node:crypto';
import { hashOf, type Algorithm } from './algorithms.ts';

/** The signature over `input` (ASCII), in base64url; a promise when it is made off the event loop. */
export type SignatureMaker = (input: string) => string | Promise<string>;

/** A maker for a private key that fits the algorithm; `importJwk` sees to that. */
export type MakerFor = (algorithm: Algorithm, key: KeyObject) => SignatureMaker;

/** What OpenSSL needs to know of a signature that takes hundreds of microseconds. May be sent to a thread. */
export interface SlowSignature {
  readonly hash: string;
  readonly options: SignKeyObjectInput;
}

/**
 * Slow ones are made by libuv's threads, each by itself. HMAC, ES256 and Ed25519 take less time than
 * the way to a thread and back.
 */
export const createSignatureMaker: MakerFor = (algorithm, key) => {
  const slow = slowSignature(algorithm, key);
  if (slow !== undefined) return threaded(slow);
  const hash = hashOf(algorithm);
  if (hash === undefined) return (input) => base64url(sign(null, Buffer.from(input), key));
  if (algorithm.startsWith('HS')) {
    return (input) => createHmac(hash, key).update(input).digest('base64url');
  }
  const options = { key, dsaEncoding: 'ieee-p1363' } as const;
  return (input) => base64url(sign(hash, Buffer.from(input), options));
};

/** `undefined` for what is quick. */
export function slowSignature(algorithm: Algorithm, key: KeyObject): SlowSignature | undefined {
  const hash = hashOf(algorithm);
  if (hash === undefined || algorithm === 'ES256') return undefined;
  switch (algorithm.slice(0, 2)) {
    case 'HS':
      return undefined;
    case 'RS':
      return { hash, options: { key, padding: constants.RSA_PKCS1_PADDING } };
    case 'PS': {
      const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants;
      return { hash, options: { key, padding, saltLength } };
    }
    default:
      return { hash, options: { key, dsaEncoding: 'ieee-p1363' } };
  }
}

const base64url = (bytes: Buffer): string => bytes.toString('base64url');

function threaded({ hash, options }: SlowSignature): SignatureMaker {
  return (input) =>
    new Promise((resolve, reject) => {
      sign(hash, Buffer.from(input), options, (error, signature) => {
        if (error === null) resolve(base64url(signature));
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
  return `${input}.${await make(input)}`;
}
