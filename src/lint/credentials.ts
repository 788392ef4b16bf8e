/** The plugins that find out who the client is, and the credentials they do it by. */
import type { EntityKind } from '../config/types.ts';

type CredentialKind = Extract<EntityKind, `${string}_credentials` | 'jwt_secrets'>;

/** Plugin → the entities that hold its credentials. */
export const CREDENTIALS_OF: ReadonlyMap<string, CredentialKind> = new Map([
  ['jwt', 'jwt_secrets'],
  ['key-auth', 'keyauth_credentials'],
  ['basic-auth', 'basicauth_credentials'],
  ['hmac-auth', 'hmacauth_credentials'],
] as const);

export const CREDENTIAL_KINDS: readonly CredentialKind[] = [...CREDENTIALS_OF.values()];

/** Plugins that name a consumer by other means: a claim, a directory, a certificate. */
const OTHER_AUTHENTICATION: readonly string[] = [
  'jwt-signer',
  'ldap-auth',
  'oauth2',
  'openid-connect',
  'mtls-auth',
  'session',
];

export const AUTHENTICATION: ReadonlySet<string> = new Set([
  ...CREDENTIALS_OF.keys(),
  ...OTHER_AUTHENTICATION,
]);

export const needsNoCredential = (plugin: string): boolean => OTHER_AUTHENTICATION.includes(plugin);
