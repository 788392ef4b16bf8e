/** Keysets that sign with keys made on the spot: simulating a request must not make or read the real ones. */
import { openDeclaredKeyset } from '../keys/fixed-keysets.ts';
import { generateKey } from '../keys/generate.ts';
import { toPublicSet, toSigningKey, type Jwk } from '../keys/signing-key.ts';
import type { Keyset, Keysets, SigningKey } from '../services.ts';
import type { Algorithm } from '../tokens/algorithms.ts';
import { createSignatureMaker } from '../tokens/sign.ts';

/** Only those that the config declares stay what they are. The same keys for the same name. */
export function throwawayKeysets(): Keysets {
  const made = new Map<string, Keyset>();
  return {
    open(spec) {
      if (spec.kind === 'declared') return openDeclaredKeyset(spec, createSignatureMaker);
      const name = spec.kind === 'named' ? spec.name : spec.url;
      const keyset = made.get(name) ?? throwawayKeyset(name);
      made.set(name, keyset);
      return keyset;
    },
  };
}

function throwawayKeyset(name: string): Keyset {
  const keys = new Map<Algorithm, Promise<SigningKey>>();
  const published: Jwk[] = [];
  async function make(algorithm: Algorithm): Promise<SigningKey> {
    const jwk = { ...(await generateKey(algorithm)), kid: `throw-away-${algorithm}` };
    published.push(jwk);
    return toSigningKey(jwk, algorithm, { makerFor: createSignatureMaker, note: () => undefined });
  }
  return {
    name,
    signingKey(algorithm) {
      const key = keys.get(algorithm) ?? make(algorithm);
      keys.set(algorithm, key);
      return key;
    },
    publicSet: () => toPublicSet(published),
    close() {},
  };
}
