/** Making signing keys: one of its own for each algorithm that the jwt-signer plugin offers. */
import { generateKeyPair, randomBytes, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { curveOf, hmacBytesMin, type Algorithm } from '../tokens/algorithms.ts';
import type { StoredJwk } from './record.ts';

/** In the order of the plugin's schema, which knows no RS384 and no PS384. */
export const GENERATED_ALGORITHMS: readonly Algorithm[] = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS512',
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'EdDSA',
];

const RSA_BITS = 2048;
const KID_BYTES = 32;
const generatePair = promisify(generateKeyPair);

/** Makes a whole generation of keys. */
export type GenerateKeys = () => Promise<StoredJwk[]>;

/** One after the other: an RSA key takes a thread for a while, and signatures need the others. */
export const generateKeys: GenerateKeys = async () => {
  const keys: StoredJwk[] = [];
  // oxlint-disable-next-line no-await-in-loop -- see above
  for (const alg of GENERATED_ALGORITHMS) keys.push(await generateKey(alg));
  return keys;
};

/** One key of that algorithm. */
export async function generateKey(alg: Algorithm): Promise<StoredJwk> {
  const kid = randomBytes(KID_BYTES).toString('base64url');
  return { ...(await materialOf(alg)), use: 'sig', alg, kid };
}

async function materialOf(alg: Algorithm): Promise<object> {
  if (alg.startsWith('HS')) {
    return { kty: 'oct', k: randomBytes(hmacBytesMin(alg)).toString('base64url') };
  }
  return (await privateKey(alg)).export({ format: 'jwk' });
}

async function privateKey(alg: Algorithm): Promise<KeyObject> {
  const curve = curveOf(alg);
  if (curve !== undefined) return (await generatePair('ec', { namedCurve: curve.name })).privateKey;
  if (alg === 'EdDSA') return (await generatePair('ed25519')).privateKey;
  return (await generatePair('rsa', { modulusLength: RSA_BITS })).privateKey;
}
