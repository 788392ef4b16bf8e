/** The demo starts its upstream before the gateway and prints tokens that fit the packaged kong.yaml. */
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { jwtVerify } from 'jose';
import { mintDemoTokens, runDemo } from './demo.ts';

const yaml = readFileSync(new URL('../../kong.yaml', import.meta.url), 'utf8');

test('the HS256 token belongs to a credential of kong.yaml', async () => {
  const { hs256 } = await mintDemoTokens();
  const [, key, secret] = /key: (\S+)\n\s+secret: (\S+)/.exec(yaml) ?? [];
  assert.ok(key !== undefined && secret !== undefined);
  const { payload } = await jwtVerify(hs256, new TextEncoder().encode(secret), { issuer: key });
  assert.ok((payload.exp ?? 0) > Date.now() / 1000);
});

test('the RS256 token belongs to a credential of kong.yaml', async () => {
  const { rs256 } = await mintDemoTokens();
  const pem = /-----BEGIN PUBLIC KEY-----[\s\S]*?-----END PUBLIC KEY-----/.exec(yaml)?.[0];
  assert.ok(pem !== undefined && yaml.includes('key: test-key'));
  const publicKey = createPublicKey(pem.replaceAll(/^ +/gm, ''));
  await assert.doesNotReject(jwtVerify(rs256, publicKey, { issuer: 'test-key' }));
});

test('with a file of its own it starts that one, and prints what fits any file', async () => {
  const started: string[] = [];
  const printed: string[] = [];
  await runDemo({
    file: 'examples/jwt/kong.yaml',
    start({ declarativeConfig }) {
      started.push(declarativeConfig);
      return Promise.resolve({ proxyUrl: 'http://p', adminUrl: 'http://a' });
    },
    print: (text) => void printed.push(text),
  });
  assert.deepEqual(started, ['examples/jwt/kong.yaml']);
  assert.match(printed.join(''), /upstream {2}http:\/\/127\.0\.0\.1:9080\/anything/);
  assert.doesNotMatch(printed.join(''), /curl/);
});
