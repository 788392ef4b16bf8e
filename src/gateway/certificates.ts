/** Which certificate a TLS client gets, by the server name it asks for, as Kong 3.9 chooses. */
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Certificate, Config } from '../config/types.ts';
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

/**
 * Compiles certificates and SNIs. The order is exact name, `*.` for the first label, `.*` for the
 * last, then `*`. `reveal` resolves vault references in PEM fields.
 */
export function compileCertificates(
  config: Config,
  settings: TlsSettings,
  reveal: (text: string) => string,
): CertificateStore {
  const pairs = new Map(
    config.entities.certificates.map((entity) => [entity.id, toPair(entity, reveal)]),
  );
  const contexts = new Map<CertificatePair, SecureContext>();
  const byName = new Map<string, SecureContext>();
  let fallback: CertificatePair | undefined;
  for (const sni of config.entities.snis) {
    const pair = pairs.get(sni.certificate.id);
    if (pair === undefined) continue;
    if (sni.name === '*') fallback = pair;
    const context = contexts.get(pair) ?? toContext(pair, settings);
    contexts.set(pair, context);
    byName.set(sni.name.toLowerCase(), context);
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
