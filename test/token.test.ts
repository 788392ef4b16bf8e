/** `silverback token`: tokens from the command line are those that routes accept. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { createLocalJWKSet, exportJWK, jwtVerify } from 'jose';
import { mintCommand, type MintFlags } from '../src/node/commands/token/mint.ts';
import { startIssuer } from './support/issuer.ts';
import { spawnCli } from './support/spawn-gateway.ts';
import { decoded, publicJwk, rsaKey, signed } from './support/tokens.ts';

const SECRET = 'a-secret-that-is-never-shown-by-anybody';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = (pair: typeof rsa) => ({
  private: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  public: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
});

const CONFIG = {
  _format_version: '3.0',
  services: [
    {
      name: 'orders',
      url: 'http://127.0.0.1:9',
      routes: [
        { name: 'plain', paths: ['/plain'], plugins: [{ name: 'jwt' }] },
        {
          name: 'strict',
          paths: ['/strict'],
          plugins: [
            {
              name: 'jwt',
              config: {
                key_claim_name: 'kid',
                secret_is_base64: true,
                claims_to_verify: ['exp'],
                maximum_expiration: 300,
              },
            },
          ],
        },
        { name: 'open', paths: ['/open'] },
        {
          name: 'signed',
          paths: ['/signed'],
          plugins: [
            {
              name: 'jwt-signer',
              config: { verify_access_token_signature: false, channel_token_optional: true },
            },
          ],
        },
      ],
    },
  ],
  consumers: [
    { username: 'jwt-user', jwt_secrets: [{ key: 'user-key', secret: SECRET }] },
    {
      username: 'partner',
      jwt_secrets: [{ key: 'p', algorithm: 'RS256', rsa_public_key: pem(rsa).public }],
    },
    { username: 'two', jwt_secrets: [{ key: 'one' }, { key: 'other', secret: SECRET }] },
    { username: 'none' },
  ],
};

interface Files {
  readonly config: string;
  readonly paths: readonly string[];
  readonly key: string;
  readonly strangersKey: string;
}

function writeFiles(t: TestContext): Files {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-token-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const config = write('kong.json', JSON.stringify(CONFIG));
  return {
    config,
    paths: [config],
    key: write('key.pem', pem(rsa).private),
    strangersKey: write('stranger.pem', pem(stranger).private),
  };
}

async function run(
  t: TestContext,
  ...args: readonly string[]
): Promise<{ code: unknown; text: string }> {
  const cli = spawnCli(t, ['token', ...args]);
  const code = await cli.exited;
  assert.ok(!cli.output().includes(SECRET), 'a secret was printed');
  return { code, text: cli.output() };
}

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

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

test('decode: header, claims and times, and nothing is believed', async (t) => {
  const token = `${part({ alg: 'RS256', kid: 'k1' })}.${part({ sub: 'u1', exp: 1_000_000_000 })}.c2ln`;
  const { code, text } = await run(t, 'decode', `Bearer ${token}`);
  assert.equal(code, 0, text);
  assert.match(text, /"kid": "k1"/);
  assert.match(text, /"sub": "u1"/);
  assert.match(text, /exp +expires 2001-09-09T01:46:40.000Z, \d+ days ago/);
  assert.match(text, /The signature was not verified/);
});

test('decode: what is no JWT is named', async (t) => {
  for (const [token, message] of [
    ['opaque', /a JWT has three parts .* this text of 6 characters has 1/],
    ['a.b.c.d.e', /an encrypted token \(JWE\)/],
    ['a.b.c', /not base64url text of JSON/],
  ] as const) {
    const { code, text } = await run(t, 'decode', token);
    assert.equal(code, 1);
    assert.match(text, message);
  }
});

// --- explain ---

/** The words of a report, without the space between columns. */
const explained = (text: string): string => text.replaceAll(/ {2,}/g, ' ');

