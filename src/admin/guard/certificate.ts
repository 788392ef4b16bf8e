/** The certificate of a client: that there is one, that a CA of the settings signed it, and whose it is. */
import { TLSSocket } from 'node:tls';
import { message, type AdminResponse } from '../response.ts';
import type { ServerRequest } from '../types.ts';

// nginx' words and status for the two cases.
const NO_CERTIFICATE = message(400, 'No required SSL certificate was sent');
const BAD_CERTIFICATE = message(400, 'The SSL certificate error');

const SUBJECT_LENGTH_MAX = 256;

export type CertificateCheck =
  { readonly subject: string | undefined } | { readonly refusal: AdminResponse };

/**
 * Asks for a certificate on connections that are TLS; others were never asked for one. What counts is
 * a certificate that was verified in this handshake: OpenSSL calls a resumed session of TLS 1.3
 * verified even when nobody ever showed a certificate in it.
 */
export function checkCertificate({ socket }: ServerRequest): CertificateCheck {
  if (!(socket instanceof TLSSocket)) return { subject: undefined };
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return { refusal: NO_CERTIFICATE };
  if (!socket.authorized) return { refusal: BAD_CERTIFICATE };
  return { subject: certificate.subject.replaceAll('\n', ', ').slice(0, SUBJECT_LENGTH_MAX) };
}
