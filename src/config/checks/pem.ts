/** Checks of keys and certificates. No message repeats any of the material. */
import { X509Certificate, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

const CERTIFICATE_BLOCK = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** A public key, or a private one whose public half is meant. A certificate is no key. */
export function readPublicKey(pem: string): KeyObject | undefined {
  if (pem.includes('CERTIFICATE-----')) return undefined;
  return attempt(() => createPublicKey(pem));
}

/** What a `jwt_secrets` entity may hold for an asymmetric algorithm. */
export function checkPublicKey(value: string): string | undefined {
  return readPublicKey(value) === undefined ? 'invalid key' : undefined;
}

/** The public half of a `keys` entity. */
export function checkPublicKeyPem(value: string): string | undefined {
  return readPublicKey(value) === undefined ? 'could not load public key' : undefined;
}

export function checkPrivateKey(value: string): string | undefined {
  return readPrivateKey(value) === undefined
    ? 'invalid key: not an unencrypted PEM private key'
    : undefined;
}

export const readPrivateKey = (pem: string): KeyObject | undefined =>
  attempt(() => createPrivateKey(pem));

/** One or more PEM certificates, the leaf first. */
export function checkCertificate(value: string): string | undefined {
  const chain = readCertificates(value);
  if (chain.length === 0) return 'invalid certificate: no PEM certificate found';
  return chain.includes(undefined) ? 'invalid certificate: not a X.509 certificate' : undefined;
}

/** Every certificate of a PEM text, `undefined` for those that are none. */
export const readCertificates = (pem: string): (X509Certificate | undefined)[] =>
  (pem.match(CERTIFICATE_BLOCK) ?? []).map((block) => attempt(() => new X509Certificate(block)));

/** The text of a JWK of any type; private ones too. */
export function checkJwk(value: string): string | undefined {
  const jwk = readJwk(value);
  if (jwk === undefined) return 'could not json decode jwk string';
  const { kty } = jwk;
  if (kty === 'oct') return typeof jwk['k'] === 'string' ? undefined : BAD_JWK;
  const key = attempt(() => createPublicKey({ key: jwk, format: 'jwk' }));
  return key === undefined ? BAD_JWK : undefined;
}

const BAD_JWK = 'could not load JWK, likely not a valid key';

/** The members of a JWK text, or `undefined` when it is no JSON object. */
export function readJwk(value: string): Record<string, unknown> | undefined {
  const jwk = attempt((): unknown => JSON.parse(value));
  return typeof jwk === 'object' && jwk !== null && !Array.isArray(jwk) ? { ...jwk } : undefined;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // the caller has Kong's words for it; OpenSSL's may quote the input
  }
}
