/** Which JSON Web Keys and sets are taken, and which key of a set a token is tried with. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { ALGORITHMS } from './algorithms.ts';
import { parseCompact } from './compact.ts';
import { importJwk, isFault } from './jwk.ts';
import { candidatesFor, findSigner, parseJwkSet, readJwkSet, SET_KEYS_MAX } from './jwk-set.ts';
import { freshKey, setOf, testKey, tokenBy } from './keys.test.fixture.ts';

const rs = testKey('RS256').publicJwk;
const es = testKey('ES256').publicJwk;
const ed = testKey('EdDSA').publicJwk;
const hs = testKey('HS256').publicJwk;

function reasonOf(jwk: unknown, purpose: 'verify' | 'sign' = 'verify'): string | undefined {
  const outcome = importJwk(jwk, purpose);
  return isFault(outcome) ? outcome.reason : undefined;
}

for (const algorithm of ALGORITHMS) {
  test(`${algorithm}: its key is taken for verifying, its private key for signing`, () => {
    const key = testKey(algorithm);
    assert.equal(reasonOf(key.publicJwk), undefined);
    assert.equal(reasonOf(key.privateJwk, 'sign'), undefined);
    const outcome = importJwk(key.publicJwk, 'verify');
    assert.deepEqual('algorithms' in outcome && outcome.algorithms, [algorithm]);
  });
}

test('Ed448 and keys without alg are taken', () => {
  const { publicKey } = generateKeyPairSync('ed448');
  assert.equal(reasonOf(publicKey.export({ format: 'jwk' })), undefined);
  const { alg: _, ...bare } = rs;
  const outcome = importJwk(bare, 'verify');
  assert.deepEqual('algorithms' in outcome && outcome.algorithms, [
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'PS512',
  ]);
});

test('unknown members of a key are ignored', () => {
  assert.equal(
    reasonOf({ ...rs, x5c: ['AA'], x5t: 'a', 'x-ms': { d: 1 }, nbf: 1, ext: true }),
    undefined,
  );
});

const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({
  format: 'jwk',
});
const faults: readonly (readonly [string, unknown, RegExp])[] = [
  ['no object', 'key', /object/],
  ['null', null, /object/],
  ['a list', [rs], /object/],
  ['another kty', { ...rs, kty: 'DSA' }, /kty/],
  ['no kty', { ...rs, kty: undefined }, /kty/],
  ['kid as number', { ...rs, kid: 7 }, /kid/],
  ['kid too long', { ...rs, kid: 'k'.repeat(257) }, /kid/],
  ['use enc', { ...rs, use: 'enc' }, /use/],
  ['key_ops without verify', { ...rs, key_ops: ['sign'] }, /key_ops/],
  ['key_ops for encryption', { ...rs, key_ops: ['verify', 'encrypt'] }, /key_ops/],
  ['key_ops twice', { ...rs, key_ops: ['verify', 'verify'] }, /twice/],
  ['key_ops as text', { ...rs, key_ops: 'verify' }, /key_ops/],
  ['alg of another type', { ...rs, alg: 'ES256' }, /alg/],
  ['alg of an encryption', { ...rs, alg: 'RSA-OAEP' }, /alg/],
  ['alg none', { ...rs, alg: 'none' }, /alg/],
  ['ES256 with P-384', { ...testKey('ES384').publicJwk, alg: 'ES256' }, /alg/],
  ['an unknown curve', { ...es, crv: 'secp256k1' }, /crv/],
  ['X25519', { ...ed, crv: 'X25519' }, /crv/],
  ['a point off the curve', { ...es, x: es['y'], y: es['x'] }, /numbers/],
  ['a short coordinate', { ...es, x: String(es['x']).slice(0, -2) }, /length|base64/],
  ['a short Ed25519 key', { ...ed, x: 'AAAA' }, /length/],
  ['RSA with 1024 bits', small, /2048/],
  ['RSA with exponent 1', { ...rs, e: 'AQ' }, /exponent/],
  ['RSA with exponent 0', { ...rs, e: 'AA' }, /exponent/],
  ['RSA with an even exponent', { ...rs, e: 'BA' }, /exponent/],
  ['RSA with a huge exponent', { ...rs, e: 'AQAAAAAAAQ' }, /exponent/],
  ['RSA with an even modulus', { ...rs, n: Buffer.alloc(256, 0xfe).toString('base64url') }, /even/],
  ['RSA with a huge modulus', { ...rs, n: Buffer.alloc(2048, 0xff).toString('base64url') }, /8192/],
  ['RSA with padding', { ...rs, n: `${String(rs['n'])}==` }, /base64url/],
  ['RSA with a private exponent', { ...testKey('RS256').privateJwk }, /private/],
  ['EC with a private part', { ...testKey('ES256').privateJwk }, /private/],
  ['OKP with a private part', { ...testKey('EdDSA').privateJwk }, /private/],
  ['a short secret', { ...hs, k: Buffer.alloc(31).toString('base64url') }, /256 bits/],
  [
    'a secret too short for its alg',
    { ...hs, alg: 'HS512', k: Buffer.alloc(32).toString('base64url') },
    /alg/,
  ],
  ['an empty secret', { ...hs, k: '' }, /k is/],
];

for (const [name, jwk, reason] of faults) {
  test(`not taken: ${name}`, () => assert.match(reasonOf(jwk) ?? 'taken', reason));
}

test('not taken for signing: a public key', () =>
  assert.match(reasonOf(rs, 'sign') ?? '', /private/));

test('a modulus of the generator of CVE-2017-15361 is told from a sound one', async () => {
  const { hasRocaFingerprint } = await import('./roca.ts');
  const primes = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];
  const m = primes.reduce((product, prime) => product * BigInt(prime), 1n);
  // 65537^7 mod M plus a multiple of M is of the form that the generator gives its products.
  const roca = (65_537n ** 7n % m) + m * (1n << 1900n);
  assert.equal(hasRocaFingerprint(Buffer.from(roca.toString(16).padStart(512, '0'), 'hex')), true);
  for (let i = 0; i < 5; i++) {
    const n = Buffer.from(String(freshKey('k').publicJwk['n']), 'base64url');
    assert.equal(hasRocaFingerprint(n), false);
  }
});

const set = (value: unknown): ReturnType<typeof readJwkSet> =>
  parseJwkSet(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));

const badSets: readonly (readonly [string, unknown, RegExp])[] = [
  ['HTML', '<html></html>', /JSON/],
  ['nothing', '', /JSON/],
  ['a list', [rs], /keys/],
  ['no keys', { keys: [] }, /no keys/],
  ['keys as object', { keys: { 0: rs } }, /list/],
  ['only unusable keys', { keys: [{ kty: 'DSA' }, small] }, /no usable key/],
  ['too many keys', { keys: Array.from({ length: SET_KEYS_MAX + 1 }, () => es) }, /more than/],
  ['too long', `{"keys":[${' '.repeat(300_000)}]}`, /longer/],
  ['a set of private keys', { keys: [testKey('RS256').privateJwk] }, /private/],
];

for (const [name, value, fault] of badSets) {
  test(`no set: ${name}`, () => {
    const outcome = set(value);
    assert.match('fault' in outcome ? outcome.fault : 'taken', fault);
  });
}

test('the usable keys of a set are taken; each other one is reported with its place', () => {
  const outcome = set({
    keys: [{ kty: 'what' }, rs, { ...es, use: 'enc' }, ed],
    previous: 1,
    x: {},
  });
  assert.ok('keys' in outcome);
  assert.deepEqual(
    outcome.keys.map(({ kid }) => kid),
    [rs['kid'], ed['kid']],
  );
  assert.deepEqual(
    outcome.skipped.map(({ index }) => index),
    [0, 2],
  );
});

function candidates(value: string, header: { kid?: string; algorithm: 'RS256' | 'ES256' }): number {
  const outcome = set(value);
  assert.ok('keys' in outcome);
  return candidatesFor(outcome.keys, { kid: header.kid, algorithm: header.algorithm }).length;
}

test('a token is tried with the keys of its kid, which may be several, else with all that fit', async () => {
  const [a, b, c] = [freshKey('same'), freshKey('same'), testKey('ES256', 'other')];
  const value = setOf(a, b, c);
  assert.equal(candidates(value, { kid: 'same', algorithm: 'RS256' }), 2);
  assert.equal(candidates(value, { kid: 'other', algorithm: 'RS256' }), 0);
  assert.equal(candidates(value, { kid: 'unknown', algorithm: 'RS256' }), 0);
  assert.equal(candidates(value, { algorithm: 'RS256' }), 2);
  const outcome = set(value);
  const { jws } = parseCompact(await tokenBy(b));
  assert.ok('keys' in outcome && jws !== undefined);
  assert.equal(findSigner(outcome.keys, jws), outcome.keys[1]);
});

test('a key without kid serves tokens that name one which no key has', () => {
  const { kid: _, ...bare } = rs;
  assert.equal(
    candidates(JSON.stringify({ keys: [bare, es] }), { kid: 'x', algorithm: 'RS256' }),
    1,
  );
});

test('a set without kids does not make one token cost more than 16 tries', () => {
  const { kid: _, ...bare } = rs;
  const keys = Array.from({ length: 100 }, () => bare);
  assert.equal(candidates(JSON.stringify({ keys }), { algorithm: 'RS256' }), 16);
});
