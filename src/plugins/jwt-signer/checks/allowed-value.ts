/** A claim that must hold one of the values that the config lists: issuer, subject, audience. */
import { claimAt, claimText, claimTexts, includesPath, showPath } from '../claims.ts';
import { badToken } from '../refusals.ts';
import type { AllowedValues, ClaimRules } from '../settings.ts';
import type { ClaimCheck } from './check.ts';

export const issuer = (rules: ClaimRules): ClaimCheck | undefined =>
  allowedValue('issuer', rules.issuer, rules);

export const subject = (rules: ClaimRules): ClaimCheck | undefined =>
  allowedValue('subject', rules.subject, rules);

/** One of several audiences is enough (RFC 7519 section 4.1.3). */
export const audience = (rules: ClaimRules): ClaimCheck | undefined =>
  allowedValue('audience', rules.audience, rules);

function allowedValue(
  name: 'issuer' | 'subject' | 'audience',
  { claim, allowed, isVerified }: AllowedValues,
  { optional }: ClaimRules,
): ClaimCheck | undefined {
  if (!isVerified || allowed === null || allowed.length === 0) return undefined;
  const values: ReadonlySet<string> = new Set(allowed);
  const isOptional = includesPath(optional, claim);
  const missing = badToken(`the ${name} is missing`);
  const wrong = badToken(`the ${name} is not allowed`);
  const textsOf = (value: unknown): readonly (string | undefined)[] =>
    name === 'audience' ? claimTexts(value) : [claimText(value)];
  return {
    name,
    run(claims) {
      const value = claimAt(claims, claim);
      if (value === undefined) return isOptional ? undefined : missing;
      return textsOf(value).some((text) => text !== undefined && values.has(text))
        ? undefined
        : wrong;
    },
    facts(claims) {
      const value = claimAt(claims, claim);
      const found = value === undefined ? 'is absent' : `is ${JSON.stringify(value)}`;
      const rule = isOptional ? 'optional, else one of' : 'allowed';
      return `${showPath(claim)} ${found}; ${rule}: ${allowed.join(', ')}`;
    },
  };
}
