/** A private JWK as a key that signs, and a list of them as what may be shown of it. */
import { KeysetError } from '../errors.ts';
import type { PublicSet, SigningKey } from '../services.ts';
import type { Algorithm } from '../tokens/algorithms.ts';
import { importJwk, isFault } from '../tokens/jwk.ts';
import type { MakerFor } from '../tokens/sign.ts';
import { publicJwk } from './record.ts';

/** So long a token without `exp` is taken to be around. */
const ENDLESS_SECONDS = 24 * 3600;
/** A longer life of a token does not keep its key published longer. */
const LIFE_SECONDS_MAX = 30 * 24 * 3600;
/** Notes reach ahead by that much, so that one serves many tokens. */
const AHEAD_SECONDS = 300;

export type Jwk = Readonly<Record<string, unknown>>;

export interface SigningKeyOptions {
  readonly makerFor: MakerFor;
  /** Told until when (seconds since the epoch) tokens of the key are around. */
  readonly note: (until: number) => void;
}

/** Throws KeysetError for a key that cannot sign with the algorithm. */
export function toSigningKey(
  jwk: Jwk,
  algorithm: Algorithm,
  { makerFor, note }: SigningKeyOptions,
): SigningKey {
  const outcome = importJwk(jwk, 'sign');
  if (isFault(outcome)) throw new KeysetError(`a key cannot sign: ${outcome.reason}`);
  if (outcome.kid === undefined || !outcome.algorithms.includes(algorithm)) {
    throw new KeysetError(`a key has no kid, or is not for ${algorithm}`);
  }
  let noted = 0;
  return {
    kid: outcome.kid,
    algorithm,
    sign: makerFor(algorithm, outcome.key),
    noteExpiry(exp) {
      if (exp !== undefined && exp <= noted) return;
      const now = Date.now() / 1000;
      const until = Math.min(exp ?? now + ENDLESS_SECONDS, now + LIFE_SECONDS_MAX);
      if (until <= noted) return;
      noted = Math.ceil(until + AHEAD_SECONDS);
      note(noted);
    },
  };
}

/** Everything but symmetric keys, without private members. */
export function toPublicSet(jwks: readonly Jwk[]): PublicSet {
  const keys = jwks.filter(({ kty }) => kty !== 'oct').map(publicJwk);
  return { keys, text: JSON.stringify({ keys }) };
}
