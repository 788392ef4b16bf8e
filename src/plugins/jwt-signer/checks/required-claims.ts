/** Claims that must be there. */
import { claimAt, showPath } from '../claims.ts';
import { badToken } from '../refusals.ts';
import type { ClaimRules } from '../settings.ts';
import type { ClaimCheck } from './check.ts';

export function requiredClaims({ required }: ClaimRules): ClaimCheck | undefined {
  const paths = required.filter((path) => path.length > 0);
  if (paths.length === 0) return undefined;
  const missing = badToken('a required claim is missing');
  return {
    name: 'required claims',
    run: (claims) =>
      paths.every((path) => claimAt(claims, path) !== undefined) ? undefined : missing,
    facts: (claims) =>
      paths
        .map(
          (path) =>
            `${showPath(path)} ${claimAt(claims, path) === undefined ? 'missing' : 'there'}`,
        )
        .join(', '),
  };
}
