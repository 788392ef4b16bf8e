/** What an entry demands of the claims of any token: audience and scopes. Beyond Kong's jwt plugin. */
import type { JwtConfig } from '../../config/schema-types.ts';
import type { ExitResponse } from '../../http/response.ts';
import type { Immutable } from '../../plugin.ts';
import { claimAt, compileScopes, isOneOf } from '../../tokens/claims.ts';
import type { Refusals } from './refusals.ts';

/** The refusal of claims that do not meet the demands. */
export type Demands = (claims: unknown) => ExitResponse | undefined;

/** `undefined` when the entry demands nothing. */
export function compileDemands(
  config: Immutable<JwtConfig>,
  refusals: Refusals,
): Demands | undefined {
  const { audiences = [], scopes_required: scopes = [], scopes_claim: path = ['scope'] } = config;
  if (audiences.length === 0 && scopes.length === 0) return undefined;
  const allowed = new Set<unknown>(audiences);
  const hasScopes = compileScopes(scopes);
  return (claims) => {
    if (allowed.size > 0 && !isOneOf(claimAt(claims, ['aud']), allowed))
      return refusals.wrongAudience;
    if (scopes.length > 0 && !hasScopes(claimAt(claims, path))) return refusals.missingScope;
    return undefined;
  };
}
