/** Signs the claims of the new token with the current key of a keyset. */
import type { Keyset, SigningKey } from '../../services.ts';
import { signingInputOf } from '../../tokens/sign.ts';
import type { Claims } from './claims.ts';
import { failure, type Refusal } from './refusals.ts';
import type { SigningSettings } from './settings.ts';

/** A token of ours, and the key that signed it. */
export interface SignedToken {
  readonly kind: 'signed';
  readonly text: string;
  readonly key: SigningKey;
}

export interface Signer {
  /** Signs; a promise only where a key or a thread is waited for. Never throws, never rejects. */
  sign(claims: Claims): Outcome | Promise<Outcome>;
  /** False as soon as another key signs. */
  isCurrent(signed: SignedToken): boolean;
}

type Outcome = SignedToken | Refusal;

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
  function failed(refusal: Refusal): (error: unknown) => Refusal {
    return (error) => {
      onFailure(error);
      return refusal;
    };
  }
  const noKey = failed(NO_KEY);
  const notSigned = failed(NOT_SIGNED);

  function signWith(key: SigningKey, claims: Claims): Outcome | Promise<Outcome> {
    const { exp } = claims;
    // Before the signature: the key must stay published from the moment the token can be seen.
    key.noteExpiry(typeof exp === 'number' ? exp : undefined);
    const input = signingInputOf({ typ: 'JWT', alg: algorithm, kid: key.kid }, claims);
    const finish = (signature: string): Outcome => {
      const text = `${input}.${signature}`;
      return text.length > LENGTH_MAX ? TOO_LONG : { kind: 'signed', text, key };
    };
    try {
      const signature = key.sign(input);
      return typeof signature === 'string' ? finish(signature) : signature.then(finish, notSigned);
    } catch (error) {
      return notSigned(error);
    }
  }

  return {
    sign(claims) {
      try {
        const key = keyset.signingKey(algorithm);
        if (!(key instanceof Promise)) return signWith(key, claims);
        return key.then((loaded) => signWith(loaded, claims), noKey);
      } catch (error) {
        return noKey(error);
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
