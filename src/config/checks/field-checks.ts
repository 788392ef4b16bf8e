/** The field checks by the names that `x-kong-check` uses in the schemas. */
import {
  checkHost,
  checkHostWithPort,
  checkIpOrCidr,
  checkRouteHost,
  checkTarget,
  checkUrl,
  checkUpstreamName,
  checkWildcardHost,
} from './address.ts';
import { checkFilePath, checkStatusRange } from './logs.ts';
import { checkPath, checkRoutePath } from './path.ts';
import {
  checkCertificate,
  checkJwk,
  checkPrivateKey,
  checkPublicKey,
  checkPublicKeyPem,
} from './pem.ts';
import { checkOrigin, checkPluginRegex, type CheckRegex } from './regex.ts';
import { checkFormArgs, checkHttpUrl, checkKeyset, checkTokenHeader } from './jwt-signer.ts';
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
import { checkZipkinTag } from './tracing.ts';
import {
  checkHeaderAndValue,
  checkHeaderEntry,
  checkHeaderPair,
  checkNameAndValue,
  checkPair,
  checkResponseHeader,
  checkResponseHeaderEntry,
} from './transform.ts';

/** What checks need from outside of the config. */
export interface CheckContext {
  /** The router's check of a regular expression, which is above this layer; absent: none. */
  readonly checkRegex?: CheckRegex | undefined;
}

/** What is wrong with a value: the code of the catalogue and Kong's message. */
export interface FieldProblem {
  readonly code: string;
  readonly message: string;
  /** The element of a list that a report should point at. */
  readonly element?: number;
}

/** Values of another type are not its business. */
export type FieldCheck = (value: unknown, context: CheckContext) => FieldProblem | undefined;

type TextCheck = (value: string) => string | undefined;

const TEXT_CHECKS: readonly (readonly [name: string, code: string, check: TextCheck])[] = [
  ['name', 'SB1110', checkName],
  ['tag', 'SB1111', checkTag],
  ['uuid', 'SB1112', checkUuid],
  ['host', 'SB1113', checkHost],
  ['host-with-port', 'SB1113', checkHostWithPort],
  ['wildcard-host', 'SB1123', checkWildcardHost],
  ['route-host', 'SB1114', checkRouteHost],
  ['upstream-name', 'SB1124', checkUpstreamName],
  ['target', 'SB1115', checkTarget],
  ['ip-or-cidr', 'SB1116', checkIpOrCidr],
  ['url', 'SB1125', checkUrl],
  ['header-entry', 'SB1119', checkHeaderEntry],
  ['header-value', 'SB1119', checkHeaderAndValue],
  ['header-names-pair', 'SB1119', checkHeaderPair],
  ['name-value', 'SB1126', checkNameAndValue],
  ['pair', 'SB1126', checkPair],
  ['response-header-entry', 'SB1119', checkResponseHeaderEntry],
  ['header-pair', 'SB1119', checkResponseHeader],
  ['path', 'SB1117', checkPath],
  ['file-path', 'SB1117', checkFilePath],
  ['method', 'SB1118', checkMethod],
  ['header-name', 'SB1119', checkHeaderName],
  ['cookie-name', 'SB1120', checkCookieName],
  ['field-name', 'SB1119', checkFieldName],
  ['field-value', 'SB1119', checkFieldValue],
  ['vault-prefix', 'SB1121', checkVaultPrefix],
  ['vault-name', 'SB1121', checkVaultName],
  ['env-prefix', 'SB1121', checkEnvPrefix],
  ['certificate', 'SB1604', checkCertificate],
  ['private-key', 'SB1605', checkPrivateKey],
  ['public-key', 'SB1606', checkPublicKey],
  ['public-key-pem', 'SB1606', checkPublicKeyPem],
  ['jwk', 'SB1607', checkJwk],
  ['http-url', 'SB1125', checkHttpUrl],
  ['token-header', 'SB1119', checkTokenHeader],
  ['form-args', 'SB1125', checkFormArgs],
  ['keyset', 'SB1125', checkKeyset],
  ['status-range', 'SB1105', checkStatusRange],
  ['zipkin-tag', 'SB1104', checkZipkinTag],
];

const problem = (code: string, message: string | undefined): FieldProblem | undefined =>
  message === undefined ? undefined : { code, message };

// An empty text has its own message (`length must be at least 1`).
const forText =
  (code: string, check: TextCheck): FieldCheck =>
  (value) =>
    typeof value === 'string' && value !== '' ? problem(code, check(value)) : undefined;

const forMap =
  (code: string, check: (value: object) => string | undefined): FieldCheck =>
  (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? problem(code, check(value))
      : undefined;

const routePath: FieldCheck = (value, { checkRegex }) => {
  if (typeof value !== 'string' || value === '') return undefined;
  return (
    problem('SB1117', checkRoutePath(value)) ?? problem('SB1602', checkRoutePath(value, checkRegex))
  );
};

const forPattern =
  (check: typeof checkOrigin): FieldCheck =>
  (value, { checkRegex }) =>
    typeof value === 'string' && value !== ''
      ? problem('SB1602', check(value, checkRegex))
      : undefined;

const protocolFamily: FieldCheck = (value) => {
  if (!Array.isArray(value)) return undefined;
  const message = checkProtocolFamily(value);
  // Kong looks at the first one only, and complains of the list.
  const isUnknown = value.length > 0 && message?.startsWith('unknown type') === true;
  return isUnknown ? { code: 'SB1104', message, element: 0 } : problem('SB1122', message);
};

const filledList: FieldCheck = (value) =>
  Array.isArray(value) && value.length === 0
    ? problem('SB1106', 'length must be at least 1')
    : undefined;

const FIELD_CHECKS: ReadonlyMap<string, FieldCheck> = new Map([
  ...TEXT_CHECKS.map(([name, code, check]) => [name, forText(code, check)] as const),
  ['route-path', routePath],
  ['regex', forPattern(checkPluginRegex)],
  ['origin', forPattern(checkOrigin)],
  ['header-names', forMap('SB1119', checkHeaderNames)],
  ['route-headers', forMap('SB1119', checkRouteHeaders)],
  ['protocol-family', protocolFamily],
  ['filled-list', filledList],
]);

/** The check of that name; every name in the schemas has one. */
export const hasFieldCheck = (name: string): boolean => FIELD_CHECKS.has(name);

export function fieldCheck(name: string): FieldCheck {
  const check = FIELD_CHECKS.get(name);
  if (check === undefined) throw new Error(`no field check named ${name}`);
  return check;
}
