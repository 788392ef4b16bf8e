/** The JWT article's kong.yaml as it stands, and every call it makes. */
import assert from 'node:assert/strict';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SignJWT } from 'jose';
import { startEcho } from '../src/demo/echo.ts';
import { loadConfig, spawnGateway } from './support/spawn-gateway.ts';

const example = join(import.meta.dirname, '../examples/jwt');
const privateKey = (name: string) =>
  createPrivateKey(readFileSync(join(example, 'keys', `${name}.pem`)));
const HS256_SECRET = new TextEncoder().encode('J3NKsJgt79tcLRfLWwVMJvVnTFk7WskW');

/** The token printed in the article: no `exp`, `iss` is the HS256 credential's key. */
const PRINTED_TOKEN =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJNdDRSVFJXSms5cGZXSnBndGhQNHNIaGNxUjRoRkt6SyJ9.pCV1wm3VixWkZ_Nh24v4RSQjvYhpb5vJp_LeTRZnF2o';

function mint(alg: string, issuer: string, key: KeyObject | Uint8Array): Promise<string> {
  return new SignJWT({ sub: 'someone' })
    .setProtectedHeader({ alg, typ: 'JWT' })
    .setIssuer(issuer)
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(key);
}

interface Call {
  readonly name: string;
  readonly token: () => Promise<string> | undefined;
  readonly status: number;
}

const HS256_KEY = 'Mt4RTRWJk9pfWJpgthP4sHhcqR4hFKzK';
const AUTH0 = 'https://example.eu.auth0.com/';
const CALLS: readonly Call[] = [
  { name: 'no token', status: 401, token: () => undefined },
  { name: 'the printed HS256 token', status: 200, token: () => Promise.resolve(PRINTED_TOKEN) },
  { name: 'an HS256 token', status: 200, token: () => mint('HS256', HS256_KEY, HS256_SECRET) },
  {
    name: 'an RS256 token',
    status: 200,
    token: () => mint('RS256', 'test-key', privateKey('jwt-private')),
  },
  {
    name: 'a token of the identity provider',
    status: 200,
    token: () => mint('RS256', AUTH0, privateKey('auth0-private')),
  },
  {
    name: 'a token signed with another key',
    status: 401,
    token: () => mint('RS256', AUTH0, privateKey('jwt-private')),
  },
  {
    name: 'an unknown issuer',
    status: 401,
    token: () => mint('HS256', 'nobody', HS256_SECRET),
  },
];

test('the article', async (t) => {
  const echo = await startEcho({ host: '127.0.0.1', port: 0 });
  t.after(() => echo.close());
  const yaml = readFileSync(join(example, 'kong.yaml'), 'utf8');
  assert.ok(yaml.includes('http://127.0.0.1:9080/'));
  const gateway = await spawnGateway(t, {});
  const loaded = await loadConfig(
    gateway.adminUrl,
    yaml.replace('http://127.0.0.1:9080/', `${echo.url}/`),
  );
  assert.equal(loaded.status, 201, await loaded.text());

  for (const { name, token, status } of CALLS) {
    await t.test(`${name} is answered ${status}`, async () => {
      const bearer = await token();
      const headers: Record<string, string> =
        bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` };
      const answer = await fetch(`${gateway.proxyUrl}/jwt/hello`, { headers });
      const body = await answer.text();
      assert.equal(answer.status, status, body);
      if (status === 200) {
        assert.match(body, /"path": "\/anything\/hello"/);
        assert.match(body, /"x-consumer-username": "jwt-user"/i);
      } else {
        assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/);
      }
    });
  }
});
