/** The rules, in the order of their codes. */
import type { Rule } from './rule.ts';
import { capitalHost } from './rules/capital-host.ts';
import { expiredCertificate, expiringCertificate } from './rules/certificate-dates.ts';
import { corsAnyOrigin } from './rules/cors-any-origin.ts';
import { credentialWithoutKey } from './rules/credential-without-key.ts';
import { disabledEntry } from './rules/disabled-entry.ts';
import { emptyUpstream } from './rules/empty-upstream.ts';
import { explosiveRegex } from './rules/explosive-regex.ts';
import { idleCredentials } from './rules/idle-credentials.ts';
import { idleGroups } from './rules/idle-groups.ts';
import { idleRegexPriority } from './rules/idle-regex-priority.ts';
import { inlineSecret } from './rules/inline-secret.ts';
import { jwtWithoutExp } from './rules/jwt-without-exp.ts';
import { madeUpCredential } from './rules/made-up-credential.ts';
import { misplacedPrivateKey } from './rules/misplaced-private-key.ts';
import { missingAnonymous } from './rules/missing-anonymous.ts';
import { namelessConsumer } from './rules/nameless-consumer.ts';
import { openToAnonymous } from './rules/open-to-anonymous.ts';
import { pathLikeRegex } from './rules/path-like-regex.ts';
import { plainHttpUpstream } from './rules/plain-http-upstream.ts';
import { pluginNeverRuns } from './rules/plugin-never-runs.ts';
import { pluginProtocols } from './rules/plugin-protocols.ts';
import { keyInQuery, tokenInQuery } from './rules/query-credentials.ts';
import { repeatedName } from './rules/repeated-name.ts';
import { severalAuthentications } from './rules/several-authentications.ts';
import { shortHmacSecret } from './rules/short-hmac-secret.ts';
import { shortRsaKey } from './rules/short-rsa-key.ts';
import { tiedRoutes } from './rules/tied-routes.ts';
import { tlsVerifyOff } from './rules/tls-verify-off.ts';
import { unknownGroup } from './rules/unknown-group.ts';
import { unreachableRoute } from './rules/unreachable-route.ts';
import { unusedEntity } from './rules/unused-entity.ts';
import { yamlTrap } from './rules/yaml-trap.ts';

export const RULES: readonly Rule[] = [
  jwtWithoutExp,
  tokenInQuery,
  keyInQuery,
  shortRsaKey,
  shortHmacSecret,
  inlineSecret,
  credentialWithoutKey,
  misplacedPrivateKey,
  expiredCertificate,
  expiringCertificate,
  madeUpCredential,
  pathLikeRegex,
  explosiveRegex,
  unreachableRoute,
  tiedRoutes,
  capitalHost,
  idleRegexPriority,
  severalAuthentications,
  openToAnonymous,
  missingAnonymous,
  idleGroups,
  unknownGroup,
  idleCredentials,
  namelessConsumer,
  pluginNeverRuns,
  disabledEntry,
  pluginProtocols,
  corsAnyOrigin,
  plainHttpUpstream,
  tlsVerifyOff,
  emptyUpstream,
  unusedEntity,
  yamlTrap,
  repeatedName,
];
