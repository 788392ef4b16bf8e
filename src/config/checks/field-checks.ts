/** The field checks by the names that `x-kong-check` uses in the schemas. */
import {
  checkHost,
  checkHostWithPort,
  checkIpOrCidr,
  checkRouteHost,
  checkTarget,
  checkUpstreamName,
  checkWildcardHost,
} from './address.ts';
import { checkPath, checkRoutePath } from './path.ts';
import {
  checkCertificate,
  checkJwk,
  checkPrivateKey,
  checkPublicKey,
  checkPublicKeyPem,
} from './pem.ts';
import type { CheckRegex } from './regex.ts';
import {
  checkCookieName,
  checkEnvPrefix,
  checkFieldName,
  checkFieldValue,
  checkHeaderName,
  checkHeaderNames,
  checkMethod,
  checkName,
  checkProtocolFamily,
  checkRouteHeaders,
  checkTag,
  checkUuid,
  checkVaultName,
  checkVaultPrefix,
} from './text.ts';

/** What checks need from outside of the config. */
export interface CheckContext {
  /** The router's check of a regular expression, which is above this layer; absent: none. */
  readonly checkRegex?: CheckRegex | undefined;
}

/** Gives Kong's message for a bad value. Values of another type are not its business. */
export type FieldCheck = (value: unknown, context: CheckContext) => string | undefined;

type TextCheck = (value: string) => string | undefined;

const TEXT_CHECKS: readonly (readonly [string, TextCheck])[] = [
  ['name', checkName],
  ['tag', checkTag],
  ['uuid', checkUuid],
  ['host', checkHost],
  ['host-with-port', checkHostWithPort],
  ['wildcard-host', checkWildcardHost],
  ['route-host', checkRouteHost],
  ['upstream-name', checkUpstreamName],
  ['target', checkTarget],
  ['ip-or-cidr', checkIpOrCidr],
  ['path', checkPath],
  ['method', checkMethod],
  ['header-name', checkHeaderName],
  ['cookie-name', checkCookieName],
  ['field-name', checkFieldName],
  ['field-value', checkFieldValue],
  ['vault-prefix', checkVaultPrefix],
  ['vault-name', checkVaultName],
  ['env-prefix', checkEnvPrefix],
  ['certificate', checkCertificate],
  ['private-key', checkPrivateKey],
  ['public-key', checkPublicKey],
  ['public-key-pem', checkPublicKeyPem],
  ['jwk', checkJwk],
];

// An empty text has its own message (`length must be at least 1`).
const forText =
  (check: TextCheck): FieldCheck =>
  (value) =>
    typeof value === 'string' && value !== '' ? check(value) : undefined;

const forMap =
  (check: (value: object) => string | undefined): FieldCheck =>
  (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? check(value) : undefined;

const FIELD_CHECKS: ReadonlyMap<string, FieldCheck> = new Map([
  ...TEXT_CHECKS.map(([name, check]) => [name, forText(check)] as const),
  [
    'route-path',
    (value, { checkRegex }) =>
      typeof value === 'string' && value !== '' ? checkRoutePath(value, checkRegex) : undefined,
  ],
  ['header-names', forMap(checkHeaderNames)],
  ['route-headers', forMap(checkRouteHeaders)],
  ['protocol-family', (value) => (Array.isArray(value) ? checkProtocolFamily(value) : undefined)],
]);

/** The check of that name; every name in the schemas has one. */
export function fieldCheck(name: string): FieldCheck {
  const check = FIELD_CHECKS.get(name);
  if (check === undefined) throw new Error(`no field check named ${name}`);
  return check;
}
