/** The keys of a test file: made for the run, or read from PEM files. */
import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { generateKey } from '../../keys/generate.ts';
import { algorithmNamed } from '../../tokens/algorithms.ts';
import { keySignatory, type PrivateKey, type SignatureHints } from '../signatory.ts';
import type { KeyRecipe } from './test-file.ts';

export interface TestKey extends PrivateKey {
  readonly alg: string;
  readonly kid: string | undefined;
  /** For JWK sets: no private member. */
  readonly publicJwk: Readonly<Record<string, unknown>>;
}

/** What the fields that choose are called. */
export const FIELDS: SignatureHints = { credential: 'credential', privateKey: 'key', alg: 'alg' };

const DEFAULT_ALG = 'ES256';

export interface KeyFiles {
  /** Of the test file. */
  readonly folder: string;
  /** Throws when there is no such file. */
  readonly read: (file: string) => string;
}

/** Rejects with what is wrong with the recipe. */
export async function makeKey(
  name: string,
  recipe: KeyRecipe,
  { folder, read }: KeyFiles,
): Promise<TestKey> {
  const { file, kid } = recipe;
  const key =
    file === undefined
      ? await generated(recipe.alg ?? DEFAULT_ALG)
      : createPrivateKey(read(isAbsolute(file) ? file : join(folder, file)));
  const alg =
    key.type === 'secret'
      ? (recipe.alg ?? '')
      : keySignatory({ key, name }, recipe.alg, FIELDS).algorithm;
  const id = kid === undefined ? {} : { kid };
  const jwk =
    key.type === 'secret' ? { kty: 'oct' } : createPublicKey(key).export({ format: 'jwk' });
  return { key, name, alg, kid, publicJwk: { ...jwk, ...id, alg, use: 'sig' } };
}

async function generated(alg: string): Promise<KeyObject> {
  const algorithm = algorithmNamed(alg);
  if (algorithm === undefined)
    throw new Error(`there is no algorithm ${alg}; use e.g. RS256, ES256`);
  const { use: _use, alg: _alg, kid: _kid, ...jwk } = await generateKey(algorithm);
  const { kty, k } = jwk;
  if (kty === 'oct' && typeof k === 'string') return createSecretKey(Buffer.from(k, 'base64url'));
  return createPrivateKey({ key: jwk, format: 'jwk' });
}
