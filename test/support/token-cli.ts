/** What the tests of `silverback token` share: a config with credentials, keys as files, the command itself. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { spawnCli } from './spawn-gateway.ts';

/** Of the consumer `jwt-user`. */
export const SECRET = 'a-secret-that-is-never-shown-by-anybody';

/** Of the consumer `partner`. */
export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
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

/** The config and the private keys as files. */
export interface Files {
  readonly config: string;
  readonly paths: readonly string[];
  readonly key: string;
  readonly strangersKey: string;
}

export function writeFiles(t: TestContext): Files {
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

/** Runs `silverback token …` as a process; fails when a secret is printed. */
export async function run(
  t: TestContext,
  ...args: readonly string[]
): Promise<{ code: unknown; text: string }> {
  const cli = spawnCli(t, ['token', ...args]);
  const code = await cli.exited;
  assert.ok(!cli.output().includes(SECRET), 'a secret was printed');
  return { code, text: cli.output() };
}

/** A value as a part of a token. */
export const part = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');
