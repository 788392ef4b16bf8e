/** What is done once per token: verification, introspection, signature; and what makes it be done again. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { applyPluginDefaults } from '../../config/defaults.ts';
import type { JwtSignerConfig } from '../../config/schema-types.ts';
import { FakeContext, fakeBuild } from '../../gateway/fake-context.test.fixture.ts';
import type { PluginServices, SigningKey, SourceKeys } from '../../services.ts';
import { readJwkSet } from '../../tokens/jwk-set.ts';
import { jwtSigner } from './index.ts';

const START_MS = 1_800_000_000_000;
const issuer = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function tokenOf(claims: object, key: KeyObject = issuer.privateKey): string {
  const input = `${encode({ alg: 'ES256' })}.${encode(claims)}`;
  const options = { key, dsaEncoding: 'ieee-p1363' } as const;
  return `${input}.${sign('sha256', Buffer.from(input), options).toString('base64url')}`;
}

const isConfig = (value: unknown): value is JwtSignerConfig =>
  typeof value === 'object' && value !== null && 'access_token_keyset' in value;

interface State {
  nowMs: number;
  /** Version of the issuer's keys; `undefined`: they cannot be had. */
  version: number | undefined;
  /** What signs now. */
  key: SigningKey;
  readonly counts: { signatures: number; introspections: number; loads: number };
  /** What the endpoint says. */
  result: object;
}

interface Stage extends State {
  readonly ask: (token: string) => Promise<{ status: number; token: string | undefined }>;
  /** True when the request is decided at once. */
  readonly isSync: (token: string) => boolean;
}

/** The plugin with keys, keysets and an endpoint that count. */
function stage(fields: Readonly<Record<string, unknown>> = {}): Stage {
  const counts = { signatures: 0, introspections: 0, loads: 0 };
  const self: State = {
    nowMs: START_MS,
    version: 1,
    key: keyNamed('a', counts),
    counts,
    result: { active: true, sub: 'u1' },
  };
  const set = readJwkSet({
    keys: [{ ...issuer.publicKey.export({ format: 'jwk' }), alg: 'ES256' }],
  });
  assert.ok('keys' in set);
  const keysNow = (): SourceKeys | undefined =>
    self.version === undefined
      ? undefined
      : { keys: set.keys, previous: [], version: self.version, issuer: undefined };
  const load = (): Promise<SourceKeys | undefined> => {
    counts.loads += 1;
    return Promise.resolve(keysNow());
  };
  const services: Partial<PluginServices> = {
    keySources: {
      open: () => ({ name: 'idp', current: keysNow, load, refresh: load, close() {} }),
    },
    keysets: {
      open: () => ({
        name: 'kong',
        signingKey: () => self.key,
        publicSet: () => ({ keys: [], text: '' }),
        close() {},
      }),
    },
    outbound: {
      request: ({ url }) => {
        counts.introspections += 1;
        const body = Buffer.from(JSON.stringify(self.result));
        return Promise.resolve({ status: 200, headers: [], body, url });
      },
    },
  };
  const config: unknown = applyPluginDefaults('jwt-signer', {
    access_token_jwks_uri: 'https://idp.test/jwks',
    access_token_introspection_endpoint: 'https://idp.test/introspect',
    channel_token_optional: true,
    ...fields,
  });
  assert.ok(isConfig(config));
  const { access } = jwtSigner.compile(
    config,
    fakeBuild({}, () => self.nowMs, services),
  );
  return Object.assign(self, {
    async ask(token: string) {
      const ctx = contextOf(token);
      const answer = await access?.(ctx);
      return { status: answer?.status ?? 200, token: ctx.headers.at(-1) };
    },
    isSync: (token: string) => !(access?.(contextOf(token)) instanceof Promise),
  });
}

const contextOf = (token: string): FakeContext =>
  new FakeContext({ headers: ['Authorization', `Bearer ${token}`] });

