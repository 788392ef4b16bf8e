/** Keys that verify and stand in the config: the public side of a `key_sets` entity. */
import { createPublicKey } from 'node:crypto';
import { KeysetError } from '../errors.ts';
import { isObject, parseJson } from '../http/json.ts';
import type { DeclaredKey, DeclaredKeySet, KeySource, SourceKeys } from '../services.ts';
import { importJwk, isFault, type ImportOutcome } from '../tokens/jwk.ts';
import { verificationKey } from '../tokens/jwk-set.ts';
import { publicJwk } from './record.ts';

/** They change with the config alone. Throws KeysetError when none of them verifies. */
export function openDeclaredSource({ name, keys: declared }: DeclaredKeySet): KeySource {
  const outcomes = declared.map(importDeclared);
  const keys = outcomes.flatMap((outcome) => (isFault(outcome) ? [] : verificationKey(outcome)));
  if (keys.length === 0) {
    const reasons = outcomes.flatMap((outcome) => (isFault(outcome) ? outcome.reason : []));
    const why = reasons.length === 0 ? '' : `: ${[...new Set(reasons)].slice(0, 3).join('; ')}`;
    throw new KeysetError(`key set ${name} has no key that verifies tokens${why}`);
  }
  const always: SourceKeys = { keys, previous: [], version: 1, issuer: undefined };
  return {
    name,
    current: () => always,
    load: () => Promise.resolve(always),
    refresh: () => Promise.resolve(always),
    close() {},
  };
}

/** Of a private key its public side; `kid` is the entity's. */
function importDeclared({ kid, jwk, pem }: DeclaredKey): ImportOutcome {
  const value = jwk ? parseJson(Buffer.from(jwk))?.value : jwkOfPem(pem);
  return isObject(value)
    ? importJwk({ ...publicJwk(value), kid }, 'verify')
    : { reason: 'a key cannot be read' };
}

function jwkOfPem(pem: DeclaredKey['pem']): object | undefined {
  const text = pem?.public_key ?? pem?.private_key;
  if (!text) return undefined;
  try {
    return createPublicKey(text).export({ format: 'jwk' });
  } catch {
    return undefined; // the config's own check has said so
  }
}
