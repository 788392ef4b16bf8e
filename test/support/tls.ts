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