function keyNamed(kid: string, counts: State['counts']): SigningKey {
  return {
    kid,
    algorithm: 'RS256',
    async sign() {
      counts.signatures += 1;
      await new Promise((resolve) => setImmediate(resolve));
      return `signed-by-${kid}`;
    },
    noteExpiry() {},
  };
}

const usual = { sub: 'u1', exp: START_MS / 1000 + 300 };

test('requests with one new token share one signature; later ones are decided at once', async () => {
  const s = stage();
  const token = tokenOf(usual);
  const answers = await Promise.all(Array.from({ length: 50 }, () => s.ask(token)));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.equal(new Set(answers.map((answer) => answer.token)).size, 1);
  assert.equal(s.counts.signatures, 1);
  assert.ok(s.isSync(token));
  assert.equal(s.counts.signatures, 1);
});

test('another key that signs: the token is signed again, once', async () => {
  const s = stage();
  const token = tokenOf(usual);
  const before = await s.ask(token);
  s.key = keyNamed('b', s.counts);
  const after = await Promise.all(Array.from({ length: 10 }, () => s.ask(token)));
  assert.equal(s.counts.signatures, 2);
  assert.ok(after.every((answer) => answer.token !== before.token));
});

test('a remembered token expires, also when the clock jumps', async () => {
  const s = stage({ verify_access_token_notbefore: true });
  const token = tokenOf({ ...usual, nbf: START_MS / 1000 - 10 });
  assert.equal((await s.ask(token)).status, 200);
  s.nowMs += 301_000;
  assert.equal((await s.ask(token)).status, 401);
  s.nowMs = START_MS - 11_000;
  assert.equal((await s.ask(token)).status, 401, 'not valid yet');
  s.nowMs = START_MS;
  assert.equal((await s.ask(token)).status, 200);
  assert.equal(s.counts.signatures, 1);
});

test('other keys of the issuer: the token is verified again, and not signed again', async () => {
  const s = stage();
  const token = tokenOf(usual);
  await s.ask(token);
  s.version = 2;
  assert.equal((await s.ask(token)).status, 200);
  assert.equal(s.counts.signatures, 1);
  s.version = undefined;
  assert.equal((await s.ask(token)).status, 401, 'without keys nothing is known any more');
  assert.equal(s.counts.loads, 1);
});

test('a result of introspection lasts a minute when it does not say how long', async () => {
  const s = stage();
  await s.ask('opaque');
  s.nowMs += 59_000;
  await s.ask('opaque');
  assert.equal(s.counts.introspections, 1);
  s.nowMs += 2000;
  await s.ask('opaque');
  assert.deepEqual([s.counts.introspections, s.counts.signatures], [2, 1]);
  s.nowMs += 61_000;
  s.result = { active: true, sub: 'u2' };
  await s.ask('opaque');
  assert.deepEqual([s.counts.introspections, s.counts.signatures], [3, 2], 'another result');
});

test('without the cache each request asks, and the same result is signed once', async () => {
  const s = stage({ cache_access_token_introspection: false });
  await s.ask('opaque');
  await Promise.all([s.ask('opaque'), s.ask('opaque')]);
  assert.deepEqual([s.counts.introspections, s.counts.signatures], [3, 1]);
});

test('a token that is not active is not asked about again for some seconds', async () => {
  const s = stage();
  s.result = { active: false };
  for (let i = 0; i < 3; i++) assert.equal((await s.ask('opaque')).status, 401);
  assert.equal(s.counts.introspections, 1);
  s.nowMs += 5001;
  s.result = { active: true };
  assert.equal((await s.ask('opaque')).status, 200);
});

test('a result that looks like one of our own values is a result', async () => {
  const s = stage();
  s.result = { active: true, kind: 'refused', status: 200 };
  assert.equal((await s.ask('opaque')).status, 200);
});

test('a signature that fails is 500, and the next request tries again', async () => {
  const s = stage();
  const good = s.key;
  s.key = { ...good, sign: () => Promise.reject(new Error('no')) };
  const token = tokenOf(usual);
  assert.equal((await s.ask(token)).status, 500);
  s.key = good;
  assert.equal((await s.ask(token)).status, 200);
});
