/** The jwt plugin with trusted issuers, demands on claims and claims as headers, against a provider on a real socket. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { JwtConfig } from '../../config/schema-types.ts';
import { applyDefaults } from '../../config/defaults.ts';
import { ConfigError } from '../../errors.ts';
import {
  FakeContext,
  fakeBuild,
  type FakeRequest,
} from '../../gateway/fake-context.test.fixture.ts';
import { createKeyServices } from '../../keys/client.ts';
import { createKeyHost } from '../../keys/host.ts';
import { SILENT } from '../../log.ts';
import { createOutbound } from '../../outbound/index.ts';
import type { PluginPhases } from '../../plugin.ts';
import type { KeySource, KeySourceSpec } from '../../services.ts';
import { freshKey, setOf, testKey, tokenBy } from '../../tokens/keys.test.fixture.ts';
import { startOrigin, type RecordingOrigin } from '../../../test/support/origin.ts';
import { alice, bearer, entities, hs256, NOW } from './tokens.test.fixture.ts';
import { jwt } from './index.ts';

const key = freshKey('one');
const IDP = 'https://idp.example';

interface Rig {
  readonly provider: RecordingOrigin;
  /** What the provider publishes. */
  document: string;
  compile(config: Record<string, unknown>): PluginPhases;
}

const openStore = (): never => {
  throw new Error('no store in this test');
};

async function rig(t: TestContext): Promise<Rig> {
  const provider = await startOrigin(t, (req, res) => {
    const isDiscovery = req.url?.startsWith('/.well-known/') === true;
    const found = { issuer: provider.url, jwks_uri: `${provider.url}/jwks` };
    res.end(isDiscovery ? JSON.stringify(found) : made.document);
  });
  const outbound = createOutbound({ resolve: () => [{ ip: '127.0.0.1' }] });
  const host = createKeyHost({ outbound, openStore, log: SILENT });
  const services = createKeyServices(host.connect);
  t.after(async () => {
    services.close();
    await host.close();
    await outbound.close();
  });
  const made: Rig = {
    provider,
    document: setOf(key),
    compile(written) {
      const { keySources } = services;
      return jwt.compile(
        configOf(written),
        fakeBuild(entities, () => NOW * 1000, { keySources }),
      );
    },
  };
  return made;
}

/** A config as it is loaded. */
function configOf(config: Record<string, unknown>): JwtConfig {
  const entity: unknown = applyDefaults('plugins', { name: 'jwt', config })['config'];
  // The schema that filled it in is the one the type is made from.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return entity as JwtConfig;
}

interface Outcome {
  readonly status: number | 'passed';
  readonly text: string;
  readonly challenge: string;
  readonly ctx: FakeContext;
}

async function ask(phases: PluginPhases, request: FakeRequest): Promise<Outcome> {
  const ctx = new FakeContext(request);
  const answer = await phases.access?.(ctx);
  if (answer === undefined) return { status: 'passed', text: '', challenge: '', ctx };
  const at = answer.headers.indexOf('WWW-Authenticate');
  const text = answer.kind === 'exit' ? String(answer.body) : '';
  return { status: answer.status, text, challenge: answer.headers[at + 1] ?? '', ctx };
}

const claims = { iss: IDP, sub: 'alice', aud: ['api'], scope: 'read write', exp: NOW + 60 };
const issuersAt = ({ provider }: Rig, more: object = {}): object[] => [
  { issuer: IDP, jwks_uri: `${provider.url}/jwks`, ...more },
];

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

test('the issuer is discovered when no jwks_uri is given', async (t) => {
  const made = await rig(t);
  const iss = made.provider.url;
  const phases = made.compile({ issuers: [{ issuer: iss }] });
  const { status } = await ask(phases, bearer(await tokenBy(key, { ...claims, iss })));
  assert.equal(status, 'passed');
});

test('an issuer that cannot be asked for its keys is a problem of the config', async (t) => {
  const made = await rig(t);
  for (const issuer of [
    { issuer: 'accounts' },
    { issuer: IDP, jwks_uri: 'file:///keys' },
    { issuer: IDP, jwks_uri: 'https://user:password@idp.example/keys' },
  ]) {
    assert.throws(
      () => made.compile({ issuers: [issuer] }),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        assert.deepEqual(error.issues[0]?.path, ['issuers', 0, 'jwks_uri']);
        assert.doesNotMatch(error.issues[0]?.message ?? '', /user:/);
        return true;
      },
    );
  }
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

test('credentials of consumers work beside issuers', async (t) => {
  const made = await rig(t);
  const phases = made.compile({ issuers: issuersAt(made) });
  const { status, ctx } = await ask(phases, bearer(hs256({ iss: 'alice-key' })));
  assert.deepEqual([status, ctx.consumer?.id], ['passed', alice.id]);
});

test('ssl_verify and refresh_seconds go to the source of the keys; it is closed with the plugin', () => {
  const opened: KeySourceSpec[] = [];
  let closed = 0;
  const keySources = {
    open(spec: KeySourceSpec): KeySource {
      opened.push(spec);
      return {
        name: spec.url,
        current: () => undefined,
        load: () => Promise.resolve(undefined),
        refresh: () => Promise.resolve(undefined),
        close: () => void (closed += 1),
      };
    },
  };
  const issuers = [
    { issuer: IDP, ssl_verify: false, refresh_seconds: 600 },
    { issuer: 'accounts', jwks_uri: `${IDP}/jwks` },
  ];
  const build = fakeBuild(entities, () => NOW * 1000, { keySources });
  const phases = jwt.compile(configOf({ issuers }), build);
  assert.deepEqual(opened, [
    { kind: 'discovery', url: IDP, tls: { verify: false }, refreshSeconds: 600 },
    { kind: 'jwks', url: `${IDP}/jwks`, tls: { verify: true }, refreshSeconds: 0 },
  ]);
  void phases.close?.();
  assert.equal(closed, 2);
});
