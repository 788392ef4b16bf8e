/** What the jwt entries of one load share: compiled credentials and the tokens verified with them. */
import type { Immutable, PluginLookups } from '../../plugin.ts';
import type { JwtConfig } from '../../config/schema-types.ts';
import { createTokenCache, type TokenCache } from '../../tokens/token-cache.ts';
import { compileCredentials, type SigningCredential } from './keys.ts';

/**
 * A token whose signature was valid. Expiry is not part of it: time claims are kept as the token has
 * them, and checked at every use.
 */
export interface VerifiedToken {
  readonly signer: SigningCredential;
  readonly claims: unknown;
  readonly exp: unknown;
  readonly nbf: unknown;
}

export interface Keyring {
  readonly credentials: ReadonlyMap<string, SigningCredential>;
  readonly verified: TokenCache<VerifiedToken>;
}

/**
 * The map of credentials is one object per load, so a load's keyrings go when it does and never
 * meet another load's. Within it, whose token a text is depends on two settings.
 */
const keyringsOf = new WeakMap<object, Map<string, Keyring>>();

/** The keyring for entries with these settings; made by the first of them. */
export function keyringFor(
  lookups: PluginLookups,
  { key_claim_name: claim, secret_is_base64: isBase64 }: Immutable<JwtConfig>,
): Keyring {
  const owner = lookups.credentials('jwt_secrets');
  const keyrings = keyringsOf.get(owner) ?? new Map<string, Keyring>();
  keyringsOf.set(owner, keyrings);
  const name = `${isBase64} ${claim}`;
  const known = keyrings.get(name);
  if (known !== undefined) return known;
  const keyring = {
    credentials: compileCredentials(lookups, isBase64),
    verified: createTokenCache<VerifiedToken>(),
  };
  keyrings.set(name, keyring);
  return keyring;
}
