/** Questions about claims that every plugin answers in the same way: paths, audiences, scopes. */
import { isObject, memberOf } from '../http/json.ts';

/** Names of members from the claims set inwards: `['realm_access', 'roles']`. */
export type ClaimPath = readonly string[];

/** The value at the end of the path; `undefined` when it leads nowhere. */
export function claimAt(claims: unknown, path: ClaimPath): unknown {
  let value = claims;
  for (const name of path) {
    if (!isObject(value)) return undefined;
    value = memberOf(value, name);
  }
  return path.length === 0 ? undefined : value;
}

/** True when the claim is one of the texts, or a list that holds one (RFC 7519 section 4.1.3). */
export function isOneOf(claim: unknown, allowed: ReadonlySet<unknown>): boolean {
  if (typeof claim === 'string') return allowed.has(claim);
  return Array.isArray(claim) && claim.some((one) => typeof one === 'string' && allowed.has(one));
}

/**
 * Compiles required scopes: one element is enough, and of an element every word is needed
 * (`["read write", "admin"]`). Case counts. The claim is a text of words, or a list of such texts.
 */
export function compileScopes(required: readonly string[]): (claim: unknown) => boolean {
  const alternatives = required.map(wordsOf);
  return (claim) => {
    const granted = scopesOf(claim);
    return alternatives.some(
      (words) => words.length > 0 && words.every((word) => granted.has(word)),
    );
  };
}

const wordsOf = (text: string): readonly string[] =>
  text.split(/\s+/).filter((word) => word !== '');

/** Single values count as their text. A member of a list counts whole, and by its words. */
function scopesOf(claim: unknown): ReadonlySet<string> {
  const values: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  const texts = values
    .filter((value) => typeof value !== 'object' && value !== undefined)
    .map(String);
  return new Set(texts.flatMap((text) => [text, ...wordsOf(text)]));
}
