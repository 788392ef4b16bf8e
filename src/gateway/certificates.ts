/** Which certificate a TLS client gets, by the server name it asks for, as Kong 3.9 chooses. */
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Certificate, Config } from '../config/types.ts';
import type { ConfigIssue } from '../errors.ts';
import type { Settings } from '../settings/types.ts';

type TlsSettings = Pick<Settings, 'tlsMinVersion' | 'tlsMaxVersion' | 'tlsCiphers'>;

export interface CertificateStore {
  /** For a server name; `undefined` leaves it to the listener's default. */
  find(serverName: string): SecureContext | undefined;
  /** For clients without a server name: the certificate of the SNI `*`, if there is one. */
  readonly fallback: CertificatePair | undefined;
}

/** PEM texts: a certificate with its chain, and the second one of another key type, if any. */
export interface CertificatePair {
  readonly cert: readonly string[];
  readonly key: readonly string[];
}

export interface CertificateOptions {
  readonly settings: TlsSettings;
  /** Resolves vault references in PEM fields. */
  readonly reveal: (text: string) => string;
  /** Takes what cannot be loaded: what a reference leads to is known only now. */
  readonly report: (certificateId: string, issue: ConfigIssue) => void;
}

/**
 * Compiles certificates and SNIs. The order is exact name, `*.` for the first label, `.*` for the
 * last, then `*`. A certificate without SNIs is loaded too: it may be a client certificate.
 */
export function compileCertificates(config: Config, options: CertificateOptions): CertificateStore {
  const loaded = new Map<string, LoadedCertificate>();
  for (const entity of config.entities.certificates) {
    const pair = toPair(entity, options.reveal);
    try {
      loaded.set(entity.id, { pair, context: toContext(pair, options.settings) });
    } catch (error) {
      options.report(entity.id, toIssue(error));
    }
  }
  const byName = new Map<string, SecureContext>();
  let fallback: CertificatePair | undefined;
  for (const sni of config.entities.snis) {
    const certificate = loaded.get(sni.certificate.id);
    if (certificate === undefined) continue;
    if (sni.name === '*') fallback = certificate.pair;
    byName.set(sni.name.toLowerCase(), certificate.context);
  }
  return {
    fallback,
    find(serverName) {
      const name = serverName.toLowerCase();
      return (
        byName.get(name) ??
        byName.get(`*${name.slice(name.indexOf('.'))}`) ??
        byName.get(`${name.slice(0, name.lastIndexOf('.'))}.*`) ??
        byName.get('*')
      );
    },
  };
}

interface LoadedCertificate {
  readonly pair: CertificatePair;
  readonly context: SecureContext;
}

/** OpenSSL says what is wrong without quoting any of it. */
function toIssue(error: unknown): ConfigIssue {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    code: 'SB1604',
    path: ['cert'],
    message: `certificate or key cannot be loaded (${reason})`,
    hint: 'set what its vault references name, or write the PEM text',
  };
}

function toPair(entity: Certificate, reveal: (text: string) => string): CertificatePair {
  const { cert, key, cert_alt: certAlt, key_alt: keyAlt } = entity;
  const alternative = certAlt !== null && keyAlt !== null;
  return {
    cert: (alternative ? [cert, certAlt] : [cert]).map(reveal),
    key: (alternative ? [key, keyAlt] : [key]).map(reveal),
  };
}

function toContext(pair: CertificatePair, settings: TlsSettings): SecureContext {
  return createSecureContext({
    cert: [...pair.cert],
    key: [...pair.key],
    minVersion: settings.tlsMinVersion,
    maxVersion: settings.tlsMaxVersion,
    ...(settings.tlsCiphers === undefined ? {} : { ciphers: settings.tlsCiphers }),
  });
}
