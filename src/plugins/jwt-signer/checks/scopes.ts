/** Scopes and roles: one of the required elements, and of an element every word in it. */
import { claimAt, claimTexts, includesPath, showPath } from '../claims.ts';
import { forbidden } from '../refusals.ts';
import type { ClaimRules } from '../settings.ts';
import type { ClaimCheck } from './check.ts';

export function scopes(rules: ClaimRules): ClaimCheck | undefined {
  const { claim, allowed: required, isVerified } = rules.scopes;
  if (!isVerified || required === null || required.length === 0) return undefined;
  const isOptional = includesPath(rules.optional, claim);
  const alternatives = required.map((element) => ({ element, words: wordsOf(element) }));
  const missing = forbidden('the token has no scopes');
  const insufficient = forbidden('the scopes of the token are not enough');
  return {
    name: 'scopes',
    run(claims) {
      const value = claimAt(claims, claim);
      if (value === undefined) return isOptional ? undefined : missing;
      const granted = scopesIn(value);
      const isEnough = alternatives.some(
        ({ element, words }) =>
          granted.has(element) || (words.length > 0 && words.every((word) => granted.has(word))),
      );
      return isEnough ? undefined : insufficient;
    },
    facts(claims) {
      const granted = [...scopesIn(claimAt(claims, claim))].join(' ');
      return `${showPath(claim)} holds "${granted}"; required: ${required.join(' | ')}`;
    },
  };
}

const wordsOf = (text: string): readonly string[] =>
  text.split(/\s+/).filter((word) => word !== '');

/** Members of a list count whole and by their words: a role may have a space in its name. */
function scopesIn(value: unknown): ReadonlySet<string> {
  const granted = new Set<string>();
  for (const text of claimTexts(value)) {
    granted.add(text);
    for (const word of wordsOf(text)) granted.add(word);
  }
  return granted;
}
