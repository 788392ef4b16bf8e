/** The keys and certificates of a config, as far as they can be read here. References are left out. */
import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { readCertificates, readJwk, readPublicKey } from '../config/checks/pem.ts';
import type { Config } from '../config/types.ts';
import { at, type Place } from './rule.ts';

type Entities = Config['entities'];

export interface FoundKey {
  readonly key: KeyObject;
  readonly place: Place;
}

export interface FoundCertificate {
  readonly certificate: X509Certificate;
  readonly place: Place;
}

/** Every public key, those of certificates included. */
export function publicKeysOf(entities: Entities): FoundKey[] {
  const found: FoundKey[] = [];
  const add = (key: KeyObject | undefined, place: Place): void => {
    if (key !== undefined) found.push({ key, place });
  };
  for (const secret of entities.jwt_secrets) {
    // Kong keeps an RSA key also where the algorithm does not use it.
    if (secret.algorithm.startsWith('HS') || secret.rsa_public_key === null) continue;
    add(readPublicKey(secret.rsa_public_key), at(secret, 'rsa_public_key'));
  }
  for (const key of entities.keys) {
    const pem = key.pem?.public_key ?? key.pem?.private_key;
    if (pem) add(readPublicKey(pem), at(key, 'pem'));
    if (key.jwk !== null) add(publicKeyOfJwk(key.jwk), at(key, 'jwk'));
  }
  // One key for each chain: the others are the authority's business.
  const seen = new Set<string>();
  for (const { certificate, place } of certificatesOf(entities)) {
    if (seen.has(JSON.stringify(place))) continue;
    seen.add(JSON.stringify(place));
    add(certificate.publicKey, place);
  }
  return found;
}

/** Every certificate, those of chains included. */
export function certificatesOf(entities: Entities): FoundCertificate[] {
  const pems: (readonly [string | null, Place])[] = [
    ...entities.certificates.flatMap((entity) => [
      [entity.cert, at(entity, 'cert')] as const,
      [entity.cert_alt, at(entity, 'cert_alt')] as const,
    ]),
    ...entities.ca_certificates.map((entity) => [entity.cert, at(entity, 'cert')] as const),
  ];
  return pems.flatMap(([pem, place]) =>
    readCertificates(pem ?? '').flatMap((certificate) =>
      certificate === undefined ? [] : { certificate, place },
    ),
  );
}

function publicKeyOfJwk(text: string): KeyObject | undefined {
  const jwk = readJwk(text);
  if (jwk === undefined || jwk['kty'] === 'oct') return undefined;
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return undefined; // a reference, or refused when the config was loaded
  }
}
