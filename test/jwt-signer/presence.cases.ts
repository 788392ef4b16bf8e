/** Cases 1 to 17 of the reference: where tokens are looked for, and what happens without one. */
import assert from 'node:assert/strict';
import { assertRefused, assertSigned, testCase, type Case } from '../support/signer.ts';

export const PRESENCE_CASES: readonly Case[] = [
  testCase(1, 'no header: 401 with the host as realm', async (w) => {
    await w.base();
    const answer = await w.send([]);
    assertRefused(answer, 401);
    assert.equal(answer.challenge, 'Bearer realm="api.test"');
    assert.match(answer.body, /"message":\s*"Unauthorized"/);
  }),
  testCase(2, 'the realm of the config', async (w) => {
    await w.base({ realm: 'acme' });
    assert.equal((await w.send([])).challenge, 'Bearer realm="acme"');
  }),
  testCase(3, 'a good token is replaced by a new one', async (w) => {
    await w.base();
    const token = w.at();
    const answer = await w.bearer(token);
    assertSigned(answer);
    assert.match(answer.up('authorization') ?? '', /^Bearer /);
    assert.notEqual(answer.token(), token);
  }),
  testCase(4, 'the scheme in lower case', async (w) => {
    await w.base();
    assertSigned(await w.send(['Authorization', `bearer ${w.at()}`]));
  }),
  testCase(5, 'the scheme Basic', async (w) => {
    await w.base();
    assertSigned(await w.send(['Authorization', `Basic ${w.at()}`]));
  }),
  testCase(6, 'Authorization:Bearer takes no Basic', async (w) => {
    await w.base({ access_token_request_header: 'Authorization:Bearer' });
    assertRefused(await w.send(['Authorization', `Basic ${w.at()}`]), 401);
    assertSigned(await w.good());
  }),
  testCase(7, 'authorization:basic takes no Bearer', async (w) => {
    await w.base({ access_token_request_header: 'authorization:basic' });
    assertRefused(await w.good(), 401);
    assertSigned(await w.send(['Authorization', `Basic ${w.at()}`]));
  }),
  testCase(8, 'another header, which does not reach the upstream', async (w) => {
    await w.base({ access_token_request_header: 'X-Token' });
    const answer = await w.send(['X-Token', w.at()]);
    assertSigned(answer);
    assert.equal(answer.up('x-token'), undefined);
  }),
  testCase(9, 'optional and absent: nothing is sent', async (w) => {
    await w.base({ access_token_optional: true });
    const answer = await w.send([]);
    assert.equal(answer.status, 200);
    assert.equal(answer.up('authorization'), undefined);
  }),
  testCase(10, 'optional does not excuse a bad token', async (w) => {
    await w.base({ access_token_optional: true });
    assertRefused(await w.bearer(`${w.at().slice(0, -8)}AAAAAAAA`), 401);
  }),
  testCase(11, 'a channel token that is demanded without a header: 500', async (w) => {
    await w.base({ channel_token_optional: false });
    const answer = await w.good();
    assertRefused(answer, 500, /error="server_error"/);
    assert.match(answer.body, /An unexpected error occurred/);
  }),
  testCase(12, 'no header name and not optional: 500', async (w) => {
    await w.base({ access_token_request_header: '' });
    assertRefused(await w.good(), 500);
  }),
  testCase(13, 'no header name and optional: the header is left alone', async (w) => {
    await w.base({ access_token_request_header: '', access_token_optional: true });
    const answer = await w.send(['Authorization', 'Bearer left-alone']);
    assert.equal(answer.status, 200);
    assert.equal(answer.up('authorization'), 'Bearer left-alone');
  }),
  testCase(14, 'both tokens; the channel token goes nowhere', async (w) => {
    await w.base({
      channel_token_optional: false,
      channel_token_request_header: 'X-Ch',
      channel_token_jwks_uri: w.issuer.jwks,
    });
    const answer = await w.send(['Authorization', `Bearer ${w.at()}`, 'X-Ch', w.at()]);
    assertSigned(answer);
    assert.equal(answer.up('x-ch'), undefined);
  }),
  testCase(15, 'the channel token is missing', async (w) => {
    await w.base({
      channel_token_optional: false,
      channel_token_request_header: 'X-Ch',
      channel_token_jwks_uri: w.issuer.jwks,
    });
    assertRefused(await w.good(), 401);
  }),
  testCase(16, 'the new channel token has no scheme', async (w) => {
    await w.base({
      channel_token_optional: false,
      channel_token_request_header: 'X-Ch',
      channel_token_jwks_uri: w.issuer.jwks,
      channel_token_upstream_header: 'X-Ch-Up',
    });
    const answer = await w.send(['Authorization', `Bearer ${w.at()}`, 'X-Ch', w.at({ sub: 'c' })]);
    assertSigned(answer, 'x-ch-up');
    assert.match(answer.up('x-ch-up') ?? '', /^ey/);
    assert.equal(answer.fresh('x-ch-up').claims['sub'], 'c');
    assert.equal(answer.fresh().claims['sub'], 'u1');
  }),
  testCase(17, 'a scheme without a token', async (w) => {
    await w.base();
    assertRefused(await w.send(['Authorization', 'Bearer']), 401);
  }),
];
