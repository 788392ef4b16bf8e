/** Where the jwt plugin gets the keys of issuers from: URLs, discovery, key sets of the config. */
import assert from 'node:assert/strict';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import type { Key } from '../../config/types.ts';
import { ConfigError } from '../../errors.ts';
import { fakeBuild } from '../../gateway/fake-context.test.fixture.ts';
import { createKeyServices } from '../../keys/client.ts';
import { connectNowhere } from '../../keys/link.ts';
import type { PluginPhases } from '../../plugin.ts';
import type { KeySource, KeySourceSpec, SourceKeys } from '../../services.ts';
import type { VerificationKey } from '../../tokens/jwk-set.ts';
import { freshKey, testKey, tokenBy, type TestKey } from '../../tokens/keys.test.fixture.ts';
import { ask, claims, configOf, IDP, key, rig } from '../../../test/support/jwt-issuers.ts';
import { bearer, entities, NOW } from './tokens.test.fixture.ts';
import { jwt } from './index.ts';

test('the issuer is discovered when no jwks_uri is given', async (t) => {
  const made = await rig(t);
  const iss = made.provider.url;
  const phases = made.compile({ issuers: [{ issuer: iss }] });
  const { status } = await ask(phases, bearer(await tokenBy(key, { ...claims, iss })));
  assert.equal(status, 'passed');
});

const keyOf = (kid: string, material: Pick<Partial<Key>, 'jwk' | 'pem'>): Key => ({
  id: kid,
  set: { id: 'partners' },
  name: null,
  kid,
  jwk: null,
  pem: null,
  created_at: 0,
  updated_at: 0,
  tags: null,
  ...material,
});
const jwkText = (jwk: object): string => JSON.stringify(jwk);
const pemOf = (which: KeyObject): string =>
  which.export({ type: which.type === 'public' ? 'spki' : 'pkcs8', format: 'pem' }).toString();

const es256 = testKey('ES256');
const stranger = freshKey('of a stranger');
const privateOnly = freshKey('private');
const secret = testKey('HS256');

const keySets = new Map([
  [
    'partners',
    [
      keyOf('public', { jwk: jwkText({ ...es256.publicJwk, kid: 'public' }) }),
      keyOf('pem', {
        pem: { public_key: pemOf(createPublicKey(key.privateKey)), private_key: null },
      }),
      keyOf('private', { jwk: jwkText({ ...privateOnly.privateJwk, key_ops: ['sign'] }) }),
      keyOf('secret', { jwk: jwkText({ ...secret.publicJwk, kid: 'secret' }) }),
    ],
  ],
  ['encryption', [keyOf('enc', { jwk: jwkText({ ...es256.publicJwk, use: 'enc' }) })]],
  ['empty', []],
]);

/** The plugin in a process that reaches no key host: what is declared needs none. */
function compileWithSets(issuers: readonly object[]): PluginPhases {
  const { keySources } = createKeyServices(connectNowhere);
  const build = fakeBuild({ ...entities, keySets }, () => NOW * 1000, { keySources });
  return jwt.compile(configOf({ issuers }), build);
}

const of = (signer: TestKey, kid: string): Promise<string> =>
  tokenBy({ ...signer, kid }, { ...claims, iss: 'partner' });

test('the keys of a declared key set verify: public JWKs, PEM, the public side of private ones', async () => {
  const phases = compileWithSets([{ issuer: 'partner', key_set: 'partners' }]);
  for (const token of [of(es256, 'public'), of(key, 'pem'), of(privateOnly, 'private')]) {
    assert.equal((await ask(phases, bearer(await token))).status, 'passed');
  }
  const refusals = [
    [of(stranger, 'pem'), 'Invalid signature'],
    [of(key, 'private'), 'Invalid signature'],
    [of(secret, 'secret'), 'Invalid algorithm'],
    [tokenBy({ ...key, kid: 'pem' }, claims), "No credentials found for given 'iss'"],
  ] as const;
  for (const [token, message] of refusals) {
    const { status, text } = await ask(phases, bearer(await token));
    assert.deepEqual([status, JSON.parse(text)], [401, { message }]);
  }
});

const BROKEN: readonly (readonly [issuer: object, field: string, message: RegExp])[] = [
  [{ issuer: 'accounts' }, 'jwks_uri', /or key_set: the issuer is no URL/],
  [{ issuer: `${IDP}/a`, jwks_uri: 'file:///keys' }, 'jwks_uri', /must be an http or https URL/],
  [
    { issuer: `${IDP}/b`, jwks_uri: 'https://user:password@idp.example/keys' },
    'jwks_uri',
    /^must not hold a user name or a password$/,
  ],
  [{ issuer: 'c', key_set: 'partner' }, 'key_set', /there is no 'partner' in key_sets/],
  [{ issuer: 'd', key_set: 'empty' }, 'key_set', /key set empty has no key that verifies tokens$/],
  [
    { issuer: 'e', key_set: 'encryption' },
    'key_set',
    /no key that verifies tokens: use is not sig/,
  ],
  [
    { issuer: 'f', key_set: 'partners', jwks_uri: IDP },
    'key_set',
    /goes without jwks_uri: remove one/,
  ],
  [{ issuer: 'f', key_set: 'partners' }, 'issuer', /is there twice/],
];

test('issuers whose keys cannot be had are problems of the config, all at once', () => {
  assert.throws(
    () => compileWithSets(BROKEN.map(([issuer]) => issuer)),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.issues.length, BROKEN.length);
      error.issues.forEach(({ path, message }, index) => {
        const [, field = '', pattern = /never/] = BROKEN[index] ?? [];
        assert.deepEqual(path, ['issuers', index, field]);
        assert.match(message, pattern);
      });
      return true;
    },
  );
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

test('a token that no key verifies is tried with each key once, however often keys are asked for', async () => {
  let tries = 0;
  const never: VerificationKey = {
    kid: 'one',
    algorithms: ['RS256'],
    verifier: () => () => {
      tries += 1;
      return false;
    },
  };
  const known = { keys: [never], previous: [], version: 1, issuer: undefined };
  const same = (): Promise<SourceKeys> => Promise.resolve(known);
  const source = { name: IDP, current: () => known, load: same, refresh: same, close() {} };
  const build = fakeBuild(entities, () => NOW * 1000, { keySources: { open: () => source } });
  const phases = jwt.compile(configOf({ issuers: [{ issuer: IDP }] }), build);
  assert.equal((await ask(phases, bearer(await tokenBy(key, claims)))).status, 401);
  assert.equal(tries, 1);
});
