/** The demo starts its upstream before the gateway and prints tokens that fit the packaged kong.yaml. */
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { jwtVerify } from 'jose';
import { mintDemoTokens } from './demo.ts';

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
