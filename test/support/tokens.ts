/** Keys and tokens of identity providers that tests invent, signed by Node's own crypto. */
import {
  constants,
  createHmac,
  generateKeyPairSync,
  sign,
  type KeyObject,
  type KeyPairKeyObjectResult,
} from 'node:crypto';

export type Claims = Readonly<Record<string, unknown>>;

/** A key pair with what its JWK says of it. */
export interface TestKey {
  readonly kid: string;
  readonly alg: string;
  readonly pair: KeyPairKeyObjectResult;
}

export const rsaKey = (kid: string, alg = 'RS256'): TestKey => ({
  kid,
  alg,
  pair: generateKeyPairSync('rsa', { modulusLength: 2048 }),
});

export const ecKey = (kid: string, alg: string, namedCurve: string): TestKey => ({
  kid,
  alg,
  pair: generateKeyPairSync('ec', { namedCurve }),
});

export const edKey = (kid: string): TestKey => ({
  kid,
  alg: 'EdDSA',
  pair: generateKeyPairSync('ed25519'),
});

export const publicJwk = ({ kid, alg, pair }: TestKey): Claims => ({
  ...pair.publicKey.export({ format: 'jwk' }),
  kid,
  alg,
  use: 'sig',
});

export const privateJwk = ({ kid, alg, pair }: TestKey): Claims => ({
  ...pair.privateKey.export({ format: 'jwk' }),
  kid,
  alg,
  use: 'sig',
});

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export const unsigned = (header: Claims, claims: unknown): string =>
  `${encode(header)}.${encode(claims)}`;

/** A token in compact form. Members of `header` win over those of the key. */
export function signed(key: TestKey, claims: Claims, header: Claims = {}): string {
  const full = { alg: key.alg, kid: key.kid, ...header };
  const input = unsigned(full, claims);
  return `${input}.${signature(key.alg, key.pair.privateKey, input).toString('base64url')}`;
}

/** A token signed with HMAC-SHA-256. */
export function hmacSigned(secret: Buffer | string, claims: Claims, header: Claims = {}): string {
  const input = unsigned({ alg: 'HS256', ...header }, claims);
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

function signature(alg: string, key: KeyObject, input: string): Buffer {
  const data = Buffer.from(input);
  const hash = `sha${alg.slice(2)}`;
  if (alg === 'EdDSA') return sign(null, data, key);
  if (alg.startsWith('ES')) return sign(hash, data, { key, dsaEncoding: 'ieee-p1363' });
  if (!alg.startsWith('PS')) return sign(hash, data, key);
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants;
  return sign(hash, data, { key, padding, saltLength });
}

const objectIn = (part: string | undefined): Record<string, unknown> => {
  const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'));
  if (typeof value !== 'object' || value === null) throw new Error('no JSON object in the token');
  return { ...value };
};

/** Header and claims of a token, not verified. */
export function decoded(token: string): {
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
} {
  const [header, claims] = token.split('.');
  return { header: objectIn(header), claims: objectIn(claims) };
}
