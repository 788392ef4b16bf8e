/** `silverback token mint`: tokens from the command line are those that routes accept. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLocalJWKSet, exportJWK, jwtVerify } from 'jose';
import { mintCommand, type MintFlags } from '../src/node/commands/token/mint.ts';
import { rsa, run, SECRET, writeFiles, type Files } from './support/token-cli.ts';
import { decoded } from './support/tokens.ts';

const hmacKey = Buffer.from(SECRET);

test('mint: the token of a consumer verifies with its secret and names its key', async (t) => {
  const { config } = writeFiles(t);
  const { code, text } = await run(
    t,
    'mint',
    '--consumer',
    'jwt-user',
    '-c',
    config,
    '--claim',
    'n=1',
    '--claim',
    'role=admin',
  );
  assert.equal(code, 0, text);
  const { payload } = await jwtVerify(text.trim(), hmacKey, { issuer: 'user-key' });
  assert.equal(payload['n'], 1);
  assert.equal(payload['role'], 'admin');
  assert.equal((payload.exp ?? 0) - (payload.iat ?? 0), 3600);
});

test('mint: of several credentials one with a secret signs, and is named', async (t) => {
  const config = join(import.meta.dirname, '../kong.yaml');
  const minted = await run(t, 'mint', '--consumer', 'jwt-user', '-c', config);
  assert.equal(minted.code, 0, minted.text);
  const [, token = ''] = /^(eyJ\S+)$/m.exec(minted.text) ?? [];
  const [, signer] = /signed with the credential '(.+)'; --credential/.exec(minted.text) ?? [];
  assert.equal(decoded(token).claims['iss'], signer);
  const { code, text } = await run(t, 'explain', token, '--path', '/jwt', '-c', config);
  assert.equal(code, 0, text);
});

test('mint: --route follows the plugin of the route', async (t) => {
  const { config } = writeFiles(t);
  const { code, text } = await run(
    t,
    'mint',
    '--consumer',
    'jwt-user',
    '-c',
    config,
    '--route',
    'strict',
  );
  assert.equal(code, 0, text);
  assert.match(text, /the route takes no token of more than 300s; this one gets 300s/);
  const token = text.trim().split('\n').at(-1) ?? '';
  const { payload } = await jwtVerify(token, Buffer.from(SECRET, 'base64url'));
  assert.equal(payload['kid'], 'user-key');
  assert.equal((payload.exp ?? 0) - (payload.iat ?? 0), 300);
});

test('mint: a private key signs for its credential, and for an issuer without one', async (t) => {
  const { config, key } = writeFiles(t);
  const jwk = { ...(await exportJWK(rsa.publicKey)), kid: 'k1' };
  const keys = createLocalJWKSet({ keys: [jwk] });
  const own = await run(t, 'mint', '--consumer', 'partner', '-c', config, '--key', key);
  await jwtVerify(own.text.trim(), keys, { issuer: 'p' });
  const idp = await run(
    t,
    'mint',
    '--key',
    key,
    '--alg',
    'PS384',
    '--kid',
    'k1',
    '--issuer',
    'https://idp',
    '--expires-in',
    'never',
  );
  const { payload, protectedHeader } = await jwtVerify(idp.text.trim(), keys, {
    issuer: 'https://idp',
  });
  assert.equal(protectedHeader.alg, 'PS384');
  assert.equal(payload.exp, undefined);
});

type Flags = Partial<MintFlags>;
const FAULTS: readonly (readonly [flags: (files: Files) => Flags, message: RegExp])[] = [
  [() => ({}), /who signs\? Name a consumer/],
  [() => ({ consumer: 'jwt-user' }), /no declarative config; name it with -c kong.yaml/],
  [
    ({ paths: config }) => ({ consumer: 'nobody', config }),
    /no consumer 'nobody' in the file, which has: /,
  ],
  [
    ({ paths: config }) => ({ consumer: 'none', config }),
    /consumer 'none' has no jwt_secrets; give it one/,
  ],
  [
    ({ paths: config, key }) => ({ consumer: 'two', config, key }),
    /choose with --credential: (one, other|other, one)/,
  ],
  [
    ({ paths: config }) => ({ consumer: 'two', credential: 'x', config }),
    /consumer 'two' has no credential with the key 'x', but: /,
  ],
  [
    ({ paths: config }) => ({ consumer: 'partner', config }),
    /its public key only; name the private one/,
  ],
  [
    ({ paths: config, strangersKey: key }) => ({ consumer: 'partner', config, key }),
    /does not belong to the public key/,
  ],
  [({ config: key }) => ({ key }), /holds no PEM private key/],
  [({ key }) => ({ key, alg: 'ES256' }), /signs with RS256, .*; choose one with --alg/],
  [
    ({ paths: config }) => ({ consumer: 'jwt-user', config, route: 'x' }),
    /no route 'x' in the file, which has: .*plain/,
  ],
  [
    ({ paths: config }) => ({ consumer: 'jwt-user', config, route: 'open' }),
    /no jwt plugin applies to the route 'open'/,
  ],
  [({ key }) => ({ key, expiresIn: 'soon' }), /'soon' is no time; write 90s/],
  [({ key }) => ({ key, claim: ['role'] }), /'role' is no claim; write name=value/],
];

test('mint: what is wrong is said, with what to do', async (t) => {
  const files = writeFiles(t);
  for (const [flags, message] of FAULTS) {
    await assert.rejects(mintCommand({ claim: [], expiresIn: '1h', ...flags(files) }), message);
  }
});
