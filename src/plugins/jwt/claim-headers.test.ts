/** Claims of verified tokens as headers for the upstream. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokenBy } from '../../tokens/keys.test.fixture.ts';
import { ask, claims, issuersAt, key, rig } from '../../../test/support/jwt-issuers.ts';
import { bearer } from './tokens.test.fixture.ts';

test('claims become headers, and what clients send under those names never passes', async (t) => {
  const made = await rig(t);
  const phases = made.compile({
    issuers: issuersAt(made),
    anonymous: 'nobody',
    claims_to_headers: {
      'X-User': 'sub',
      'X-Roles': 'realm.roles',
      'X-Aud': 'aud',
      'X-Org': 'https://a.b/org',
      'X-Gone': 'gone',
      'X-Bad': 'bad',
    },
  });
  const forged = [
    'x-user',
    'root',
    'X_User',
    'root',
    'X-ROLES',
    'admin',
    'X-Gone',
    'here',
    'X-Bad',
    'x',
    'X-Other',
    'kept',
  ];
  const more = {
    ...claims,
    realm: { roles: ['a', 'b'] },
    'https://a.b/org': { id: 7 },
    bad: 'a\r\nX-Injected: 1',
  };
  const { headers } = bearer(await tokenBy(key, more));
  const { ctx } = await ask(phases, { headers: [...forged, ...headers] });
  const sent = ctx.headers.filter((_, i) => ctx.headers[i - (i % 2)] !== 'Authorization');
  assert.deepEqual(sent, [
    'X-Other',
    'kept',
    'X-User',
    'alice',
    'X-Roles',
    'a,b',
    'X-Aud',
    'api',
    'X-Org',
    '{"id":7}',
  ]);
  for (const request of [{}, { headers: ['Authorization', 'Bearer x'] }, { method: 'OPTIONS' }]) {
    const none = await ask(phases, {
      ...request,
      headers: [...forged, ...(request.headers ?? [])],
    });
    assert.equal(none.status, 'passed', 'as the anonymous consumer');
    assert.deepEqual(none.ctx.headers.slice(0, 2), ['X-Other', 'kept']);
    assert.ok(!none.ctx.headers.some((text) => /x.user/i.test(text)));
  }
});
