/** Keys of every algorithm and tokens signed with them, for the tests of tokens and of what uses them. */
import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Algorithm } from './algorithms.ts';
import { createSignatureMaker, signCompact } from './sign.ts';

/** A key pair with its public JWK (with `alg` and `kid`), or a secret with its only one. */
export interface TestKey {
  readonly algorithm: Algorithm;
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicJwk: Readonly<Record<string, unknown>>;
  readonly privateJwk: Readonly<Record<string, unknown>>;
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pairs = {
  RS: rsa,
  PS: rsa,
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  EdDSA: generateKeyPairSync('ed25519'),
};

function pairOf(algorithm: Algorithm): (typeof pairs)['RS'] {
  if (algorithm.startsWith('RS') || algorithm.startsWith('PS')) return pairs.RS;
  if (algorithm === 'ES256' || algorithm === 'ES384' || algorithm === 'ES512')
    return pairs[algorithm];
  return pairs.EdDSA;
}

/** The same key for the same algorithm; `kid` names it in tokens and sets. */
export function testKey(algorithm: Algorithm, kid = `${algorithm}-1`): TestKey {
  const named = { alg: algorithm, kid };
  if (algorithm.startsWith('HS')) {
    const privateKey = createSecretKey(Buffer.alloc(64, algorithm));
    const jwk = { ...privateKey.export({ format: 'jwk' }), ...named };
    return { algorithm, kid, privateKey, publicJwk: jwk, privateJwk: jwk };
  }
  const { publicKey, privateKey } = pairOf(algorithm);
  return {
    algorithm,
    kid,
    privateKey,
    publicJwk: { ...publicKey.export({ format: 'jwk' }), ...named },
    privateJwk: { ...privateKey.export({ format: 'jwk' }), ...named },
  };
}

/** A fresh RSA key for RS256: one that no set of another key verifies. */
export function freshKey(kid: string): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const named = { alg: 'RS256', kid };
  return {
    algorithm: 'RS256',
    kid,
    privateKey,
    publicJwk: { ...publicKey.export({ format: 'jwk' }), ...named },
    privateJwk: { ...privateKey.export({ format: 'jwk' }), ...named },
  };
}

/** A token of that key. */
export const tokenBy = (
  { algorithm, kid, privateKey }: TestKey,
  claims: object = { sub: 'alice' },
  header: object = {},
): Promise<string> =>
  signCompact(
    { alg: algorithm, kid, ...header },
    claims,
    createSignatureMaker(algorithm, privateKey),
  );

export const setOf = (...keys: readonly TestKey[]): string =>
  JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) });
