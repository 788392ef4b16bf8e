/** Claims that are compared with the clock (RFC 7519 sections 4.1.4, 4.1.5). */
import { claimAt, includesPath, showPath, type Claims } from '../claims.ts';
import { badToken } from '../refusals.ts';
import type { ClaimPath, ClaimRules } from '../settings.ts';
import type { ClaimCheck } from './check.ts';

/** Absent, it is a fault: who asks for this check wants tokens that say from when they hold. */
export function notBefore(rules: ClaimRules): ClaimCheck | undefined {
  const { claim, isVerified } = rules.notBefore;
  if (!isVerified) return undefined;
  const isOptional = includesPath(rules.optional, claim);
  const missing = badToken('the time from which the token is valid is missing');
  const notNumber = badToken('the time from which the token is valid is not a number');
  const early = badToken('the token is not valid yet');
  return {
    name: 'not before',
    run(claims, now) {
      const value = claimAt(claims, claim);
      if (value === undefined) return isOptional ? undefined : missing;
      if (!isTime(value)) return notNumber;
      return value - rules.leewaySeconds <= now ? undefined : early;
    },
    facts: (claims) => describeTime(claims, claim, rules),
  };
}

/** Absent, it passes: `exp` is optional in tokens and in introspection results (RFC 7662 section 2.2). */
export function expiry(rules: ClaimRules): ClaimCheck | undefined {
  const { claim, isVerified } = rules.expiry;
  if (!isVerified) return undefined;
  const notNumber = badToken('the time of expiry is not a number');
  const late = badToken('the token has expired');
  return {
    name: 'expiry',
    run(claims, now) {
      const value = claimAt(claims, claim);
      if (value === undefined) return undefined;
      if (!isTime(value)) return notNumber;
      return value + rules.leewaySeconds > now ? undefined : late;
    },
    facts: (claims) => describeTime(claims, claim, rules),
  };
}

/** JSON text like 1e999 is infinite once parsed: no time that anything can be compared with. */
const isTime = (value: unknown): value is number => Number.isFinite(value);

function describeTime(claims: Claims, claim: ClaimPath, { leewaySeconds }: ClaimRules): string {
  const value = claimAt(claims, claim);
  const path = showPath(claim);
  if (value === undefined) return `${path} is absent`;
  if (!isTime(value)) return `${path} is no number`;
  const date = new Date(value * 1000);
  const shown = Number.isNaN(date.getTime()) ? String(value) : date.toISOString();
  return `${path} is ${shown}, leeway ${leewaySeconds} s`;
}
