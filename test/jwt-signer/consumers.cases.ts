/** Cases 85 to 92 of the reference: from claims to consumers. */
import assert from 'node:assert/strict';
import { assertRefused, assertSigned, now, testCase, type Case } from '../support/signer.ts';

const ID = '11111111-1111-4111-8111-111111111111';
const entities = (...consumers: readonly object[]) => ({ consumers });
const U1 = { id: ID, username: 'u1' };
const MAPPED = { access_token_consumer_claim: ['sub'] };

export const CONSUMER_CASES: readonly Case[] = [
  testCase(85, 'a consumer by its username', async (w) => {
    await w.base(MAPPED, entities(U1));
    const answer = await w.good();
    assertSigned(answer);
    assert.equal(answer.up('x-consumer-username'), 'u1');
    assert.equal(answer.up('x-consumer-id'), ID);
    assert.equal(answer.up('x-credential-identifier'), 'u1');
  }),
  testCase(86, 'no such consumer', async (w) => {
    await w.base(MAPPED, entities({ username: 'u2' }));
    assertRefused(await w.good(), 403, /insufficient_scope/);
    assertRefused(await w.good({ sub: undefined }), 403);
  }),
  testCase(87, 'a field that is not asked', async (w) => {
    await w.base({ ...MAPPED, access_token_consumer_by: ['custom_id'] }, entities(U1));
    assertRefused(await w.good(), 403);
  }),
  testCase(88, 'a consumer by its id', async (w) => {
    await w.base({ ...MAPPED, access_token_consumer_by: ['id'] }, entities(U1));
    const answer = await w.good({ sub: ID });
    assertSigned(answer);
    assert.equal(answer.up('x-consumer-username'), 'u1');
  }),
  testCase(89, 'the result of an introspection is asked before the payload', async (w) => {
    w.issuer.introspect = () => ({
      body: { active: true, exp: now() + 60, of_result: 'a', of_payload: 'b' },
    });
    await w.base(
      {
        access_token_introspection_endpoint: w.issuer.endpoint,
        access_token_introspection_consumer_claim: ['of_result'],
        access_token_consumer_claim: ['of_payload'],
      },
      entities({ username: 'a' }, { username: 'b' }),
    );
    const answer = await w.bearer('opaque-1');
    assertSigned(answer);
    assert.equal(answer.up('x-consumer-username'), 'a');
  }),
  testCase(90, 'once a consumer is found, the channel token need not name one', async (w) => {
    const both = {
      ...MAPPED,
      channel_token_optional: false,
      channel_token_request_header: 'X-Ch',
      channel_token_jwks_uri: w.issuer.jwks,
      channel_token_consumer_claim: ['sub'],
    };
    await w.base(both, entities(U1));
    const channel = ['X-Ch', w.at({ sub: 'stranger' })];
    const answer = await w.send(['Authorization', `Bearer ${w.at()}`, ...channel]);
    assertSigned(answer);
    assert.equal(answer.up('x-consumer-username'), 'u1');
    await w.base({ ...both, access_token_consumer_claim: null }, entities(U1));
    assertRefused(await w.send(['Authorization', `Bearer ${w.at()}`, ...channel]), 403);
  }),
  testCase(91, 'limits of the groups of the consumer apply', async (w) => {
    await w.base(MAPPED, {
      consumers: [{ ...U1, groups: [{ name: 'silver' }] }, { username: 'u2' }],
      consumer_groups: [{ name: 'silver' }],
      plugins: [
        { name: 'rate-limiting', consumer_group: 'silver', config: { hour: 1, policy: 'local' } },
      ],
    });
    assertSigned(await w.good());
    assert.equal((await w.good()).status, 429);
    assertSigned(await w.good({ sub: 'u2' }));
    assertSigned(await w.good({ sub: 'u2' }));
  }),
  testCase(92, 'nobody can say who they are', async (w) => {
    await w.base();
    const forged = [
      'X-Consumer-Username',
      'root',
      'X-Consumer-ID',
      ID,
      'X-Anonymous-Consumer',
      'x',
    ];
    const answer = await w.send(['Authorization', `Bearer ${w.at()}`, ...forged]);
    assertSigned(answer);
    for (const name of ['x-consumer-username', 'x-consumer-id', 'x-anonymous-consumer']) {
      assert.equal(answer.up(name), undefined);
    }
  }),
];
