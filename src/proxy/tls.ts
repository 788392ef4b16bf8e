/** TLS towards an upstream, compiled once per Service and load. */
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import {
  checkServerIdentity,
  createSecureContext,
  type DetailedPeerCertificate,
  type PeerCertificate,
  type SecureContext,
} from 'node:tls';
import type { CaCertificate, Certificate, Service, Upstream } from '../config/types.ts';
import type { Settings, TlsPair } from '../settings/types.ts';
import type { UpstreamTls } from './types.ts';

/** What the Service's references lead to; PEM texts with vault references already resolved. */
export interface TlsLookups {
  certificate(id: string): Certificate | undefined;
  caCertificate(id: string): CaCertificate | undefined;
  /** The Upstream entity the Service's host names, if any. */
  readonly upstream: Upstream | undefined;
}

export type TlsSettings = Pick<Settings, 'upstreamTlsVerify' | 'trustedCertificates' | 'clientTls'>;

const TLS_PROTOCOLS: ReadonlySet<string> = new Set(['https', 'grpcs', 'tls', 'wss']);
/** nginx' `proxy_ssl_verify_depth`: what a Service without `tls_verify_depth` gets. */
const DEFAULT_VERIFY_DEPTH = 1;

/**
 * What connections of this Service have in common, or `undefined` when its protocol is not over
 * TLS, as Kong does. Throws when an id in the Service leads nowhere, which a
 * validated config cannot have.
 */
export function compileUpstreamTls(
  service: Service,
  lookups: TlsLookups,
  settings: TlsSettings,
): UpstreamTls | undefined {
  if (!TLS_PROTOCOLS.has(service.protocol)) return undefined;
  const rejectUnauthorized = service.tls_verify ?? settings.upstreamTlsVerify;
  const reference = service.client_certificate ?? lookups.upstream?.client_certificate;
  const pair = clientPair(reference, lookups, settings);
  return identified({
    rejectUnauthorized,
    ca: rejectUnauthorized ? trustStore(service, lookups, settings) : undefined,
    cert: pair?.cert,
    key: pair?.key,
    verifyDepth: rejectUnauthorized
      ? (service.tls_verify_depth ?? DEFAULT_VERIFY_DEPTH)
      : undefined,
  });
}

const TLS_PROBES: ReadonlySet<string> = new Set(['https', 'grpcs']);

/** What the probes of an Upstream have in common, or `undefined` when they are not over TLS. */
export function compileProbeTls(
  upstream: Upstream,
  lookups: Omit<TlsLookups, 'upstream'>,
  settings: TlsSettings,
): UpstreamTls | undefined {
  const { type, https_verify_certificate: rejectUnauthorized } = upstream.healthchecks.active;
  if (!TLS_PROBES.has(type)) return undefined;
  const pair = clientPair(upstream.client_certificate, lookups, settings);
  const { trustedCertificates } = settings;
  const ca = trustedCertificates === undefined ? undefined : [trustedCertificates];
  return identified({
    rejectUnauthorized,
    ca: rejectUnauthorized ? ca : undefined,
    cert: pair?.cert,
    key: pair?.key,
    verifyDepth: undefined,
  });
}

/** A Service's own certificate goes first, then its Upstream's, then the process' (`client_ssl`). */
function clientPair(
  reference: Service['client_certificate'] | undefined,
  lookups: Pick<TlsLookups, 'certificate'>,
  settings: TlsSettings,
): TlsPair | undefined {
  if (!reference) return settings.clientTls;
  return lookups.certificate(reference.id) ?? missing('certificate', reference.id);
}

function trustStore(
  service: Service,
  lookups: TlsLookups,
  settings: TlsSettings,
): readonly string[] | undefined {
  const ids = service.ca_certificates;
  if (ids && ids.length > 0) {
    return ids.map((id) => (lookups.caCertificate(id) ?? missing('CA certificate', id)).cert);
  }
  return settings.trustedCertificates === undefined ? undefined : [settings.trustedCertificates];
}

function missing(kind: string, id: string): never {
  throw new Error(`the config has no ${kind} ${id}`);
}

const identified = (options: Omit<UpstreamTls, 'id'>): UpstreamTls => ({
  id: fingerprint(options),
  ...options,
});

/** A digest, so that the key stays out of whatever shows a pool's identity. */
function fingerprint(options: object): string {
  return createHash('sha256').update(JSON.stringify(options)).digest('base64url').slice(0, 22);
}

const contexts = new WeakMap<UpstreamTls, SecureContext>();

/** The OpenSSL side of `tls`, made once: parsing a trust store takes milliseconds. Throws on bad PEM. */
export function secureContextOf(tls: UpstreamTls): SecureContext {
  const known = contexts.get(tls);
  if (known !== undefined) return known;
  const context = createSecureContext({
    ca: tls.ca === undefined ? undefined : [...tls.ca],
    cert: tls.cert,
    key: tls.key,
  });
  contexts.set(tls, context);
  return context;
}

type Certified = PeerCertificate | DetailedPeerCertificate;

/** The name for the handshake: RFC 6066 section 3 allows no address there. */
export function sniOf(serverName: string): string {
  return isIP(serverName) === 0 ? serverName : '';
}

/**
 * What `node:tls` asks after it has verified the chain: does the certificate carry the name, and is
 * the chain short enough? `undefined` means yes.
 */
export function checkPeer(
  tls: UpstreamTls,
  serverName: string,
  leaf: Certified,
): Error | undefined {
  if (!tls.rejectUnauthorized) return undefined;
  const wrongName = checkServerIdentity(serverName, leaf);
  if (wrongName !== undefined) return wrongName;
  const intermediates = countIntermediates(leaf);
  if (tls.verifyDepth === undefined || intermediates <= tls.verifyDepth) return undefined;
  return new Error(
    `the certificate chain has ${intermediates} intermediates, ${tls.verifyDepth} are allowed`,
  );
}

/** Certificates between the leaf and its trust anchor, counted as OpenSSL's depth does. */
function countIntermediates(leaf: Certified): number {
  let count = 0;
  let current = issuerOf(leaf);
  while (current !== undefined) {
    const next = issuerOf(current);
    if (next === undefined) return count;
    count += 1;
    current = next;
  }
  return count;
}

/** `undefined` for the root: its issuer is itself. */
function issuerOf(certificate: Certified): DetailedPeerCertificate | undefined {
  if (!('issuerCertificate' in certificate)) return undefined;
  const issuer = certificate.issuerCertificate;
  // At run time a chain that was not verified may lack the issuer.
  return issuer?.fingerprint256 === certificate.fingerprint256 ? undefined : issuer;
}
