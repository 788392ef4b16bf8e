/** Certificates for servers and clients of tests. */
import type { ServerOptions } from 'node:https';
import { generate } from 'selfsigned';

export interface Pem {
  readonly cert: string;
  readonly key: string;
}

/** Self-signed, for 127.0.0.1. */
export async function selfSignedPem(name: string): Promise<Pem> {
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  return { cert: made.cert, key: made.private };
}

export const selfSignedServer = async (): Promise<ServerOptions> => selfSignedPem('issuer.test');

/** A server that wants a client certificate and takes any. */
export const mutualTlsServer = async (): Promise<ServerOptions> => ({
  ...(await selfSignedPem('issuer.test')),
  requestCert: true,
  rejectUnauthorized: false,
});

/** A CA of its own, and certificates that it has signed: for a server on 127.0.0.1 and for clients. */
export interface CertificateAuthority {
  /** PEM of its certificate. */
  readonly ca: string;
  readonly sign: (name: string) => Promise<Pem>;
}

export async function certificateAuthority(name: string): Promise<CertificateAuthority> {
  const own = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  return {
    ca: own.cert,
    async sign(subject) {
      const made = await generate([{ name: 'commonName', value: subject }], {
        keyType: 'ec',
        algorithm: 'sha256',
        ca: { key: own.private, cert: own.cert },
        extensions: [
          { name: 'basicConstraints', cA: false },
          { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
        ],
      });
      return { cert: made.cert, key: made.private };
    },
  };
}
