/** Scopes and roles: one of the required elements, and of an element every word in it. */
import { compileScopes } from '../../../tokens/claims.ts';
import { claimAt, includesPath, showPath } from '../claims.ts';
import { forbidden } from '../refusals.ts';
import type { ClaimRules } from '../settings.ts';
import type { ClaimCheck } from './check.ts';

export function scopes(rules: ClaimRules): ClaimCheck | undefined {
  const { claim, allowed: required, isVerified } = rules.scopes;
  if (!isVerified || required === null || required.length === 0) return undefined;
  const isOptional = includesPath(rules.optional, claim);
  const isGranted = compileScopes(required);
  const missing = forbidden('the token has no scopes');
  const insufficient = forbidden('the scopes of the token are not enough');
  return {
    name: 'scopes',
    run(claims) {
      const value = claimAt(claims, claim);
      if (value === undefined) return isOptional ? undefined : missing;
      return isGranted(value) ? undefined : insufficient;
    },
    facts(claims) {
      const value = claimAt(claims, claim);
      const found = value === undefined ? 'is absent' : `is ${JSON.stringify(value)}`;
      return `${showPath(claim)} ${found}; required: ${required.join(' | ')}`;
    },
  };
}
