/** Settings of the Admin API: where it listens, and what keeps others out. */
import { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { isLoopback, parseListeners } from './listeners.ts';
import type { Reader } from './reader.ts';
import { readPem } from './tls.ts';
import type { Settings } from './types.ts';

type AdminListenSettings = Pick<
  Settings,
  | 'adminListen'
  | 'adminToken'
  | 'adminTokensFile'
  | 'adminHosts'
  | 'adminClientCa'
  | 'adminUnguarded'
>;

/** @param readFile throws when there is no such file */
export function readAdmin(reader: Reader, readFile: (path: string) => string): AdminListenSettings {
  const adminListen = parseListeners(
    'admin_listen',
    reader.text('admin_listen') ?? 'off',
    reader.problem,
  );
  const tokensFile = reader.text('admin_tokens');
  const settings = {
    adminListen,
    adminToken: reader.text('admin_token'),
    adminTokensFile: tokensFile === undefined ? undefined : resolve(tokensFile),
    adminHosts: reader.list('admin_hosts').map((name) => name.toLowerCase()),
    adminClientCa: readClientCa(reader, readFile),
  };
  const adminUnguarded = unguardedListeners(settings);
  if (adminUnguarded.length > 0 && !reader.flag('admin_unguarded')) {
    reader.problem(
      'admin_listen is reachable from other machines, and whoever reaches it owns the gateway: set ' +
        'admin_tokens (or admin_token), ask for client certificates (nginx_admin_ssl_verify_client = on), ' +
        'listen on 127.0.0.1, or, where something else keeps strangers away, set admin_unguarded = on',
    );
  }
  return { ...settings, adminUnguarded };
}

/** Addresses beyond this machine where neither a token nor a certificate is asked for. */
function unguardedListeners({
  adminListen,
  adminToken,
  adminTokensFile,
  adminClientCa,
}: Omit<AdminListenSettings, 'adminUnguarded'>): readonly string[] {
  if (adminToken !== undefined || adminTokensFile !== undefined) return [];
  return adminListen
    .filter((listener) => !isLoopback(listener) && !(listener.ssl && adminClientCa !== undefined))
    .map(({ host, port }) => `${host}:${port}`);
}

/** nginx' names: Kong hands `nginx_admin_*` to the server block of its Admin API. */
function readClientCa(reader: Reader, readFile: (path: string) => string): string | undefined {
  const ca = reader.text('nginx_admin_ssl_client_certificate');
  const isOn = reader.choice('nginx_admin_ssl_verify_client', ['off', 'on']) === 'on';
  if (!isOn) {
    if (ca !== undefined) {
      reader.problem(
        'nginx_admin_ssl_client_certificate does nothing without nginx_admin_ssl_verify_client = on',
      );
    }
    return undefined;
  }
  if (ca === undefined) {
    reader.problem(
      'nginx_admin_ssl_verify_client = on needs nginx_admin_ssl_client_certificate: the CA of the clients',
    );
    return undefined;
  }
  if (!/ ssl\b/.test(reader.text('admin_listen') ?? '')) {
    reader.problem('nginx_admin_ssl_verify_client = on needs an entry of admin_listen with ssl');
  }
  try {
    return checkedBundle(readPem(ca, readFile));
  } catch {
    reader.problem(
      'nginx_admin_ssl_client_certificate must be a file of CA certificates in PEM that can be read',
    );
    return undefined;
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Throws when there is no certificate in it, or one that cannot be read. */
function checkedBundle(pem: string): string {
  const certificates = pem.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) throw new TypeError('no certificate');
  for (const each of certificates) void new X509Certificate(each);
  return pem;
}
