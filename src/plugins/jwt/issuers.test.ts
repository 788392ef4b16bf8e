/** The jwt plugin with trusted issuers, against a provider on a real socket. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshKey, setOf, testKey, tokenBy } from '../../tokens/keys.test.fixture.ts';
import { ask, claims, IDP, issuersAt, key, rig } from '../../../test/support/jwt-issuers.ts';
import { alice, bearer, hs256, NOW } from './tokens.test.fixture.ts';

test('a token of a trusted issuer passes, with its claims and without a consumer', async (t) => {
  const made = await rig(t);
  const phases = made.compile({ issuers: issuersAt(made) });
  const forged = [
    'X-Consumer-Username',
    'root',
    'X-Consumer-ID',
    '1',
    'X-Credential-Identifier',
    'x',
    'X_Consumer_Username',
    'root',
  ];
  const { headers } = bearer(await tokenBy(key, claims));
  const { status, ctx } = await ask(phases, { headers: [...headers, ...forged] });
  assert.equal(status, 'passed');
  assert.equal(ctx.consumer, undefined);
  assert.deepEqual(ctx.claims, claims);
  assert.deepEqual(ctx.headers.slice(2), [], 'forged identity is gone');
  await ask(phases, { headers });
  assert.equal(made.provider.seen.length, 1);
});

test('several keys, a rotation, a revoked key', async (t) => {
  const made = await rig(t);
  const [two, three] = [freshKey('two'), freshKey('one')];
  made.document = setOf(key, two, three);
  const phases = made.compile({ issuers: issuersAt(made) });
  for (const one of [key, two, three]) {
    assert.equal((await ask(phases, bearer(await tokenBy(one, claims)))).status, 'passed');
  }
  const four = freshKey('four');
  made.document = setOf(four);
  assert.equal((await ask(phases, bearer(await tokenBy(four, claims)))).status, 'passed');
  const revoked = await ask(phases, bearer(await tokenBy(two, claims)));
  assert.deepEqual([revoked.status, revoked.text], [401, '{"message":"Invalid signature"}']);
});

const refused: readonly (readonly [name: string, token: () => Promise<string>, message: string])[] =
  [
    ['signed by another key', () => tokenBy(freshKey('one'), claims), 'Invalid signature'],
    ['with a published secret', () => tokenBy(testKey('HS256'), claims), 'Invalid algorithm'],
    ['expired', () => tokenBy(key, { ...claims, exp: NOW - 31 }), 'token expired'],
    ['not valid yet', () => tokenBy(key, { ...claims, nbf: NOW + 31 }), 'token not valid yet'],
    [
      'with a text as exp',
      () => tokenBy(key, { ...claims, exp: '9999999999' }),
      'must be a number',
    ],
    [
      'of another issuer',
      () => tokenBy(key, { ...claims, iss: `${IDP}/` }),
      "No credentials found for given 'iss'",
    ],
    ['without an issuer', () => tokenBy(key, { sub: 'a' }), "No mandatory 'iss' in claims"],
  ];

for (const [name, token, message] of refused) {
  test(`a token ${name} is refused`, async (t) => {
    const made = await rig(t);
    made.document = setOf(key, testKey('HS256'));
    const phases = made.compile({ issuers: issuersAt(made), leeway: 30 });
    const { status, text } = await ask(phases, bearer(await token()));
    assert.equal(status, 401);
    assert.ok(text.includes(message), text);
  });
}

test('only the listed algorithms of an issuer are taken', async (t) => {
  const made = await rig(t);
  const phases = made.compile({ issuers: issuersAt(made, { algorithms: ['ES256'] }) });
  const { text } = await ask(phases, bearer(await tokenBy(key, claims)));
  assert.equal(text, '{"message":"Invalid algorithm"}');
});

test('a provider that is away: 401 while no keys are known, never a 5xx', async (t) => {
  const made = await rig(t);
  made.document = '<html>';
  const phases = made.compile({ issuers: issuersAt(made) });
  const { status, text } = await ask(phases, bearer(await tokenBy(key, claims)));
  assert.deepEqual([status, text], [401, '{"message":"The keys of the issuer cannot be had"}']);
  made.document = setOf(key);
  assert.equal((await ask(phases, bearer(await tokenBy(key, claims)))).status, 'passed');
});

test('a claim names the consumer', async (t) => {
  const made = await rig(t);
  const withConsumer = { consumer_claim: ['sub'], consumer_by: ['username'] };
  const phases = made.compile({ issuers: issuersAt(made, withConsumer) });
  const { ctx } = await ask(phases, bearer(await tokenBy(key, claims)));
  assert.equal(ctx.consumer?.id, alice.id);
  const unknown = await tokenBy(key, { ...claims, sub: 'nobody else' });
  const { status, text } = await ask(phases, bearer(unknown));
  assert.deepEqual(
    [status, text],
    [401, '{"message":"No consumer found for the claims of the token"}'],
  );
  const lenient = made.compile({
    issuers: issuersAt(made, { ...withConsumer, consumer_optional: true }),
  });
  assert.equal((await ask(lenient, bearer(unknown))).status, 'passed');
});

test('credentials of consumers work beside issuers', async (t) => {
  const made = await rig(t);
  const phases = made.compile({ issuers: issuersAt(made) });
  const { status, ctx } = await ask(phases, bearer(hs256({ iss: 'alice-key' })));
  assert.deepEqual([status, ctx.consumer?.id], ['passed', alice.id]);
});
