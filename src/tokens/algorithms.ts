/** The signature algorithms of JSON Web Algorithms (RFC 7518 section 3.1, RFC 8037) and what each demands of a key. */

const NAMES = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

/** An `alg` that can be verified and signed here. `none` is not one of them and never will be. */
export type Algorithm = (typeof NAMES)[number];

/** All of them, in the order of the RFC. */
export const ALGORITHMS: readonly Algorithm[] = NAMES;

const KNOWN: ReadonlyMap<unknown, Algorithm> = new Map(NAMES.map((name) => [name, name]));

/** The algorithm of that exact name, or `undefined` for any other value a stranger wrote there. */
export const algorithmNamed = (name: unknown): Algorithm | undefined => KNOWN.get(name);

/** The hash inside the algorithm; `undefined` for EdDSA, which brings its own. */
export function hashOf(algorithm: Algorithm): string | undefined {
  return algorithm === 'EdDSA' ? undefined : `sha${algorithm.slice(2)}`;
}

/** Bits of an HMAC key must at least be those of its hash (RFC 7518 section 3.2); in bytes. */
export const hmacBytesMin = (algorithm: Algorithm): number => Number(algorithm.slice(2)) / 8;

/** The one curve of each ECDSA algorithm, and the bytes of one coordinate (RFC 7518 section 3.4). */
export interface Curve {
  /** `crv` of the JWK. */
  readonly name: 'P-256' | 'P-384' | 'P-521';
  readonly coordinateBytes: number;
}

const CURVES: ReadonlyMap<Algorithm, Curve> = new Map<Algorithm, Curve>([
  ['ES256', { name: 'P-256', coordinateBytes: 32 }],
  ['ES384', { name: 'P-384', coordinateBytes: 48 }],
  ['ES512', { name: 'P-521', coordinateBytes: 66 }],
]);

/** `undefined` for what is not ECDSA. */
export const curveOf = (algorithm: Algorithm): Curve | undefined => CURVES.get(algorithm);

/** The ECDSA algorithm of a `crv`, with its curve. */
export function ecdsaOn(
  crv: unknown,
): { readonly algorithm: Algorithm; readonly curve: Curve } | undefined {
  for (const [algorithm, curve] of CURVES) if (curve.name === crv) return { algorithm, curve };
  return undefined;
}
