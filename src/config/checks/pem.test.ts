/** Keys and certificates, made here, and what is no key. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { generate } from 'selfsigned';
import { validateEntity } from '../validate.ts';
import { checkCertificate, checkJwk, checkPrivateKey, checkPublicKey } from './pem.ts';

const pem = { format: 'pem' } as const;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed25519 = generateKeyPairSync('ed25519');
const spki = rsa.publicKey.export({ type: 'spki', ...pem }).toString();
const pkcs1 = rsa.publicKey.export({ type: 'pkcs1', ...pem }).toString();
const pkcs8 = rsa.privateKey.export({ type: 'pkcs8', ...pem }).toString();
const otherSpki = ed25519.publicKey.export({ type: 'spki', ...pem }).toString();

const name = [{ name: 'commonName', value: 'a.test' }];
const leaf = await generate(name, { keySize: 2048 });
const other = await generate(name, { keySize: 2048 });
const authority = await generate(name, {
  keySize: 2048,
  extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
});
const expired = await generate(name, {
  keySize: 2048,
  notBeforeDate: new Date('2020-01-01'),
  notAfterDate: new Date('2020-02-01'),
});

test('a public key is any PEM key but no certificate', () => {
  for (const key of [spki, pkcs1, pkcs8, otherSpki, spki.replaceAll('\n', '\r\n')]) {
    assert.equal(checkPublicKey(key), undefined);
  }
  for (const key of ['words', leaf.cert, spki.slice(0, 120)]) {
    assert.equal(checkPublicKey(key), 'invalid key');
  }
});

test('a private key is no public key', () => {
  assert.equal(checkPrivateKey(pkcs8), undefined);
  assert.match(checkPrivateKey(spki) ?? '', /^invalid key: /);
});

test('a certificate may have its chain behind it', () => {
  assert.equal(checkCertificate(leaf.cert), undefined);
  assert.equal(checkCertificate(leaf.cert + authority.cert), undefined);
  assert.match(checkCertificate('words') ?? '', /^invalid certificate: /);
  const garbage = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
  assert.match(checkCertificate(leaf.cert + garbage) ?? '', /^invalid certificate: /);
});

test('a JWK is JSON that holds a key', () => {
  assert.equal(checkJwk(JSON.stringify(rsa.publicKey.export({ format: 'jwk' }))), undefined);
  assert.equal(checkJwk('{"kty":"oct","k":"AAAA"}'), undefined);
  assert.equal(checkJwk('{'), 'could not json decode jwk string');
  assert.equal(checkJwk('[]'), 'could not json decode jwk string');
  assert.equal(checkJwk('{"kty":"RSA"}'), 'could not load JWK, likely not a valid key');
  assert.equal(checkJwk('{"kty":"oct"}'), 'could not load JWK, likely not a valid key');
});

/** The messages about the entity as a whole. */
const rules = (kind: Parameters<typeof validateEntity>[0], value: object): string[] =>
  validateEntity(kind, value).map(({ message, path }) => [...path, message].join(': '));

test('a certificate belongs to its key', () => {
  assert.deepEqual(rules('certificates', { cert: leaf.cert, key: leaf.private }), []);
  assert.deepEqual(rules('certificates', { cert: leaf.cert, key: other.private }), [
    'certificate does not match key',
  ]);
  assert.deepEqual(rules('certificates', { cert: '{vault://env/cert}', key: leaf.private }), []);
  assert.deepEqual(
    rules('certificates', { cert: leaf.cert, key: leaf.private, cert_alt: other.cert }),
    [
      "all or none of these fields must be set: 'cert_alt', 'key_alt'",
      'certificate and alternative certificate need to have different type (e.g. RSA and ECDSA), ' +
        'the provided certificates were both of the same type',
    ],
  );
});

test('an authority is one unexpired certificate of a CA', () => {
  assert.deepEqual(rules('ca_certificates', { cert: authority.cert }), []);
  assert.deepEqual(rules('ca_certificates', { cert: authority.cert + leaf.cert }), [
    'please submit only one certificate at a time',
  ]);
  assert.deepEqual(rules('ca_certificates', { cert: expired.cert }), [
    'certificate expired, "Not After" time is in the past',
  ]);
  const [missing] = rules('ca_certificates', { cert: leaf.cert });
  assert.match(missing ?? 'none', /missing the "CA" basic constraint$/);
});

test('the material of a key fits together', () => {
  const jwk = JSON.stringify({ ...rsa.publicKey.export({ format: 'jwk' }), kid: 'k' });
  assert.deepEqual(rules('keys', { kid: 'k', jwk }), []);
  assert.deepEqual(rules('keys', { kid: 'l', jwk }), ['kid in jwk.kid must be equal to keys.kid']);
  assert.deepEqual(rules('keys', { kid: 'k' }), [
    "exactly one of these fields must be non-empty: 'jwk', 'pem'",
  ]);
  assert.deepEqual(rules('keys', { kid: 'k', pem: { private_key: pkcs8, public_key: spki } }), []);
  assert.deepEqual(
    rules('keys', { kid: 'k', pem: { private_key: pkcs8, public_key: otherSpki } }),
    ['public key does not match private key'],
  );
  assert.deepEqual(rules('keys', { kid: 'k', pem: { public_key: 'words' } }), [
    'pem: public_key: could not load public key',
  ]);
});

test('no message repeats key material', () => {
  const secret = 'c2VjcmV0IG1hdGVyaWFs';
  const text = `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`;
  for (const check of [checkPublicKey, checkPrivateKey, checkCertificate, checkJwk]) {
    const message = check(text);
    assert.ok(message !== undefined && !message.includes(secret));
  }
});
