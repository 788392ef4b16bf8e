/** The 153 fields of the config as the plugin uses them: the same shape for both kinds of token. */
import { parseTokenHeader, type TokenHeader } from '../../config/checks/jwt-signer.ts';
import type { JwtSignerConfig } from '../../config/schema-types.ts';
import type { Immutable } from '../../plugin.ts';

/** The two tokens a request may carry. Their names carry no meaning of any protocol. */
export type TokenKind = 'access_token' | 'channel_token';

/** Members from the root of a JSON object to a value. */
export type ClaimPath = readonly string[];

/** A claim that must hold one of some values. */
export interface AllowedValues {
  readonly claim: ClaimPath;
  /** `null` or empty: any. */
  readonly allowed: readonly string[] | null;
  readonly isVerified: boolean;
}

/** A claim that holds a time. */
export interface TimeRule {
  readonly claim: ClaimPath;
  readonly isVerified: boolean;
}

export type ConsumerField = 'id' | 'username' | 'custom_id';

/** What is checked of one JSON object: the payload of a token, or the result of an introspection. */
export interface ClaimRules {
  readonly leewaySeconds: number;
  readonly required: readonly ClaimPath[];
  /** Checks of these are skipped where they are absent. */
  readonly optional: readonly ClaimPath[];
  readonly issuer: AllowedValues;
  readonly subject: AllowedValues;
  readonly audience: AllowedValues;
  readonly notBefore: TimeRule;
  readonly expiry: TimeRule;
  readonly scopes: AllowedValues;
  readonly consumerClaim: ClaimPath | null;
  readonly consumerBy: readonly ConsumerField[];
}

/** A remote document or service, and what it takes to be let in. */
export interface EndpointSettings {
  readonly username: string | null;
  readonly password: string | null;
  readonly certificateId: string | undefined;
  readonly rotatePeriodSeconds: number;
}

export interface IntrospectionSettings {
  readonly isEnabled: boolean;
  readonly endpoint: string | null;
  readonly authorization: string | null;
  readonly bodyArgs: string | null;
  readonly hint: string | null;
  readonly timeoutMs: number;
  /** `null`, or where the result holds a JWT. */
  readonly jwtClaim: ClaimPath | null;
  readonly isCached: boolean;
  /** True: a good result needs no checks of the payload. */
  readonly isTrusted: boolean;
  readonly rules: ClaimRules;
}

export type SigningAlgorithm = JwtSignerConfig['access_token_signing_algorithm'];

export interface SigningSettings {
  readonly isEnabled: boolean;
  readonly algorithm: SigningAlgorithm;
  readonly issuer: string;
  readonly keyset: string;
  readonly keysetEndpoint: EndpointSettings;
  /** `undefined`: nothing is signed. */
  readonly upstreamHeader: TokenHeader | undefined;
  readonly upstreamLeewaySeconds: number;
  readonly add: readonly Immutable<Record<string, string>>[];
  readonly set: readonly Immutable<Record<string, string>>[];
  readonly remove: readonly string[];
}

/** Everything about one of the two tokens. */
export interface TokenSettings {
  readonly kind: TokenKind;
  /** `undefined`: this token is left alone. */
  readonly requestHeader: TokenHeader | undefined;
  readonly isOptional: boolean;
  readonly verifiesSignature: boolean;
  readonly acceptsHmac: boolean;
  readonly jwksUri: string | null;
  readonly jwksEndpoint: EndpointSettings;
  readonly verifiesTls: boolean;
  readonly rules: ClaimRules;
  readonly introspection: IntrospectionSettings;
  readonly signing: SigningSettings;
  readonly originalHeader: TokenHeader | undefined;
}

const INTROSPECTION_TIMEOUT_MS = 10_000;

type Config = Immutable<JwtSignerConfig>;

