/** What an entry demands of the claims of any token: audience and scopes. Beyond Kong's jwt plugin. */
import type { JwtConfig } from '../../config/schema-types.ts';
import type { ExitResponse } from '../../http/response.ts';
import type { Immutable, Trace } from '../../plugin.ts';
import { claimAt, compileScopes, isOneOf } from '../../tokens/claims.ts';
import type { Refusals } from './refusals.ts';

/** The refusal of claims that do not meet the demands. */
export type Demands = (claims: unknown) => ExitResponse | undefined;

/** `undefined` when the entry demands nothing. */
export function compileDemands(
  config: Immutable<JwtConfig>,
  refusals: Refusals,
  trace: Trace | undefined,
): Demands | undefined {
  const { audiences = [], scopes_required: scopes = [], scopes_claim: path = ['scope'] } = config;
  if (audiences.length === 0 && scopes.length === 0) return undefined;
  const allowed = new Set<unknown>(audiences);
  const hasScopes = compileScopes(scopes);
  return (claims) => {
    if (allowed.size > 0) {
      const audience = claimAt(claims, ['aud']);
      const isFor = isOneOf(audience, allowed);
      say('audience', isFor, () => `aud ${shown(audience)}; allowed: ${audiences.join(', ')}`);
      if (!isFor) return refusals.wrongAudience;
    }
    if (scopes.length > 0) {
      const granted = claimAt(claims, path);
      const may = hasScopes(granted);
      const name = path.join('.');
      say('scopes', may, () => `${name} ${shown(granted)}; required: ${scopes.join(' | ')}`);
      if (!may) return refusals.missingScope;
    }
    return undefined;
  };

  function say(step: string, isMet: boolean, facts: () => string): void {
    if (trace === undefined) return;
    if (isMet) trace.passed(step, facts());
    else trace.failed(step, facts());
  }
}

const shown = (value: unknown): string =>
  value === undefined ? 'is absent' : `is ${JSON.stringify(value)}`;
