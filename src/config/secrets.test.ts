/** Secret references against an environment. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from './load.ts';
import { createSecretResolver } from './secrets.ts';

const env = {
  KONG_DB_PASS: 'typed',
  APP_TOKEN: 'declared',
  CI_TOKEN: 'optional',
  APP_JSON: '{"user":"u","port":5,"list":[]}',
  APP_TOKEN_PREVIOUS: 'old',
};

const CASES: readonly (readonly [string, string])[] = [
  ['plain text', 'plain text'],
  ['{vault://env/db-pass}', 'typed'],
  ['{vault://mine/token}', 'declared'],
  ['{vault://mine/token#2}', 'old'],
  ['{vault://mine/token#3}', ''],
  ['{vault://mine/token?prefix=ci_}', 'optional'],
  ['{vault://mine/json/user}', 'u'],
  ['{vault://mine/json/port}', '5'],
  ['{vault://mine/json/list}', ''],
  ['{vault://mine/json/constructor}', ''],
  ['{vault://other/token}', ''],
];

test('references', async (t) => {
  const value = {
    _format_version: '3.0',
    vaults: [{ prefix: 'mine', name: 'env', config: { prefix: 'app_' } }],
  };
  const { config } = loadConfig({ kind: 'object', value }, { plugins: [], now: 0 });
  for (const [text, expected] of CASES) {
    await t.test(text, () => {
      const warnings: string[] = [];
      const warn = (message: string) => warnings.push(message);
      const reveal = createSecretResolver(config, { env, prefix: 'kong_', warn });
      assert.equal(reveal(text), expected);
      assert.equal(reveal(text), expected);
      assert.equal(warnings.length, expected === '' ? 1 : 0);
    });
  }
});
