/** Cases 18 to 38 of the reference: signatures, and the keys that verify them. */
import assert from 'node:assert/strict';
import { startIssuer } from '../support/issuer.ts';
import {
  assertRefused,
  assertSigned,
  K1,
  K2,
  setOf,
  testCase,
  usualClaims,
  type Case,
} from '../support/signer.ts';
import { selfSignedServer } from '../support/tls.ts';
import { until } from '../support/until.ts';
import {
  ecKey,
  edKey,
  hmacSigned,
  publicJwk,
  rsaKey,
  signed,
  unsigned,
} from '../support/tokens.ts';

const SECRET = Buffer.alloc(32, 7);
const hmacJwk = { kty: 'oct', k: SECRET.toString('base64url'), alg: 'HS256', kid: 'h1' };
const stranger = rsaKey('k1');
const ps = rsaKey('ps', 'PS256');
const es = ecKey('es', 'ES256', 'P-256');
const p384 = ecKey('p384', 'ES384', 'P-384');
const ed = edKey('ed');

export const SIGNATURE_CASES: readonly Case[] = [
  testCase(18, 'a payload that was altered', async (w) => {
    await w.base();
    const [header, , signature] = w.at().split('.');
    const [, payload] = unsigned({}, { ...usualClaims(), sub: 'root' }).split('.');
    assertRefused(await w.bearer(`${header}.${payload}.${signature}`), 401, /invalid_token/);
  }),
  testCase(19, 'a stranger with the same kid: the keys are fetched once more', async (w) => {
    await w.base();
    assertSigned(await w.good());
    assert.equal(w.issuer.count('/jwks'), 1);
    assertRefused(await w.bearer(signed(stranger, usualClaims())), 401);
    assert.equal(w.issuer.count('/jwks'), 2);
  }),
  testCase(20, 'a JWT without keys to verify it', async (w) => {
    await w.base({ access_token_jwks_uri: null });
    assertRefused(await w.good(), 401);
  }),
  testCase(21, 'a JWT is never introspected', async (w) => {
    await w.base({
      access_token_jwks_uri: null,
      access_token_introspection_endpoint: w.issuer.endpoint,
    });
    assertRefused(await w.good(), 401);
    assert.equal(w.issuer.count('/introspect'), 0);
  }),
  testCase(22, 'without verification it is signed all the same', async (w) => {
    await w.base({ access_token_jwks_uri: null, verify_access_token_signature: false });
    assertSigned(await w.good());
  }),
  testCase(23, 'without verification any signature will do', async (w) => {
    await w.base({ access_token_jwks_uri: null, verify_access_token_signature: false });
    assertSigned(await w.bearer(w.at().replace(/[^.]+$/, 'garbage')));
  }),
  testCase(24, 'new keys of the issuer are found by the first token that needs them', async (w) => {
    await w.base();
    assertSigned(await w.good());
    w.issuer.keys = () => ({ body: setOf(publicJwk(K2)) });
    assertSigned(await w.bearer(signed(K2, usualClaims())));
    assert.equal(w.issuer.count('/jwks'), 2);
  }),
  testCase(25, 'the keys before stay good for a while', async (w) => {
    await w.base();
    assertSigned(await w.good());
    w.issuer.keys = () => ({ body: setOf(publicJwk(K2)) });
    assertSigned(await w.bearer(signed(K2, usualClaims())));
    assertSigned(await w.good({ jti: 'after the rotation' }));
  }),
  testCase(26, 'a flood of unknown key ids does not reach the issuer', async (w) => {
    await w.base();
    assertSigned(await w.good());
    const tokens = Array.from({ length: 50 }, (_, i) => w.at({ jti: i }, { kid: `random-${i}` }));
    for (const answer of await Promise.all(tokens.map((token) => w.bearer(token)))) {
      assertRefused(answer, 401);
    }
    assert.ok(w.issuer.count('/jwks') <= 2, `${w.issuer.count('/jwks')} fetches`);
  }),
  testCase(27, 'an issuer that is down at first', async (w) => {
    const good = w.issuer.keys;
    w.issuer.keys = () => ({ status: 500, body: {} });
    await w.base();
    assertRefused(await w.good(), 401, /temporarily_unavailable/);
    w.issuer.keys = good;
    await until(async () => (await w.good()).status === 200);
  }),
  testCase(28, 'a token without kid', async (w) => {
    await w.base();
    assertSigned(await w.good());
    assertSigned(await w.bearer(w.at({}, { kid: undefined })));
  }),
  testCase(29, 'HMAC is refused', async (w) => {
    w.issuer.keys = () => ({ body: setOf(hmacJwk, publicJwk(K1)) });
    await w.base();
    assertRefused(await w.bearer(hmacSigned(SECRET, usualClaims(), { kid: 'h1' })), 401, /HMAC/);
  }),
  testCase(30, 'HMAC is accepted where it is enabled', async (w) => {
    w.issuer.keys = () => ({ body: setOf(hmacJwk, publicJwk(K1)) });
    await w.base({ enable_hs_signatures: true });
    assertSigned(await w.bearer(hmacSigned(SECRET, usualClaims(), { kid: 'h1' })));
  }),
  testCase(31, 'alg none', async (w) => {
    for (const enabled of [false, true]) {
      await w.base({
        enable_hs_signatures: enabled,
        access_token_introspection_endpoint: w.issuer.endpoint,
      });
      for (const alg of ['none', 'None', 'NONE']) {
        const input = unsigned({ alg, kid: 'k1' }, usualClaims());
        assertRefused(await w.bearer(`${input}.`), 401);
        assertRefused(await w.bearer(`${input}.c2ln`), 401);
      }
    }
    assert.equal(w.issuer.count('/introspect'), 0);
  }),
  testCase(32, 'the public key as an HMAC secret', async (w) => {
    await w.base({ enable_hs_signatures: true });
    const { publicKey } = K1.pair;
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    const der = publicKey.export({ type: 'spki', format: 'der' });
    const jwk = JSON.stringify(publicJwk(K1));
    for (const secret of [String(pem), String(pem).trim(), der, jwk]) {
      assertRefused(await w.bearer(hmacSigned(secret, usualClaims(), { kid: 'k1' })), 401);
    }
  }),
  testCase(33, 'ES256, PS256 and EdDSA', async (w) => {
    w.issuer.keys = () => ({ body: setOf(...[es, ps, ed].map(publicJwk)) });
    await w.base();
    for (const key of [es, ps, ed]) assertSigned(await w.bearer(signed(key, usualClaims())));
  }),
  testCase(34, 'ES256 with a key on P-384', async (w) => {
    const { alg: _alg, ...jwk } = publicJwk(p384);
    w.issuer.keys = () => ({ body: setOf(jwk) });
    await w.base();
    const token = signed({ ...p384, alg: 'ES256' }, usualClaims());
    assertRefused(await w.bearer(token), 401);
  }),
  testCase(35, 'a set with members and keys that nobody knows', async (w) => {
    const odd = { kty: 'XYZ', kid: 'odd', abc: 1 };
    w.issuer.keys = () => ({
      body: { id: 'set', extra: [], keys: [odd, { ...publicJwk(K1), extra: true }] },
    });
    await w.base();
    assertSigned(await w.good());
  }),
  testCase(36, 'Basic authentication at the issuer', async (w) => {
    await w.base({
      access_token_jwks_uri_client_username: 'gateway',
      access_token_jwks_uri_client_password: 's3cret',
    });
    assertSigned(await w.good());
    const expected = `Basic ${Buffer.from('gateway:s3cret').toString('base64')}`;
    assert.equal(w.issuer.seen[0]?.authorization, expected);
  }),
  testCase(
    37,
    'the certificate of the issuer is verified, unless the config says not to',
    async (w) => {
      const secure = await startIssuer(w.t, await selfSignedServer());
      secure.keys = w.issuer.keys;
      const uri = { access_token_jwks_uri: secure.jwks };
      await w.base(uri);
      assertRefused(await w.good(), 401);
      await w.base({ ...uri, access_token_endpoints_ssl_verify: false });
      assertSigned(await w.good());
    },
  ),
  testCase(38, 'keys are fetched again by themselves', async (w) => {
    await w.base({ access_token_jwks_uri_rotate_period: 1 });
    await until(() => w.issuer.count('/jwks') >= 3);
  }),
];
