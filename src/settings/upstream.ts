/** Settings of the upstream side, of TLS and of name resolution. */
import type { Reader } from './reader.ts';
import { parseTlsProtocols, readPem, readTlsPair } from './tls.ts';
import type { DnsSettings, Settings, TlsPair } from './types.ts';
import * as values from './values.ts';

interface FileReader {
  readonly readFile: (path: string) => string;
}

type UpstreamSettings = Pick<
  Settings,
  | 'upstreamKeepalivePoolSize'
  | 'upstreamKeepaliveMaxRequests'
  | 'upstreamKeepaliveIdleTimeoutMs'
  | 'upstreamTlsVerify'
  | 'trustedCertificates'
>;

/** Connections to upstreams, and whom they trust. */
export function readUpstream(reader: Reader, options: FileReader): UpstreamSettings {
  return {
    upstreamKeepalivePoolSize: reader.number('upstream_keepalive_pool_size') ?? 0,
    upstreamKeepaliveMaxRequests: reader.number('upstream_keepalive_max_requests') ?? 0,
    upstreamKeepaliveIdleTimeoutMs: (reader.number('upstream_keepalive_idle_timeout') ?? 0) * 1000,
    upstreamTlsVerify: reader.flag('nginx_proxy_proxy_ssl_verify'),
    trustedCertificates: readTrusted(reader, options),
  };
}

/** Debian's, Red Hat's and Alpine's bundles: what `system` stands for. */
const SYSTEM_BUNDLES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt'];

function readTrusted(reader: Reader, { readFile }: FileReader): string | undefined {
  const own = reader.text('nginx_proxy_proxy_ssl_trusted_certificate');
  const setting =
    own === undefined ? 'lua_ssl_trusted_certificate' : 'nginx_proxy_proxy_ssl_trusted_certificate';
  const names = own === undefined ? reader.list(setting) : [own];
  // Alone it means the runtime's own store, which needs no copy here.
  if (names.every((name) => name === 'system')) return undefined;
  const parts: string[] = [];
  for (const name of names) {
    const paths = name === 'system' ? SYSTEM_BUNDLES : [name];
    const pem = paths.map((path) => tryRead(path, readFile)).find((text) => text !== undefined);
    if (pem !== undefined) parts.push(pem);
    else if (name !== 'system') {
      reader.problem(`${setting}: failed loading certificate from ${name}`);
    }
  }
  return parts.join('\n');
}

function tryRead(value: string, readFile: (path: string) => string): string | undefined {
  try {
    const pem = readPem(value, readFile);
    return pem.includes('-----BEGIN') ? pem : undefined;
  } catch {
    return undefined;
  }
}

type TlsSettings = Pick<
  Settings,
  | 'proxyTls'
  | 'adminTls'
  | 'statusTls'
  | 'clientTls'
  | 'tlsMinVersion'
  | 'tlsMaxVersion'
  | 'tlsCiphers'
  | 'tlsPreferServerCiphers'
  | 'tlsSessionTickets'
  | 'tlsSessionTimeoutSeconds'
>;

/** Certificates and protocols of the listeners. */
export function readTls(reader: Reader, { readFile }: FileReader): TlsSettings {
  const { report, ...rest } = { report: reader.problem, readFile };
  const pair = (name: string, listen: string): TlsPair | undefined => {
    const used = listen === '' || / ssl\b/.test(reader.text(listen) ?? '');
    if (!used) return undefined;
    return readTlsPair(name, reader.list(name), reader.list(`${name}_key`), { report, ...rest });
  };
  const suite = reader.choice('ssl_cipher_suite', [
    'intermediate',
    'modern',
    'old',
    'fips',
    'custom',
  ]);
  const hasClient = reader.flag('client_ssl');
  if (hasClient && reader.text('client_ssl_cert') === undefined) {
    reader.problem('client_ssl_cert must be specified');
  }
  return {
    proxyTls: pair('ssl_cert', 'proxy_listen'),
    adminTls: pair('admin_ssl_cert', 'admin_listen'),
    statusTls: pair('status_ssl_cert', 'status_listen'),
    clientTls: hasClient ? pair('client_ssl_cert', '') : undefined,
    ...parseTlsProtocols(
      suite,
      reader.text('ssl_protocols') ?? 'TLSv1.2 TLSv1.3',
      reader.text('ssl_ciphers'),
      report,
    ),
    // The suite brings its own order of preference, as in Kong: every cipher of it is good.
    tlsPreferServerCiphers: suite !== 'intermediate' && reader.flag('ssl_prefer_server_ciphers'),
    tlsSessionTickets: reader.flag('ssl_session_tickets'),
    tlsSessionTimeoutSeconds: Math.ceil(reader.timeMs('ssl_session_timeout') / 1000),
  };
}

const DNS_TYPES = ['LAST', 'SRV', 'A', 'AAAA', 'CNAME'] as const;

const HOSTS_FILE = '/etc/hosts';

/** The hosts file; one that was named must be there. */
function readHostsFile(reader: Reader, { readFile }: FileReader): string {
  const path = reader.text('dns_hostsfile') ?? HOSTS_FILE;
  if (path === HOSTS_FILE) return path;
  try {
    readFile(path);
  } catch {
    reader.problem('dns_hostsfile: file does not exist');
  }
  return path;
}

/** How names become addresses. */
export function readDns(reader: Reader, options: FileReader): DnsSettings {
  const servers = reader.list('dns_resolver').map((entry) => {
    const server = values.parseNameServer(entry);
    if (server === undefined) {
      reader.problem(
        `dns_resolver must be a comma separated list in the form of IPv4/6 or IPv4/6:port, got '${entry}'`,
      );
    }
    return server ?? entry;
  });
  const order = reader.list('dns_order').flatMap((entry) => {
    const type = DNS_TYPES.find((known) => known === entry.toUpperCase());
    if (type === undefined) reader.problem(`dns_order: invalid entry '${entry}'`);
    return type === undefined ? [] : [type];
  });
  const seconds = (name: string): number => (reader.number(name) ?? 0) * 1000;
  const validTtl = reader.number('dns_valid_ttl');
  return {
    servers,
    hostsFile: readHostsFile(reader, options),
    order,
    validTtlMs: validTtl === undefined ? undefined : validTtl * 1000,
    staleTtlMs: seconds('dns_stale_ttl'),
    notFoundTtlMs: seconds('dns_not_found_ttl'),
    errorTtlMs: seconds('dns_error_ttl'),
    cacheSize: reader.number('dns_cache_size') ?? 0,
  };
}
