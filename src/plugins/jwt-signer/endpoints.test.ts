/** What the jwt-signer plugin opens while it is compiled, and what it lets go when that fails. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyPluginDefaults } from '../../config/defaults.ts';
import type { JwtSignerConfig } from '../../config/schema-types.ts';
import type { Key } from '../../config/types.ts';
import { ConfigError } from '../../errors.ts';
import { fakeBuild } from '../../gateway/fake-context.test.fixture.ts';
import { createKeyServices } from '../../keys/client.ts';
import { connectNowhere } from '../../keys/link.ts';
import { testKey } from '../../tokens/keys.test.fixture.ts';
import { jwtSigner } from './index.ts';

const keyOf = (jwk: object): Key => ({
  id: 'key',
  set: { id: 'mine' },
  name: null,
  kid: 'key',
  jwk: JSON.stringify({ ...jwk, kid: 'key' }),
  pem: null,
  created_at: 0,
  updated_at: 0,
  tags: null,
});

const keySets = new Map([
  ['es256', [keyOf(testKey('ES256').privateJwk)]],
  ['public', [keyOf(testKey('ES256').publicJwk)]],
]);

const isConfig = (value: unknown): value is JwtSignerConfig =>
  typeof value === 'object' && value !== null && 'access_token_keyset' in value;

/** Compiles with these fields; `left` counts the sources of keys that are open afterwards. */
function compileWith(fields: object): { readonly error: unknown; readonly left: number } {
  const { keySources, keysets } = createKeyServices(connectNowhere);
  let left = 0;
  const counting: typeof keySources = {
    open(spec) {
      const source = keySources.open(spec);
      left += 1;
      return { ...source, close: () => void (left -= 1) };
    },
  };
  const config: unknown = applyPluginDefaults('jwt-signer', {
    access_token_jwks_uri: 'https://idp.test/a',
    channel_token_jwks_uri: 'https://idp.test/b',
    channel_token_request_header: 'X-Channel',
    access_token_keyset: 'es256',
    access_token_signing_algorithm: 'ES256',
    channel_token_keyset: 'es256',
    channel_token_signing_algorithm: 'ES256',
    channel_token_upstream_header: 'X-Channel',
    ...fields,
  });
  assert.ok(isConfig(config));
  const build = fakeBuild({ keySets }, Date.now, { keySources: counting, keysets });
  try {
    const { close } = jwtSigner.compile(config, build);
    void close?.();
    return { error: undefined, left };
  } catch (error) {
    return { error, left };
  }
}

test('a declared key set signs, and closing lets both sources go', () => {
  assert.deepEqual(compileWith({}), { error: undefined, left: 0 });
});

const CASES: readonly (readonly [fields: object, path: string, message: RegExp])[] = [
  [
    { access_token_keyset: 'public' },
    'access_token_keyset',
    /key set public has no private key that can sign: add one/,
  ],
  [
    { channel_token_keyset: 'public' },
    'channel_token_keyset',
    /key set public has no private key that can sign: add one/,
  ],
  [
    { channel_token_signing_algorithm: 'RS256' },
    'channel_token_keyset',
    /key set es256 has no private key for RS256: add one .* or choose another keyset or algorithm/,
  ],
];

for (const [fields, path, message] of CASES) {
  test(`${JSON.stringify(fields)} is a problem of the config, and nothing stays open`, () => {
    const { error, left } = compileWith(fields);
    assert.ok(error instanceof ConfigError);
    assert.deepEqual(error.issues[0]?.path, [path]);
    assert.match(error.issues[0]?.message ?? '', message);
    assert.equal(left, 0);
  });
}
