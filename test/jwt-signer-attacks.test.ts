/** jwt-signer under attack: floods of bad tokens, tokens that are none, endpoints that answer with anything. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { IssuerAnswer } from './support/issuer.ts';
import {
  assertRefused,
  assertSigned,
  K2,
  makeWorld,
  startSigner,
  usualClaims,
  type World,
} from './support/signer.ts';
import { signed, unsigned } from './support/tokens.ts';

const introspecting = (w: World, fields: Readonly<Record<string, unknown>> = {}): Promise<void> =>
  w.base({ access_token_introspection_endpoint: w.issuer.endpoint, ...fields });

const FLOOD = 400;
/** Calls that the endpoint may see at once; the rest wait, or are refused at once. */
const CONNECTIONS_MAX = 8;

async function flood(w: World): Promise<void> {
  let open = 0;
  let most = 0;
  w.issuer.introspect = () => {
    most = Math.max(most, ++open);
    setTimeout(() => (open -= 1), 30);
    return { body: { active: false }, delayMs: 30 };
  };
  await introspecting(w);
  const known = w.at();
  assertSigned(await w.bearer(known));
  const answers = Array.from({ length: FLOOD }, (_, i) => w.bearer(`unknown-${i}`));
  const before = performance.now();
  assert.equal((await w.bearer(known)).status, 200);
  assert.equal((await w.good({ jti: 'new during the flood' })).status, 200);
  const took = performance.now() - before;
  for (const { status } of await Promise.all(answers)) assert.equal(status, 401);
  assert.ok(most <= CONNECTIONS_MAX, `${most} calls at once`);
  assert.ok(took < 5000, `good tokens waited for ${took} ms`);
  w.issuer.introspect = () => ({ body: { active: true } });
  assertSigned(await w.bearer('good-after-the-flood'));
}

const ANSWERS: readonly (readonly [name: string, answer: IssuerAnswer])[] = [
  ['HTML', { body: '<html>login</html>', type: 'text/html' }],
  ['nothing', { body: '' }],
  ['a list', { body: '[{"active":true}]' }],
  ['true', { body: 'true' }],
  ['active as text', { body: { active: 'true' } }],
  ['no active', { body: { sub: 'u1' } }],
  ['active twice', { body: '{"active":false,"active":true}' }],
  ['a redirect', { status: 302, body: '' }],
  ['no content', { status: 204, body: '' }],
  ['bottomless JSON', { body: `{"active":true,"a":${'['.repeat(5000)}${']'.repeat(5000)}}` }],
  ['ten megabytes', { body: `{"active":true,"a":"${'a'.repeat(10_000_000)}"}` }],
];

async function oddAnswers(w: World): Promise<void> {
  for (const [name, answer] of ANSWERS) {
    const fresh = await makeWorld(w.t, w);
    fresh.issuer.introspect = () => answer;
    await introspecting(fresh);
    const { status } = await fresh.bearer('opaque');
    assert.equal(status, 401, name);
  }
}

/** As header values: one character per byte. */
const TOKENS: readonly string[] = [
  '.',
  '..',
  '...',
  'a.b.c',
  'two words',
  'caf\u00e9',
  'x'.repeat(7000),
  `${unsigned({ alg: 'RS256' }, {})}.`,
  `${unsigned({ alg: ['RS256'] }, {})}.c2ln`,
  `${unsigned({ alg: 'RS256', kid: 7 }, {})}.c2ln`,
  `${unsigned({ alg: 'RS256', crit: ['exp'] }, {})}.c2ln`,
  `${unsigned({ alg: 'RS256', jwk: { kty: 'oct', k: 'AA' } }, usualClaims())}.c2ln`,
  `${unsigned({ alg: 'constructor' }, usualClaims())}.c2ln`,
  `${unsigned({ alg: 'RS256' }, [])}.c2ln`,
  `${unsigned({ alg: 'RS256' }, { exp: '__proto__' })}.c2ln`,
];

async function oddTokens(w: World): Promise<void> {
  w.issuer.introspect = () => ({ body: { active: false } });
  await introspecting(w, {
    channel_token_request_header: 'Authorization:Basic',
    original_access_token_upstream_header: 'X-Original',
  });
  for (const token of TOKENS) {
    for (const scheme of ['Bearer ', 'Basic ', '']) {
      const answer = await w.send(['Authorization', scheme + token]);
      assert.ok([400, 401].includes(answer.status), `${answer.status} for ${scheme}${token}`);
      assert.equal(answer.isProxied, false);
    }
  }
  const injected = Buffer.from('user:x\r\nX-Admin: true').toString('base64');
  assertRefused(await w.send(['Authorization', `Basic ${injected}`]), 401);
}

test('jwt-signer under attack', async (t) => {
  const gateway = await startSigner(t);
  const attacks = {
    'a flood of opaque tokens': flood,
    'odd answers': oddAnswers,
    'odd tokens': oddTokens,
  };
  for (const [name, run] of Object.entries(attacks)) {
    await t.test(name, async (sub) => run(await makeWorld(sub, gateway)));
  }
  await t.test('claims named like parts of objects are signed as they are', async (sub) => {
    const w = await makeWorld(sub, gateway);
    w.issuer.introspect = () => ({
      body: '{"active":true,"__proto__":{"admin":true},"constructor":1,"kind":"refused"}',
    });
    await introspecting(w);
    const answer = await w.bearer('opaque');
    assertSigned(answer);
    const { claims } = answer.fresh();
    assert.deepEqual(Object.keys(claims).toSorted(), [
      '__proto__',
      'active',
      'constructor',
      'iss',
      'kind',
    ]);
    assert.equal(claims['admin'], undefined);
  });
});

test('attack: tokens never in logs (canary)', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-logs-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [errors, requests] = [join(folder, 'error.log'), join(folder, 'access.log')];
  await t.test(
    'tokens are taken, refused, introspected, and cannot be introspected',
    async (sub) => {
      const gateway = await startSigner(sub, {
        log_level: 'debug',
        proxy_error_log: errors,
        admin_error_log: errors,
        proxy_access_log: requests,
      });
      const w = await makeWorld(sub, gateway);
      await introspecting(w, {
        access_token_introspection_endpoint: `${w.issuer.endpoint}?key=canary-query`,
        access_token_introspection_authorization: 'Basic canary-authorization',
        access_token_introspection_body_args: 'client_secret=canary-argument',
        access_token_request_header: 'X-Access',
        original_access_token_upstream_header: 'X-Original',
        enable_instrumentation: true,
      });
      const send = async (token: string): Promise<number> =>
        (await w.send(['X-Access', token])).status;
      assert.equal(await send(w.at({ jti: 'canary-good' })), 200);
      assert.equal(await send(signed(K2, { ...usualClaims(), sub: 'canary-forged' })), 401);
      assert.equal(await send('canary-opaque-good'), 200);
      w.issuer.introspect = () => ({ body: { active: false } });
      assert.equal(await send('canary-opaque-inactive'), 401);
      w.issuer.introspect = () => ({ status: 500, body: 'canary-opaque-echoed' });
      assert.equal(await send('canary-opaque-unanswered'), 401);
    },
  );
  const text = readFileSync(errors, 'utf8') + readFileSync(requests, 'utf8');
  assert.match(text, /introspection failed/, 'what failed is logged');
  assert.match(text, /jwt-signer instrumentation/);
  assert.match(text, /GET \/ HTTP/);
  assert.doesNotMatch(text, /canary-|eyJ[\w-]+\./);
});
