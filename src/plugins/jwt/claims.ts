/** The registered claims that are checked against the clock (RFC 7519 sections 4.1.4, 4.1.5). */
import type { JwtConfig } from '../../config/schema-types.ts';
import type { ExitResponse } from '../../http/response.ts';
import type { Immutable } from '../../plugin.ts';
import type { Refusals } from './refusals.ts';

/** The time claims as the token has them. */
export interface TimeClaims {
  readonly exp: unknown;
  readonly nbf: unknown;
}

/** Says why a token is not valid at `now` (whole seconds since the epoch), if so. */
export type ClaimsCheck = (claims: TimeClaims, now: number) => ExitResponse | undefined;

/** Without leeway unless the entry has one, which Kong's have not; `undefined` when the entry checks nothing. */
export function compileClaimsCheck(
  config: Immutable<JwtConfig>,
  refusals: Refusals,
): ClaimsCheck | undefined {
  const checksExp = config.claims_to_verify?.includes('exp') === true;
  const checksNbf = config.claims_to_verify?.includes('nbf') === true;
  const { maximum_expiration: maximum, leeway = 0 } = config;
  if (!checksExp && !checksNbf && maximum <= 0) return undefined;
  return function checkClaims({ exp, nbf }, now) {
    const expFault = checksExp ? faultOfExp(exp, now - leeway) : undefined;
    const nbfFault = checksNbf ? faultOfNbf(nbf, now + leeway) : undefined;
    if (expFault !== undefined || nbfFault !== undefined) {
      return refusals.claims({
        ...(expFault === undefined ? {} : { exp: expFault }),
        ...(nbfFault === undefined ? {} : { nbf: nbfFault }),
      });
    }
    const isTooFar = maximum > 0 && (typeof exp !== 'number' || exp - now > maximum);
    return isTooFar ? refusals.expirationTooFar : undefined;
  };
}

function faultOfExp(exp: unknown, now: number): string | undefined {
  if (typeof exp !== 'number') return 'must be a number';
  return exp <= now ? 'token expired' : undefined;
}

function faultOfNbf(nbf: unknown, now: number): string | undefined {
  if (typeof nbf !== 'number') return 'must be a number';
  return nbf > now ? 'token not valid yet' : undefined;
}

/**
 * The check of tokens of issuers: exp and nbf always count when they are there, and the entry's own
 * check comes on top.
 */
export function compileIssuedCheck(
  config: Immutable<JwtConfig>,
  refusals: Refusals,
  check: ClaimsCheck | undefined,
): ClaimsCheck {
  const { leeway = 0 } = config;
  return (claims, now) => {
    const exp = claims.exp === undefined ? undefined : faultOfExp(finite(claims.exp), now - leeway);
    if (exp !== undefined) return refusals.claims({ exp });
    const nbf = claims.nbf === undefined ? undefined : faultOfNbf(finite(claims.nbf), now + leeway);
    if (nbf !== undefined) return refusals.claims({ nbf });
    return check?.(claims, now);
  };
}

/**
 * JSON text like 1e999 is infinite once parsed, and a token that says so would never expire. Kong takes
 * it from credentials; from an issuer it is no number.
 */
const finite = (value: unknown): unknown => (Number.isFinite(value) ? value : null);
