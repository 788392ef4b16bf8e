/** Cases 66 to 84 of the reference: opaque tokens and their introspection. */
import assert from 'node:assert/strict';
import {
  assertRefused,
  assertSigned,
  now,
  testCase,
  type Case,
  type World,
} from '../support/signer.ts';
import type { Claims } from '../support/tokens.ts';
import { until } from '../support/until.ts';

const OPAQUE = 'opaque-1';
const SCOPES = 'access_token_introspection_scopes_required';

/** Loads the base config with the endpoint, without keys. */
const introspecting = (w: World, fields: Claims = {}): Promise<void> =>
  w.base({
    access_token_jwks_uri: null,
    access_token_introspection_endpoint: w.issuer.endpoint,
    ...fields,
  });

const answering = (w: World, result: Claims): void => {
  w.issuer.introspect = () => ({ body: { active: true, ...result } });
};

const asked = (w: World): number => w.issuer.count('/introspect');

export const INTROSPECTION_CASES: readonly Case[] = [
  testCase(66, 'the question and the new token', async (w) => {
    await introspecting(w);
    const answer = await w.bearer(OPAQUE);
    assertSigned(answer);
    const [request] = w.issuer.seen;
    assert.equal(request?.method, 'POST');
    assert.equal(request.contentType, 'application/x-www-form-urlencoded');
    const form = new URLSearchParams(request.body);
    assert.deepEqual(
      [...form],
      [
        ['token', OPAQUE],
        ['token_type_hint', 'access_token'],
      ],
    );
    const { claims } = answer.fresh();
    assert.equal(claims['sub'], 'u1');
    assert.equal(claims['original_iss'], 'https://idp');
  }),
  testCase(67, 'not active', async (w) => {
    await introspecting(w);
    w.issuer.introspect = () => ({ body: { active: false } });
    assertRefused(await w.bearer(OPAQUE), 401, /not active/);
  }),
  testCase(68, 'no endpoint', async (w) => {
    await w.base();
    assertRefused(await w.bearer(OPAQUE), 401);
  }),
  testCase(69, 'turned off', async (w) => {
    await introspecting(w, { enable_access_token_introspection: false });
    assertRefused(await w.bearer(OPAQUE), 401);
    assert.equal(asked(w), 0);
  }),
  testCase(70, 'authorization', async (w) => {
    const authorization = 'Basic YWRtaW46YWRtaW4=';
    await introspecting(w, { access_token_introspection_authorization: authorization });
    assertSigned(await w.bearer(OPAQUE));
    assert.equal(w.issuer.seen[0]?.authorization, authorization);
  }),
  testCase(71, 'more arguments', async (w) => {
    await introspecting(w, { access_token_introspection_body_args: 'resource=&a=1' });
    assertSigned(await w.bearer(OPAQUE));
    assert.match(w.issuer.seen[0]?.body ?? '', /&resource=&a=1$/);
  }),
  testCase(72, 'no hint, neither by null nor for a channel token', async (w) => {
    await introspecting(w, { access_token_introspection_hint: null });
    assertSigned(await w.bearer(OPAQUE));
    await introspecting(w, {
      access_token_optional: true,
      channel_token_request_header: 'X-Ch',
      channel_token_introspection_endpoint: w.issuer.endpoint,
    });
    assert.equal((await w.send(['X-Ch', OPAQUE])).status, 200);
    assert.deepEqual(
      w.issuer.seen.map(({ body }) => body),
      ['token=opaque-1', 'token=opaque-1'],
    );
  }),
  testCase(73, 'the endpoint fails once', async (w) => {
    await introspecting(w);
    const good = w.issuer.introspect;
    w.issuer.introspect = (request) => (asked(w) === 1 ? { status: 500, body: '' } : good(request));
    assertSigned(await w.bearer(OPAQUE));
    assert.equal(asked(w), 2);
  }),
  testCase(74, 'the endpoint fails twice', async (w) => {
    await introspecting(w);
    w.issuer.introspect = () => ({ status: 500, body: '' });
    assertRefused(await w.bearer(OPAQUE), 401, /temporarily_unavailable/);
    assert.equal(asked(w), 2);
  }),
  testCase(75, 'the endpoint is slow', async (w) => {
    await introspecting(w, { access_token_introspection_timeout: 100 });
    const good = w.issuer.introspect;
    w.issuer.introspect = (request) => ({ ...good(request), delayMs: 3000 });
    const before = performance.now();
    assertRefused(await w.bearer(OPAQUE), 401);
    const took = performance.now() - before;
    assert.ok(took >= 190 && took < 2000, `${took} ms`);
    assert.equal(asked(w), 2);
  }),
  testCase(76, 'results are remembered, unless the config says not to', async (w) => {
    await introspecting(w);
    assertSigned(await w.bearer(OPAQUE));
    assertSigned(await w.bearer(OPAQUE));
    assert.equal(asked(w), 1);
    await introspecting(w, { cache_access_token_introspection: false });
    assertSigned(await w.bearer(OPAQUE));
    assertSigned(await w.bearer(OPAQUE));
    assert.equal(asked(w), 3);
  }),
  testCase(77, 'a result that expires between two requests', async (w) => {
    await introspecting(w);
    answering(w, { exp: now() + 2 });
    assertSigned(await w.bearer(OPAQUE));
    await until(async () => (await w.bearer(OPAQUE)).status === 401);
  }),
  testCase(78, 'an expired result', async (w) => {
    answering(w, { exp: now() - 10 });
    await introspecting(w);
    assertRefused(await w.bearer(OPAQUE), 401);
    await introspecting(w, { access_token_introspection_leeway: 3600 });
    assertSigned(await w.bearer(OPAQUE));
    await introspecting(w, { verify_access_token_introspection_expiry: false });
    assertSigned(await w.bearer(OPAQUE));
  }),
  testCase(79, 'scopes of the result', async (w) => {
    answering(w, { scope: 'y' });
    await introspecting(w, { [SCOPES]: ['x'] });
    assertRefused(await w.bearer(OPAQUE), 403);
  }),
  testCase(80, 'a trusted result needs no checks of the payload', async (w) => {
    answering(w, { scope: 'x' });
    const fields = { [SCOPES]: ['x'], access_token_scopes_required: ['admin'] };
    await introspecting(w, fields);
    assertSigned(await w.bearer(OPAQUE));
    await introspecting(w, { ...fields, trust_access_token_introspection: false });
    assertRefused(await w.bearer(OPAQUE), 403);
  }),
  testCase(81, 'a JWT inside of the result', async (w) => {
    answering(w, { jwt: w.at({ sub: 'inner' }) });
    await introspecting(w, { access_token_introspection_jwt_claim: ['jwt'] });
    const answer = await w.bearer(OPAQUE);
    assertSigned(answer);
    assert.equal(answer.fresh().claims['sub'], 'inner');
  }),
  testCase(82, 'a JWT inside of the result that is missing or none', async (w) => {
    await introspecting(w, { access_token_introspection_jwt_claim: ['jwt'] });
    for (const result of [{}, { jwt: 'abc' }, { jwt: { a: 1 } }]) {
      answering(w, result);
      assertRefused(await w.bearer(`opaque-${JSON.stringify(result).length}`), 401);
    }
  }),
  testCase(83, 'issuers of the result', async (w) => {
    await introspecting(w, { access_token_introspection_issuers_allowed: ['https://other'] });
    assertRefused(await w.bearer(OPAQUE), 401);
  }),
  testCase(84, 'required claims of the result', async (w) => {
    await introspecting(w, { access_token_introspection_required_claims: [['client_id']] });
    assertRefused(await w.bearer(OPAQUE), 401);
  }),
];
