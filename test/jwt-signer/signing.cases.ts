/** Cases 93 to 111 of the reference: the new token and the headers it travels in. */
import assert from 'node:assert/strict';
import {
  assertRefused,
  assertSigned,
  K1,
  K2,
  setOf,
  testCase,
  verifyPublished,
  type Case,
} from '../support/signer.ts';
import { privateJwk, publicJwk } from '../support/tokens.ts';

const ALGORITHMS = 'HS256 HS384 HS512 RS256 RS512 ES256 ES384 ES512 PS256 PS384 PS512 EdDSA'.split(
  ' ',
);

export const SIGNING_CASES: readonly Case[] = [
  testCase(93, 'header, claims and signature of a new token', async (w) => {
    await w.base();
    const token = w.at();
    const answer = await w.bearer(token);
    assertSigned(answer);
    const { header, claims } = answer.fresh();
    assert.equal(header['alg'], 'RS256');
    assert.equal(header['typ'], 'JWT');
    const { keys } = await w.publicSet();
    assert.ok(keys.some(({ kid }) => kid === header['kid']));
    const { iss, original_iss: original, exp, ...rest } = claims;
    assert.equal(iss, 'kong');
    assert.equal(original, 'https://idp');
    assert.equal(typeof exp, 'number');
    assert.deepEqual(rest, { sub: 'u1', aud: ['api'], scope: 'read write' });
    assert.deepEqual(await verifyPublished(w, answer.token()), claims);
  }),
  testCase(94, 'the issuer of the config', async (w) => {
    await w.base({ access_token_issuer: 'gw' });
    assert.equal((await w.good()).fresh().claims['iss'], 'gw');
  }),
  testCase(95, 'a longer and a shorter life', async (w) => {
    const exp = Math.floor(Date.now() / 1000) + 300;
    for (const leeway of [100, -100]) {
      await w.base({ access_token_upstream_leeway: leeway });
      assert.equal((await w.good({ exp })).fresh().claims['exp'], exp + leeway);
    }
  }),
  testCase(96, 'each of the twelve algorithms', async (w) => {
    for (const algorithm of ALGORITHMS) {
      await w.base({ access_token_signing_algorithm: algorithm });
      const answer = await w.good();
      assertSigned(answer);
      assert.equal(answer.fresh().header['alg'], algorithm);
      await verifyPublished(w, answer.token());
    }
  }),
  testCase(97, 'a keyset of its own', async (w) => {
    await w.base({ access_token_keyset: 'team-a' });
    const answer = await w.good();
    assertSigned(answer);
    await verifyPublished(w, answer.token(), 'team-a');
  }),
  testCase(98, 'a keyset behind a URL', async (w) => {
    const keyset = `${w.issuer.url}/private`;
    w.issuer.introspect = () => ({ body: setOf(privateJwk(K2)) });
    await w.base({ access_token_keyset: keyset });
    const answer = await w.good();
    assertSigned(answer);
    assert.equal(answer.fresh().header['kid'], 'k2');
    w.issuer.introspect = () => ({ body: setOf(publicJwk(K1)) });
    await w.base({ access_token_keyset: `${w.issuer.url}/public-only` });
    assertRefused(await w.good(), 500, /server_error/);
  }),
  testCase(99, 'no upstream header: nothing is signed or sent', async (w) => {
    for (const header of [null, '']) {
      await w.base({ access_token_upstream_header: header });
      const answer = await w.good();
      assert.equal(answer.status, 200);
      assert.equal(answer.up('authorization'), undefined);
    }
  }),
  testCase(100, 'another upstream header', async (w) => {
    await w.base({ access_token_upstream_header: 'X-New' });
    const answer = await w.good();
    assertSigned(answer, 'x-new');
    assert.match(answer.up('x-new') ?? '', /^ey/);
    assert.equal(answer.up('authorization'), undefined);
  }),
  testCase(101, 'the token as it came', async (w) => {
    await w.base({ original_access_token_upstream_header: 'X-Orig' });
    const token = w.at();
    const answer = await w.bearer(token);
    assertSigned(answer);
    assert.equal(answer.up('x-orig'), token);
  }),
  testCase(102, 'two tokens cannot share an upstream header', async (w) => {
    const { status, text } = await w.refused({ channel_token_upstream_header: 'authorization' });
    assert.equal(status, 400);
    assert.match(text, /values of these fields must be distinct/);
  }),
  testCase(103, 'the new token in the header that another one came in', async (w) => {
    await w.base({
      access_token_upstream_header: 'X-Ch',
      channel_token_optional: false,
      channel_token_request_header: 'X-Ch',
      channel_token_jwks_uri: w.issuer.jwks,
    });
    const channel = w.at({ sub: 'channel' });
    const answer = await w.send(['Authorization', `Bearer ${w.at()}`, 'X-Ch', channel]);
    assertSigned(answer, 'x-ch');
    assert.equal(answer.fresh('x-ch').claims['sub'], 'u1');
  }),
  testCase(104, 'signing switched off', async (w) => {
    await w.base({ access_token_signing: false });
    const token = w.at();
    const answer = await w.bearer(token);
    assert.equal(answer.status, 200);
    assert.equal(answer.up('authorization'), `Bearer ${token}`);
  }),
  testCase(105, 'claims that are added', async (w) => {
    await w.base({ add_claims: { tier: 'gold', sub: 'x' } });
    const { claims } = (await w.good()).fresh();
    assert.equal(claims['tier'], 'gold');
    assert.equal(claims['sub'], 'u1');
  }),
  testCase(106, 'claims that are set', async (w) => {
    await w.base({ set_claims: { sub: 'x' } });
    assert.equal((await w.good()).fresh().claims['sub'], 'x');
    await w.base({ set_claims: { sub: 'x' }, set_access_token_claims: { sub: 'y' } });
    assert.equal((await w.good()).fresh().claims['sub'], 'y');
  }),
  testCase(107, 'claims that are JSON', async (w) => {
    await w.base({ add_access_token_claims: { n: '42', l: '[1,2]', o: '{"a":1}', s: 'hi' } });
    const { n, l, o, s } = (await w.good()).fresh().claims;
    assert.deepEqual({ n, l, o, s }, { n: 42, l: [1, 2], o: { a: 1 }, s: 'hi' });
  }),
  testCase(108, 'claims that are removed', async (w) => {
    await w.base({ remove_access_token_claims: ['scope', 'original_iss'] });
    const { claims } = (await w.good()).fresh();
    assert.ok(!('scope' in claims));
    assert.ok(!('original_iss' in claims));
  }),
  testCase(109, 'claims of the other token', async (w) => {
    await w.base({ add_channel_token_claims: { tier: 'gold' } });
    assert.ok(!('tier' in (await w.good()).fresh().claims));
  }),
  testCase(110, 'the result of an introspection is the payload', async (w) => {
    w.issuer.introspect = () => ({ body: { active: true, foo: { bar: 1 } } });
    await w.base({ access_token_introspection_endpoint: w.issuer.endpoint });
    const { claims } = (await w.bearer('opaque-1')).fresh();
    assert.deepEqual(claims['foo'], { bar: 1 });
    assert.equal(claims['active'], true);
  }),
  testCase(111, 'no issuer before, none remembered', async (w) => {
    await w.base();
    assert.ok(!('original_iss' in (await w.good({ iss: undefined })).fresh().claims));
  }),
];
