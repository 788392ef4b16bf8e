/** What keeps others out of the Admin API, as settings say it. */
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { PLUGIN_NAMES } from '../config/schemas.ts';
import { SettingsError } from '../errors.ts';
import { certificateAuthority, selfSignedPem } from '../../test/support/tls.ts';
import { loadSettings } from './load.ts';
import type { Settings } from './types.ts';

const { ca } = await certificateAuthority('operators');
const { key } = await selfSignedPem('x');
const FILES: ReadonlyMap<string, string> = new Map([
  ['/ca.pem', ca],
  ['/key.pem', key],
]);

function readFile(path: string): string {
  const text = FILES.get(path);
  if (text === undefined) throw new Error('ENOENT');
  return text;
}

const load = (env: Readonly<Record<string, string>>): Settings =>
  loadSettings({ env, readFile, plugins: PLUGIN_NAMES }).settings;

const OPEN = '0.0.0.0:8001, 0.0.0.0:8444 ssl';
const MTLS = {
  KONG_NGINX_ADMIN_SSL_VERIFY_CLIENT: 'on',
  KONG_NGINX_ADMIN_SSL_CLIENT_CERTIFICATE: '/ca.pem',
};

test('a listener that others reach needs a guard', () => {
  const refused: readonly Readonly<Record<string, string>>[] = [
    { KONG_ADMIN_LISTEN: OPEN },
    { KONG_ADMIN_LISTEN: '[::]:8001' },
    { KONG_ADMIN_LISTEN: 'gateway.test:8001', KONG_ADMIN_UNGUARDED: 'off' },
    // The plain listener beside the one with certificates.
    { KONG_ADMIN_LISTEN: OPEN, ...MTLS },
  ];
  for (const env of refused) {
    assert.throws(() => load(env), /admin_listen is reachable from other machines.*admin_tokens/);
  }
  const good: readonly Readonly<Record<string, string>>[] = [
    { KONG_ADMIN_LISTEN: '127.0.0.1:8001, [::1]:8001' },
    { KONG_ADMIN_LISTEN: OPEN, KONG_ADMIN_TOKEN: 'x' },
    { KONG_ADMIN_LISTEN: OPEN, KONG_ADMIN_TOKENS: '/tokens' },
    { KONG_ADMIN_LISTEN: '127.0.0.1:8001, 0.0.0.0:8444 ssl', ...MTLS },
    { KONG_ADMIN_LISTEN: 'off' },
  ];
  for (const env of good) assert.deepEqual(load(env).adminUnguarded, []);
  assert.deepEqual(load({ KONG_ADMIN_LISTEN: OPEN, KONG_ADMIN_UNGUARDED: 'on' }).adminUnguarded, [
    '0.0.0.0:8001',
    '0.0.0.0:8444',
  ]);
});

test('names and files are made ready', () => {
  const settings = load({
    KONG_ADMIN_TOKENS: 'tokens',
    KONG_ADMIN_HOSTS: 'Admin.test, gw',
    KONG_ADMIN_LISTEN: '127.0.0.1:8444 ssl',
    ...MTLS,
  });
  assert.equal(settings.adminTokensFile, resolve('tokens'));
  assert.deepEqual(settings.adminHosts, ['admin.test', 'gw']);
  assert.equal(settings.adminClientCa, ca);
  const inline = { ...MTLS, KONG_NGINX_ADMIN_SSL_CLIENT_CERTIFICATE: ca };
  assert.equal(load(inline).adminClientCa?.trim(), ca.trim());
});

const CA = 'KONG_NGINX_ADMIN_SSL_CLIENT_CERTIFICATE';
const VERIFY = 'KONG_NGINX_ADMIN_SSL_VERIFY_CLIENT';
const WRONG: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
  [{ [CA]: '/ca.pem' }, /does nothing without nginx_admin_ssl_verify_client = on/],
  [{ [VERIFY]: 'on' }, /needs nginx_admin_ssl_client_certificate/],
  [{ [VERIFY]: 'optional', [CA]: '/ca.pem' }, /invalid value: 'optional' \(off, on\)/],
  [{ ...MTLS, KONG_ADMIN_LISTEN: '127.0.0.1:8001' }, /needs an entry of admin_listen with ssl/],
  [{ ...MTLS, [CA]: '/key.pem' }, /must be a file of CA certificates in PEM/],
  [{ ...MTLS, [CA]: '/nowhere.pem' }, /must be a file of CA certificates in PEM/],
];

for (const [env, problem] of WRONG) {
  test(`refused: ${JSON.stringify(env)}`, () => {
    assert.throws(
      () => load(env),
      (error) => error instanceof SettingsError && problem.test(error.message),
    );
  });
}
