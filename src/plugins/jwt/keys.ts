/** Credentials of the jwt plugin, made ready for verification once per load. */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { readPublicKey } from '../../config/checks/pem.ts';
import type { Consumer, JwtSecret } from '../../config/types.ts';
import { decodeBase64url } from '../../http/base64url.ts';
import type { Credential, PluginLookups } from '../../plugin.ts';
import { createVerifier, type SignatureVerifier } from '../../tokens/verify.ts';

/** A credential and everything a token signed with it leads to. */
export interface SigningCredential {
  /** The entity's `key`; becomes X-Credential-Identifier. */
  readonly key: string;
  /** The only algorithm its tokens may name: never chosen by the token (RFC 8725 section 3.1). */
  readonly algorithm: string;
  /** `undefined` when the entity yields no key: Kong's `Invalid key/secret`. */
  readonly verify: SignatureVerifier | undefined;
  /** `undefined` when the consumer is gone. */
  readonly consumer: Consumer | undefined;
  readonly credential: Credential;
}

/**
 * Compiles every credential of a load, by its `key`.
 * @param secretIsBase64 applies to the HMAC secrets only, as in Kong
 */
export function compileCredentials(
  lookups: PluginLookups,
  secretIsBase64: boolean,
): ReadonlyMap<string, SigningCredential> {
  const compiled = new Map<string, SigningCredential>();
  for (const [key, entity] of lookups.credentials('jwt_secrets')) {
    const keyObject = keyOf(entity, secretIsBase64);
    compiled.set(key, {
      key: entity.key,
      algorithm: entity.algorithm,
      verify: keyObject === undefined ? undefined : createVerifier(entity.algorithm, keyObject),
      consumer: lookups.consumerById(entity.consumer.id),
      credential: { id: entity.id, consumerId: entity.consumer.id },
    });
  }
  return compiled;
}

/** An HMAC key comes from `secret` only, any other from the public key only. */
function keyOf(entity: JwtSecret, secretIsBase64: boolean): KeyObject | undefined {
  if (!entity.algorithm.startsWith('HS')) {
    return entity.rsa_public_key === null ? undefined : readPublicKey(entity.rsa_public_key);
  }
  const secret = secretIsBase64 ? decodeBase64url(entity.secret) : Buffer.from(entity.secret);
  return secret === undefined || secret.length === 0 ? undefined : createSecretKey(secret);
}
