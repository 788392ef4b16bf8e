/** The entity checks that only code can say, by the names that `custom` uses in the schemas. */
import { entityIssue, isFields, type FieldIssue, type Fields } from './field-issue.ts';
import { checkTokenHeaders } from './jwt-signer.ts';
import { readCertificates, readJwk, readPrivateKey, readPublicKey } from './pem.ts';
import { checkHttpLog, checkLogPlugin } from './logs.ts';
import { checkRateLimiting, checkResponseRatelimiting } from './rate-limits.ts';
import { checkZipkin } from './tracing.ts';
import { checkRouteExpression, checkRouteMatchers } from './route.ts';

export type CustomCheck = (record: Fields, failed: ReadonlySet<string>) => FieldIssue[];

const CUSTOM_CHECKS: ReadonlyMap<string, CustomCheck> = new Map([
  ['route-matchers', checkRouteMatchers],
  ['route-expression', checkRouteExpression],
  ['certificate-pairs', checkCertificatePairs],
  ['ca-certificate', checkCaCertificate],
  ['key-material', checkKeyMaterial],
  ['request-termination', checkRequestTermination],
  ['rate-limiting', checkRateLimiting],
  ['response-ratelimiting', checkResponseRatelimiting],
  ['jwt-signer', checkTokenHeaders],
  ['log-plugin', checkLogPlugin],
  ['http-log', checkHttpLog],
  ['zipkin', checkZipkin],
]);

/** The check of that name; every name in the schemas has one. */
export function customCheck(name: string): CustomCheck {
  const check = CUSTOM_CHECKS.get(name);
  if (check === undefined) throw new Error(`no entity check named ${name}`);
  return check;
}

const issuesOf = (
  code: string,
  ...messages: readonly (string | false | undefined)[]
): FieldIssue[] => messages.flatMap((message) => (message ? [entityIssue(code, message)] : []));

function checkCertificatePairs(record: Fields, failed: ReadonlySet<string>): FieldIssue[] {
  if (['cert', 'key', 'cert_alt', 'key_alt'].some((name) => failed.has(name))) return [];
  const { cert, key, cert_alt: certAlt, key_alt: keyAlt } = record;
  const type = publicKeyType(cert);
  return issuesOf(
    'SB1608',
    isMismatch(cert, key) && 'certificate does not match key',
    isMismatch(certAlt, keyAlt) && 'alternative certificate does not match key',
    type !== undefined &&
      type === publicKeyType(certAlt) &&
      'certificate and alternative certificate need to have different type (e.g. RSA and ECDSA), ' +
        'the provided certificates were both of the same type',
  );
}

function isMismatch(cert: unknown, key: unknown): boolean {
  if (typeof cert !== 'string' || typeof key !== 'string') return false;
  const [leaf] = readCertificates(cert);
  const privateKey = readPrivateKey(key);
  // One of them is a vault reference: there is nothing to compare yet.
  if (leaf === undefined || privateKey === undefined) return false;
  return !leaf.checkPrivateKey(privateKey);
}

function publicKeyType(cert: unknown): string | undefined {
  const [leaf] = typeof cert === 'string' ? readCertificates(cert) : [];
  return leaf?.publicKey.asymmetricKeyType;
}

function checkCaCertificate(record: Fields, failed: ReadonlySet<string>): FieldIssue[] {
  const { cert } = record;
  if (failed.has('cert') || typeof cert !== 'string') return [];
  const [certificate, ...others] = readCertificates(cert);
  if (others.length > 0) return issuesOf('SB1609', 'please submit only one certificate at a time');
  if (certificate === undefined) return [];
  if (Date.parse(certificate.validTo) < Date.now()) {
    return issuesOf('SB1609', 'certificate expired, "Not After" time is in the past');
  }
  return issuesOf(
    'SB1609',
    !certificate.ca &&
      'certificate does not appear to be a CA because it is missing the "CA" basic constraint',
  );
}

function checkKeyMaterial(record: Fields, failed: ReadonlySet<string>): FieldIssue[] {
  const { jwk, kid, pem } = record;
  if (failed.has('jwk') || failed.has('pem') || failed.has('kid')) return [];
  const members = typeof jwk === 'string' ? readJwk(jwk) : undefined;
  return issuesOf(
    'SB1610',
    members !== undefined && members['kid'] !== kid && 'kid in jwk.kid must be equal to keys.kid',
    isFields(pem) && isPemMismatch(pem) && 'public key does not match private key',
  );
}

function isPemMismatch({ private_key: privatePem, public_key: publicPem }: Fields): boolean {
  if (typeof privatePem !== 'string' || typeof publicPem !== 'string') return false;
  const [ofPrivate, ofPublic] = [readPublicKey(privatePem), readPublicKey(publicPem)];
  return ofPrivate !== undefined && ofPublic !== undefined && !ofPrivate.equals(ofPublic);
}

function checkRequestTermination({ config }: Fields): FieldIssue[] {
  if (!isFields(config)) return [];
  const { status_code: status, message, body, content_type: contentType, echo } = config;
  if (typeof status === 'number' && status >= 100 && status < 200) {
    // Kong takes it and leaves the client waiting: what follows 1xx is the answer (RFC 9110 section 15.2).
    const problem = `${status} ends no request, use 200 to 599`;
    return [{ code: 'SB1105', path: ['config', 'status_code'], message: problem }];
  }
  const hasBody = isText(contentType) || isText(body);
  if (isText(message) && hasBody) {
    return issuesOf('SB1212', 'message cannot be used with content_type or body');
  }
  if (isText(contentType) && !isText(body))
    return issuesOf('SB1212', 'content_type requires a body');
  return issuesOf(
    'SB1212',
    echo === true && hasBody && 'echo cannot be used with content_type and body',
  );
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
