/** The checks of one JSON object, in their order. */
import type { Claims } from '../claims.ts';
import type { Refusal } from '../refusals.ts';
import type { ClaimRules } from '../settings.ts';
import type { Trace } from '../../../plugin.ts';
import { audience, issuer, subject } from './allowed-value.ts';
import type { ClaimCheck } from './check.ts';
import { requiredClaims } from './required-claims.ts';
import { scopes } from './scopes.ts';
import { expiry, notBefore } from './times.ts';

/** First come, first refused: what is missing, who it is from, about and for, when, and what it may. */
const ORDER: readonly ((rules: ClaimRules) => ClaimCheck | undefined)[] = [
  requiredClaims,
  issuer,
  subject,
  audience,
  notBefore,
  expiry,
  scopes,
];

/** Runs them; gives the first refusal. `now` in seconds since the epoch. */
export type CheckClaims = (claims: Claims, now: number, trace?: Trace) => Refusal | undefined;

/** Only the checks that the config turns on are there. */
export function compileClaimChecks(rules: ClaimRules): CheckClaims {
  const checks = ORDER.flatMap((make) => make(rules) ?? []);
  return (claims, now, trace) => {
    for (const check of checks) {
      const refusal = check.run(claims, now);
      if (refusal === undefined) trace?.passed(check.name, check.facts(claims));
      else {
        trace?.failed(check.name, check.facts(claims));
        return refusal;
      }
    }
    return undefined;
  };
}
