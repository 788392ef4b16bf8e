/** Keys, credentials and tokens for the tests of the jwt plugin. */
import {
  constants,
  createHmac,
  generateKeyPairSync,
  sign,
  type KeyObject,
  type KeyPairKeyObjectResult,
} from 'node:crypto';
import type { Consumer, JwtAlgorithm, JwtSecret } from '../../config/schema-types.ts';

/** Whole seconds since the epoch: the clock of the tests stands still. */
export const NOW = 1_800_000_000;
export const SECRET = 'alice-secret';

const consumer = (username: string): Consumer => ({
  id: `id-of-${username}`,
  created_at: 0,
  updated_at: 0,
  username,
  custom_id: null,
  tags: null,
});
export const alice = consumer('alice');
export const nobody = consumer('nobody');

export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
export const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' });
export const ed25519 = generateKeyPairSync('ed25519');
export const ed448 = generateKeyPairSync('ed448');

export const pemOf = (pair: KeyPairKeyObjectResult): string =>
  pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();

/** Asymmetric algorithms with a key pair each; the credential's key is `<alg>-key`. */
export const PAIRS: readonly (readonly [JwtAlgorithm, KeyPairKeyObjectResult])[] = [
  ['RS256', rsa],
  ['RS384', rsa],
  ['RS512', rsa],
  ['PS256', rsa],
  ['PS384', rsa],
  ['PS512', rsa],
  ['ES256', p256],
  ['ES384', p384],
  ['ES512', p521],
  ['EdDSA', ed25519],
];

export function jwtSecret(key: string, fields: Partial<JwtSecret> = {}): JwtSecret {
  return {
    id: `id-of-${key}`,
    created_at: 0,
    consumer: { id: alice.id },
    key,
    secret: SECRET,
    rsa_public_key: null,
    algorithm: 'HS256',
    tags: null,
    ...fields,
  };
}

export const entities = {
  consumers: [alice, nobody],
  jwtSecrets: [
    jwtSecret('alice-key'),
    jwtSecret('base64-key', { secret: Buffer.from(SECRET).toString('base64url') }),
    jwtSecret('plus-key', { secret: 'ab+/' }),
    jwtSecret('orphan-key', { consumer: { id: 'gone' } }),
    jwtSecret('HS384-key', { algorithm: 'HS384' }),
    jwtSecret('HS512-key', { algorithm: 'HS512' }),
    jwtSecret('no-pem-key', { algorithm: 'ES256' }),
    jwtSecret('ec-as-rsa-key', { algorithm: 'RS256', rsa_public_key: pemOf(p256) }),
    jwtSecret('p384-as-ES256-key', { algorithm: 'ES256', rsa_public_key: pemOf(p384) }),
    jwtSecret('ed448-key', { algorithm: 'EdDSA', rsa_public_key: pemOf(ed448) }),
    ...PAIRS.map(([algorithm, pair]) =>
      jwtSecret(`${algorithm}-key`, { algorithm, rsa_public_key: pemOf(pair) }),
    ),
  ],
};

export const bearer = (token: string): { readonly headers: string[] } => ({
  headers: ['Authorization', `Bearer ${token}`],
});

const encode = (text: string | Buffer): string => Buffer.from(text).toString('base64url');

/** A token from literal texts, signed by `make` over its first two parts. */
export function tokenOf(
  header: string | Buffer,
  payload: string | Buffer,
  make: (input: Buffer) => Buffer,
): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${encode(make(Buffer.from(input)))}`;
}

/** An HMAC-SHA-256 token from literal JSON texts. */
export const rawToken = (
  header: string | Buffer,
  payload: string | Buffer,
  secret: string | Buffer = SECRET,
): string =>
  tokenOf(header, payload, (input) => createHmac('sha256', secret).update(input).digest());

export const hs256 = (claims: object, secret = SECRET): string =>
  rawToken('{"typ":"JWT","alg":"HS256"}', JSON.stringify(claims), secret);

/** Signs as the algorithm says (RFC 7518 section 3). */
export function signature(algorithm: JwtAlgorithm, key: KeyObject): (input: Buffer) => Buffer {
  const hash = `sha${algorithm.slice(2)}`;
  switch (algorithm.slice(0, 2)) {
    case 'ES':
      return (input) => sign(hash, input, { key, dsaEncoding: 'ieee-p1363' });
    case 'PS':
      return (input) => sign(hash, input, { key, padding: constants.RSA_PKCS1_PSS_PADDING });
    case 'Ed':
      return (input) => sign(null, input, key);
    default:
      return (input) => sign(hash, input, key);
  }
}

/** A token for the credential `<algorithm>-key`, or another one. */
export const signedToken = (
  algorithm: JwtAlgorithm,
  make: (input: Buffer) => Buffer,
  issuer = `${algorithm}-key`,
): string => tokenOf(JSON.stringify({ alg: algorithm }), JSON.stringify({ iss: issuer }), make);
