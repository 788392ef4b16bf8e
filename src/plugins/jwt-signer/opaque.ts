/** Opaque tokens: from what the introspection endpoint says to evidence, within the bounds of caching. */
import { createHash } from 'node:crypto';
import type { PluginBuild } from '../../plugin.ts';
import type { OutboundTls } from '../../services.ts';
import { createTokenCache } from '../../tokens/token-cache.ts';
import { claimAt, type Claims } from './claims.ts';
import { compileClaimChecks } from './checks/claim-checks.ts';
import type { Evidence } from './evidence.ts';
import { compileIntrospectionCall, type IntrospectionAnswer } from './introspect.ts';
import { badToken, unverifiable, type Refusal } from './refusals.ts';
import type { TokenSettings } from './settings.ts';
import { looksLikeJws } from './classify.ts';
import { decodeClaims, type VerifyJwt } from './verify-jwt.ts';

/** Never rejects. */
export type ExamineOpaque = (token: string) => Promise<Evidence | Refusal>;

/** Longest life of a result, and that of one which does not say when it expires. */
const CACHE_MS_MAX = 3_600_000;
const CACHE_MS_WITHOUT_EXPIRY = 60_000;
/** A token that is not active now may never be, or may have been asked for before its time. */
const INACTIVE_MS = 5_000;
const INACTIVE_MAX = 2048;

const NOT_SUPPORTED = badToken('opaque tokens are not accepted');
const NO_ANSWER = unverifiable('the token cannot be verified now');
const INACTIVE = badToken('the token is not active');
const NO_JWT = badToken('the introspection result holds no JWT');

export interface OpaqueDeps {
  readonly build: PluginBuild;
  readonly tls: OutboundTls;
  readonly verifyJwt: VerifyJwt;
}

export function compileOpaqueExamination(
  settings: TokenSettings,
  { build, tls, verifyJwt }: OpaqueDeps,
): ExamineOpaque {
  const { introspection, verifiesSignature } = settings;
  const { endpoint, isEnabled, isCached, isTrusted, jwtClaim, rules } = introspection;
  if (!isEnabled || endpoint === null) return () => Promise.resolve(NOT_SUPPORTED);
  const { now, log, services, trace } = build;
  const { outbound } = services;
  const call = compileIntrospectionCall(introspection, endpoint, { outbound, tls, log, now });
  const check = compileClaimChecks(rules);
  /** Token → when it may be asked for again. */
  const inactive = createTokenCache<number>(INACTIVE_MAX);

  return async function examine(token) {
    if ((inactive.get(token) ?? 0) > now()) return INACTIVE;
    const answer = await call(token);
    if (answer === undefined) return NO_ANSWER;
    const { result } = answer;
    if (result['active'] !== true) {
      if (isCached) inactive.add(token, now() + INACTIVE_MS);
      return INACTIVE;
    }
    trace?.passed('introspection', 'the endpoint says that the token is active');
    const refusal = check(result, now() / 1000, trace);
    if (refusal !== undefined) return refusal;
    if (jwtClaim === null) return evidenceOf(answer, result);
    const inner = await innerEvidence(claimAt(result, jwtClaim));
    return inner.kind === 'refused' ? inner : evidenceOf(answer, inner.payload);
  };

  /** The JWT inside of the result; who trusts the endpoint needs no proof of what it says. */
  async function innerEvidence(
    inner: unknown,
  ): Promise<Pick<Evidence, 'kind' | 'payload'> | Refusal> {
    if (typeof inner !== 'string' || !looksLikeJws(inner)) return NO_JWT;
    if (!isTrusted && verifiesSignature) return verifyJwt(inner);
    const payload = decodeClaims(inner);
    return payload === undefined ? NO_JWT : { kind: 'evidence', payload };
  }

  function evidenceOf({ result, text }: IntrospectionAnswer, payload: Claims): Evidence {
    return {
      kind: 'evidence',
      payload,
      introspected: result,
      source: createHash('sha256').update(text).digest('base64url'),
      length: text.length,
      keysVersion: undefined,
      usableUntil: isCached ? usableUntil(result) : 0,
    };
  }

  /** Milliseconds since the epoch. */
  function usableUntil(result: Claims): number {
    const expiry = claimAt(result, rules.expiry.claim);
    if (typeof expiry !== 'number') return now() + CACHE_MS_WITHOUT_EXPIRY;
    return Math.min((expiry + rules.leewaySeconds) * 1000, now() + CACHE_MS_MAX);
  }
}
