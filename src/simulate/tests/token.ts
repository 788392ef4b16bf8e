/** Tokens of clients, from their recipes. */
import { createSecretKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import type { Config } from '../../config/types.ts';
import { curveOf, type Algorithm } from '../../tokens/algorithms.ts';
import { createSignatureMaker, signCompact } from '../../tokens/sign.ts';
import { parseLifetime } from '../lifetime.ts';
import { consumerSignatory, keySignatory, type Signatory } from '../signatory.ts';
import { FIELDS, type TestKey } from './keys.ts';
import type { TokenRecipe } from './test-file.ts';

/** What a token is made with. */
export interface TokenWorkshop {
  readonly config: Config;
  readonly keys: ReadonlyMap<string, TestKey>;
  /** Seconds since the epoch. */
  readonly now: number;
  /** What the jwt plugin of the route wants: the claim with the credential's key, the form of secrets. */
  readonly keyClaim: string;
  readonly secretIsBase64: boolean;
}

/** Rejects with what is wrong with the recipe. */
export async function makeToken(recipe: TokenRecipe, workshop: TokenWorkshop): Promise<string> {
  if (recipe.text !== undefined) return recipe.text;
  const key = keyNamed(recipe.key, workshop.keys);
  const signatory = signatoryOf(recipe, key, workshop);
  const { algorithm } = signatory;
  const kid = recipe.kid ?? key?.kid;
  const isUnsigned = recipe.signature === 'none';
  const header = {
    typ: 'JWT',
    alg: isUnsigned ? 'none' : algorithm,
    ...(kid !== undefined && { kid }),
  };
  const claims = claimsOf(recipe, signatory, workshop.now);
  if (isUnsigned) return `${encoded(header)}.${encoded(claims)}.`;
  const signer = recipe.signature === 'wrong' ? strangersKey(algorithm) : signatory.key;
  return signCompact(header, claims, createSignatureMaker(algorithm, signer));
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function keyNamed(
  name: string | undefined,
  keys: ReadonlyMap<string, TestKey>,
): TestKey | undefined {
  const key = name === undefined ? undefined : keys.get(name);
  if (name === undefined || key !== undefined) return key;
  throw new Error(
    `there is no key '${name}' in 'keys', which has: ${[...keys.keys()].join(', ') || 'none'}`,
  );
}

function signatoryOf(
  { consumer, credential, alg }: TokenRecipe,
  key: TestKey | undefined,
  { config, keyClaim, secretIsBase64 }: TokenWorkshop,
): Signatory {
  if (consumer !== undefined) {
    return consumerSignatory(config, {
      consumer,
      credential,
      privateKey: key,
      keyClaim,
      secretIsBase64,
      hints: FIELDS,
    });
  }
  if (key === undefined) {
    throw new Error("who signs the token? Name a 'consumer' or a 'key', or give its 'text'");
  }
  if (key.key.type === 'secret') throw new Error(`'${key.name}' is no key of a provider`);
  return keySignatory(key, alg ?? key.alg, FIELDS);
}

const DEFAULT_LIFETIME = '1h';

function claimsOf({ claims, expires_in: text }: TokenRecipe, signatory: Signatory, now: number) {
  const lifetime = parseLifetime(text ?? DEFAULT_LIFETIME);
  return {
    ...signatory.claims,
    iat: now,
    ...(lifetime !== undefined && { exp: now + lifetime }),
    ...claims,
  };
}

/** RSA keys take long to make, and one stranger is enough. */
let strangersRsa: KeyObject | undefined;

/** Another key of the same kind. */
function strangersKey(algorithm: Algorithm): KeyObject {
  if (algorithm.startsWith('HS')) return createSecretKey(randomBytes(64));
  const curve = curveOf(algorithm);
  if (curve !== undefined) return generateKeyPairSync('ec', { namedCurve: curve.name }).privateKey;
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519').privateKey;
  return (strangersRsa ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
}