test('explain: the jwt plugin says what it found, and what the request would become', async (t) => {
  const { config } = writeFiles(t);
  const minted = await run(t, 'mint', '--consumer', 'jwt-user', '-c', config);
  const good = await run(t, 'explain', minted.text.trim(), '--path', '/plain', '-c', config);
  assert.equal(good.code, 0, good.text);
  const text = explained(good.text);
  assert.match(text, /ok route plain, to orders\njwt\n ok token .*\n ok form a JWT, alg HS256\n/);
  assert.match(text, /ok signature verifies with the key of the credential/);
  assert.match(text, /accepted: the upstream would be asked\n.*x-consumer-username: jwt-user/s);
  assert.ok(!good.text.includes(minted.text.trim()), 'the token is not repeated');
});

test('explain: a token of an issuer is followed from its keys to its consumer', async (t) => {
  const issuer = await startIssuer(t);
  const [known, unknown] = [rsaKey('k1'), rsaKey('k2')];
  issuer.keys = () => ({ body: { keys: [publicJwk(known)] } });
  const folder = mkdtempSync(join(tmpdir(), 'silverback-explain-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, 'kong.json');
  const issuers = [
    {
      issuer: 'https://idp',
      jwks_uri: issuer.jwks,
      consumer_claim: ['sub'],
      algorithms: ['RS256'],
    },
  ];
  const jwt = { name: 'jwt', config: { issuers, audiences: ['api'], scopes_required: ['read'] } };
  const routes = [{ name: 'r', paths: ['/r'], plugins: [jwt] }];
  const services = [{ name: 's', url: 'http://127.0.0.1:9', routes }];
  writeFileSync(
    config,
    JSON.stringify({ _format_version: '3.0', services, consumers: [{ username: 'u1' }] }),
  );
  const good = {
    iss: 'https://idp',
    sub: 'u1',
    aud: 'api',
    scope: 'read',
    exp: Math.floor(Date.now() / 1000) + 300,
  };
  const steps: readonly (readonly [token: string, code: number, steps: RegExp])[] = [
    [
      signed(known, good),
      0,
      /ok form a JWT, alg RS256\n ok issuer https:\/\/idp .*\n ok signature verifies with the key k1\n ok claims .*\n ok audience aud is "api"; allowed: api\n ok scopes scope is "read"; required: read\n ok consumer u1\n/,
    ],
    [signed(unknown, good), 1, /NO signature no key of the issuer verifies it; kid: k2\n/],
    [signed(known, { ...good, exp: 1 }), 1, /NO claims .*token expired/],
    [
      signed(known, { ...good, aud: 'x\u009b31m' }),
      1,
      /NO audience aud is "x\\x9b31m"; allowed: api/,
    ],
    [signed(known, { ...good, scope: 'write' }), 1, /NO scopes scope is "write"; required: read/],
    [signed(known, { ...good, sub: 'u2' }), 1, /NO consumer sub names none/],
    [signed(known, good, { alg: 'PS256' }), 1, /NO algorithm PS256 is not one/],
    [
      signed(known, { ...good, iss: 'https://other' }),
      1,
      /-- issuer not one that the config trusts/,
    ],
  ];
  await Promise.all(
    steps.map(async ([token, code, wanted]) => {
      const answer = await run(t, 'explain', token, '--path', '/r', '-c', config);
      assert.match(explained(answer.text), wanted);
      assert.equal(answer.code, code);
    }),
  );
});

test('explain: a refusal names its step, its status and its challenge', async (t) => {
  const { config } = writeFiles(t);
  const claims = { iss: 'idp', sub: 'u1', scope: 'read', exp: 1_000_000_000 };
  const token = `${part({ alg: 'RS256' })}.${part(claims)}.c2ln`;
  const { code, text } = await run(t, 'explain', token, '--path', '/signed', '-c', config);
  assert.equal(code, 1, text);
  assert.match(
    explained(text),
    /jwt-signer, access token\n ok token found in the header Authorization/,
  );
  assert.match(explained(text), /NO expiry exp is 2001-09-09T01:46:40.000Z, leeway 0 s/);
  assert.match(
    text,
    /refused with 401\n +WWW-Authenticate: Bearer realm="localhost", error="invalid_token"/,
  );
  const lost = await run(t, 'explain', token, '--path', '/nowhere', '-c', config);
  assert.match(explained(lost.text), /NO route none matches/);
});
