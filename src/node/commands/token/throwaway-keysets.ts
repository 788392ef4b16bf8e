/** Keysets that sign with keys made on the spot: explaining a request must not make or read the real ones. */
import { generateKey } from '../../../keys/generate.ts';
import { toPublicSet, toSigningKey } from '../../../keys/signing-key.ts';
import type { Keyset, Keysets, SigningKey } from '../../../services.ts';
import type { Algorithm } from '../../../tokens/algorithms.ts';

/** Those behind URLs and those that the config declares stay what they are. */
export const throwawayKeysets = (real: Keysets): Keysets => ({
  open: (spec) => (spec.kind === 'named' ? throwawayKeyset(spec.name) : real.open(spec)),
});

function throwawayKeyset(name: string): Keyset {
  const keys = new Map<Algorithm, Promise<SigningKey>>();
  return {
    name,
    signingKey(algorithm) {
      const key = keys.get(algorithm) ?? make(algorithm);
      keys.set(algorithm, key);
      return key;
    },
    publicSet: () => toPublicSet([]),
    close() {},
  };
}

async function make(algorithm: Algorithm): Promise<SigningKey> {
  const jwk = { ...(await generateKey(algorithm)), kid: '(throw-away)' };
  return toSigningKey(jwk, algorithm, () => undefined);
}