/** The fields of one token, together with those that both share. */
export function tokenSettings(config: Config, kind: TokenKind): TokenSettings {
  return {
    kind,
    requestHeader: parseTokenHeader(config[`${kind}_request_header` as const]),
    isOptional: config[`${kind}_optional` as const],
    verifiesSignature: config[`verify_${kind}_signature` as const],
    acceptsHmac: config.enable_hs_signatures,
    jwksUri: config[`${kind}_jwks_uri` as const],
    jwksEndpoint: endpointSettings(config, `${kind}_jwks_uri` as const),
    verifiesTls: config[`${kind}_endpoints_ssl_verify` as const],
    rules: claimRules(config, kind),
    introspection: introspectionSettings(config, kind),
    signing: signingSettings(config, kind),
    originalHeader: parseTokenHeader(config[`original_${kind}_upstream_header` as const]),
  };
}

function introspectionSettings(config: Config, kind: TokenKind): IntrospectionSettings {
  return {
    isEnabled: config[`enable_${kind}_introspection` as const],
    endpoint: config[`${kind}_introspection_endpoint` as const],
    authorization: config[`${kind}_introspection_authorization` as const],
    bodyArgs: config[`${kind}_introspection_body_args` as const],
    hint: config[`${kind}_introspection_hint` as const],
    timeoutMs: config[`${kind}_introspection_timeout` as const] ?? INTROSPECTION_TIMEOUT_MS,
    jwtClaim: pathOrNull(config[`${kind}_introspection_jwt_claim` as const]),
    isCached: config[`cache_${kind}_introspection` as const],
    isTrusted: config[`trust_${kind}_introspection` as const],
    rules: claimRules(config, `${kind}_introspection` as const),
  };
}

function signingSettings(config: Config, kind: TokenKind): SigningSettings {
  return {
    isEnabled: config[`${kind}_signing` as const],
    algorithm: config[`${kind}_signing_algorithm` as const],
    issuer: config[`${kind}_issuer` as const],
    keyset: config[`${kind}_keyset` as const],
    keysetEndpoint: endpointSettings(config, `${kind}_keyset` as const),
    upstreamHeader: parseTokenHeader(config[`${kind}_upstream_header` as const]),
    upstreamLeewaySeconds: config[`${kind}_upstream_leeway` as const],
    add: [config.add_claims, config[`add_${kind}_claims` as const]],
    set: [config.set_claims, config[`set_${kind}_claims` as const]],
    remove: config[`remove_${kind}_claims` as const],
  };
}

function endpointSettings(
  config: Config,
  of: `${TokenKind}_jwks_uri` | `${TokenKind}_keyset`,
): EndpointSettings {
  return {
    username: config[`${of}_client_username` as const],
    password: config[`${of}_client_password` as const],
    certificateId: config[`${of}_client_certificate` as const]?.id,
    rotatePeriodSeconds: config[`${of}_rotate_period` as const],
  };
}

function claimRules(config: Config, of: TokenKind | `${TokenKind}_introspection`): ClaimRules {
  return {
    leewaySeconds: config[`${of}_leeway` as const],
    required: config[`${of}_required_claims` as const] ?? [],
    optional: config[`${of}_optional_claims` as const] ?? [],
    issuer: {
      claim: config[`${of}_issuer_claim` as const],
      allowed: config[`${of}_issuers_allowed` as const],
      isVerified: config[`verify_${of}_issuer` as const],
    },
    subject: {
      claim: config[`${of}_subject_claim` as const],
      allowed: config[`${of}_subjects_allowed` as const],
      isVerified: config[`verify_${of}_subject` as const],
    },
    audience: {
      claim: config[`${of}_audience_claim` as const],
      allowed: config[`${of}_audiences_allowed` as const],
      isVerified: config[`verify_${of}_audience` as const],
    },
    notBefore: {
      claim: config[`${of}_notbefore_claim` as const],
      isVerified: config[`verify_${of}_notbefore` as const],
    },
    expiry: {
      claim: config[`${of}_expiry_claim` as const],
      isVerified: config[`verify_${of}_expiry` as const],
    },
    scopes: {
      claim: config[`${of}_scopes_claim` as const],
      allowed: config[`${of}_scopes_required` as const],
      isVerified: config[`verify_${of}_scopes` as const],
    },
    consumerClaim: pathOrNull(config[`${of}_consumer_claim` as const]),
    consumerBy: config[`${of}_consumer_by` as const],
  };
}

const pathOrNull = (path: ClaimPath | null): ClaimPath | null =>
  path === null || path.length === 0 ? null : path;
