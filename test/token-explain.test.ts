/** `silverback token explain`: why a route takes a token or refuses it, step by step. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startIssuer } from './support/issuer.ts';
import { part, run, writeFiles } from './support/token-cli.ts';
import { publicJwk, rsaKey, signed } from './support/tokens.ts';

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
  const other = ['-H', 'Host: api.example.com', '-c', config];
  const hosted = await run(t, 'explain', token, '--path', '/signed', ...other);
  assert.match(explained(hosted.text), /ok route signed.*refused with 401/s);
});
