/** Certificates, protocols and ciphers of the settings. */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { TlsPair } from './types.ts';

export interface TlsReader {
  readonly readFile: (path: string) => string;
  readonly report: (problem: string) => void;
}

/** PEM text as it stands, base64 of PEM text, or the path of a file. Throws when there is no such file. */
export function readPem(value: string, readFile: TlsReader['readFile']): string {
  const text = value.trim();
  if (text.includes('-----BEGIN')) return text.replaceAll(String.raw`\n`, '\n');
  if (/^LS0tLS1CRUdJTi[A-Za-z0-9+/=\s]+$/.test(text)) {
    return Buffer.from(text, 'base64').toString('utf8');
  }
  return readFile(text);
}

/** Reads `<name>` and `<name>_key`. `undefined` when neither is set, and after a problem. */
export function readTlsPair(
  name: string,
  certs: readonly string[],
  keys: readonly string[],
  { readFile, report }: TlsReader,
): TlsPair | undefined {
  if (certs.length === 0 && keys.length === 0) return undefined;
  if (keys.length === 0) report(`${name}_key must be specified`);
  else if (certs.length === 0) report(`${name} must be specified`);
  else if (certs.length !== keys.length) {
    report(
      `${name} was specified ${certs.length} times while ${name}_key was specified ${keys.length} times`,
    );
  } else if (certs.length > 1) {
    report(
      `${name}: one certificate per listener is supported; name one, and the others as entities`,
    );
  }
  const [cert = ''] = certs;
  const [key = ''] = keys;
  if (certs.length !== 1 || keys.length !== 1) return undefined;
  const certPem = checked(cert, readFile, (pem) => new X509Certificate(pem));
  const keyPem = checked(key, readFile, createPrivateKey);
  if (certPem === undefined) report(`${name}: failed loading certificate from ${shown(cert)}`);
  if (keyPem === undefined) report(`${name}_key: failed loading key from ${shown(key)}`);
  return certPem === undefined || keyPem === undefined ? undefined : { cert: certPem, key: keyPem };
}

function checked(
  value: string,
  readFile: TlsReader['readFile'],
  parse: (pem: string) => unknown,
): string | undefined {
  try {
    const pem = readPem(value, readFile);
    parse(pem);
    return pem;
  } catch {
    return undefined;
  }
}

/** A path may be shown, a key's text may not. */
const shown = (value: string): string =>
  value.length > 200 || value.includes('-----') ? 'the given text' : value;

interface TlsProtocols {
  readonly tlsMinVersion: 'TLSv1' | 'TLSv1.2' | 'TLSv1.3';
  readonly tlsMaxVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly tlsCiphers: string | undefined;
}

const ECDHE =
  'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:' +
  'ECDHE-RSA-AES256-GCM-SHA384';
const CHACHA20 = 'ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305';
const DHE = 'DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384';
const TLS13 = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256';
const CBC =
  'ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:' +
  'ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA:AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-SHA:AES256-SHA';

const SUITES: ReadonlyMap<string, TlsProtocols> = new Map<string, TlsProtocols>([
  ['modern', { tlsMinVersion: 'TLSv1.3', tlsMaxVersion: 'TLSv1.3', tlsCiphers: undefined }],
  [
    'intermediate',
    {
      tlsMinVersion: 'TLSv1.2',
      tlsMaxVersion: 'TLSv1.3',
      tlsCiphers: [TLS13, ECDHE, CHACHA20, DHE].join(':'),
    },
  ],
  [
    'old',
    {
      tlsMinVersion: 'TLSv1',
      tlsMaxVersion: 'TLSv1.3',
      // OpenSSL 3 offers the old protocols at its lowest security level only.
      tlsCiphers: [TLS13, ECDHE, CHACHA20, DHE, CBC, '@SECLEVEL=0'].join(':'),
    },
  ],
  [
    'fips',
    { tlsMinVersion: 'TLSv1.2', tlsMaxVersion: 'TLSv1.2', tlsCiphers: [ECDHE, DHE].join(':') },
  ],
]);

const PROTOCOLS: ReadonlySet<string> = new Set(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']);

/** What a suite means; `custom` takes `ssl_protocols` and `ssl_ciphers`. */
export function parseTlsProtocols(
  suite: string,
  protocols: string,
  ciphers: string | undefined,
  report: TlsReader['report'],
): TlsProtocols {
  const known = SUITES.get(suite);
  if (known !== undefined) return known;
  const names = protocols.split(/\s+/);
  for (const name of names) {
    if (!PROTOCOLS.has(name)) report(`ssl_protocols: invalid entry '${name}'`);
  }
  const has = (name: string): boolean => names.includes(name);
  if (has('TLSv1.1') && !has('TLSv1')) {
    report(`ssl_protocols: TLSv1.1 is supported with TLSv1 only; remove it`);
  }
  const lowest = has('TLSv1.2') ? 'TLSv1.2' : 'TLSv1.3';
  return {
    tlsMinVersion: has('TLSv1') ? 'TLSv1' : lowest,
    tlsMaxVersion: has('TLSv1.3') ? 'TLSv1.3' : 'TLSv1.2',
    tlsCiphers: ciphers,
  };
}
