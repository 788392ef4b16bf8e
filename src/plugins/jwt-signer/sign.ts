/** Signs the claims of the new token with the current key of a keyset. */
import type { Keyset, SigningKey } from '../../services.ts';
import { signingInputOf } from '../../tokens/sign.ts';
import type { Claims } from './claims.ts';
import { signingLane } from './lane.ts';
import { failure, type Refusal } from './refusals.ts';
import type { SigningSettings } from './settings.ts';

/** A token of ours, and the key that signed it. */
export interface SignedToken {
  readonly kind: 'signed';
  readonly text: string;
  readonly key: SigningKey;
}

export interface Signer {
  /** Never rejects. */
  sign(claims: Claims): Promise<SignedToken | Refusal>;
  /** False as soon as another key signs. */
  isCurrent(signed: SignedToken): boolean;
}

/** A header line longer than this reaches no upstream. */
const LENGTH_MAX = 64 * 1024;

const NO_KEY = failure('no key to sign with');
const NOT_SIGNED = failure('signing failed');
const TOO_LONG = failure(`the new token is longer than ${LENGTH_MAX} bytes`);

export function createSigner(
  { algorithm }: SigningSettings,
  keyset: Keyset,
  onFailure: (error: unknown) => void,
): Signer {
  async function currentKey(): Promise<SigningKey | undefined> {
    try {
      return await keyset.signingKey(algorithm);
    } catch (error) {
      onFailure(error);
      return undefined;
    }
  }

  return {
    async sign(claims) {
      const key = await currentKey();
      if (key === undefined) return NO_KEY;
      const { exp } = claims;
      // Before the signature: the key must stay published from the moment the token can be seen.
      key.noteExpiry(typeof exp === 'number' ? exp : undefined);
      const input = signingInputOf({ typ: 'JWT', alg: algorithm, kid: key.kid }, claims);
      try {
        const signature = await signingLane(() => key.sign(input));
        const text = `${input}.${signature.toString('base64url')}`;
        return text.length > LENGTH_MAX ? TOO_LONG : { kind: 'signed', text, key };
      } catch (error) {
        onFailure(error);
        return NOT_SIGNED;
      }
    },
    isCurrent({ key }) {
      const current = keyset.signingKey(algorithm);
      if (!(current instanceof Promise)) return current === key;
      // On its way; the signature that follows waits for the same key and reports what went wrong.
      current.catch(() => undefined);
      return false;
    },
  };
}
