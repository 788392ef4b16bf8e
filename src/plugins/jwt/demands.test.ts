/** What the jwt plugin demands of tokens of issuers and of credentials alike: audience, scopes, times. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokenBy } from '../../tokens/keys.test.fixture.ts';
import {
  ask,
  claims,
  issuersAt,
  key,
  rig,
  type Outcome,
} from '../../../test/support/jwt-issuers.ts';
import { bearer, hs256, NOW } from './tokens.test.fixture.ts';

test('leeway counts for tokens of issuers and of credentials', async (t) => {
  const made = await rig(t);
  const phases = made.compile({
    issuers: issuersAt(made),
    leeway: 30,
    claims_to_verify: ['exp', 'nbf'],
  });
  const times = { exp: NOW - 29, nbf: NOW + 30 };
  assert.equal(
    (await ask(phases, bearer(await tokenBy(key, { ...claims, ...times })))).status,
    'passed',
  );
  assert.equal((await ask(phases, bearer(hs256({ iss: 'alice-key', ...times })))).status, 'passed');
  const late = { exp: NOW - 30, nbf: NOW };
  assert.equal((await ask(phases, bearer(hs256({ iss: 'alice-key', ...late })))).status, 401);
});

test('audience and scopes are demanded of every token', async (t) => {
  const made = await rig(t);
  const issuers = issuersAt(made);
  const demand = async (config: object, token: string): Promise<Outcome> =>
    ask(made.compile({ issuers, ...config }), bearer(token));
  const issued = await tokenBy(key, claims);
  const own = hs256({ iss: 'alice-key', aud: 'api', roles: { list: ['admin'] } });
  for (const token of [issued, own]) {
    assert.equal((await demand({ audiences: ['x', 'api'] }, token)).status, 'passed');
    const wrong = await demand({ audiences: ['x'] }, token);
    assert.deepEqual([wrong.status, wrong.text], [401, '{"message":"Invalid audience"}']);
  }
  assert.equal(
    (await demand({ scopes_required: ['admin', 'read write'] }, issued)).status,
    'passed',
  );
  const missing = await demand({ scopes_required: ['read admin'] }, issued);
  assert.equal(missing.status, 403);
  assert.match(missing.challenge, /error="insufficient_scope"/);
  const nested = { scopes_required: ['admin'], scopes_claim: ['roles', 'list'] };
  assert.equal((await demand(nested, own)).status, 'passed');
  assert.equal((await demand(nested, issued)).status, 403);
});
