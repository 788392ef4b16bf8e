/** What every check of claims has in common. */
import type { Claims } from '../claims.ts';
import type { Refusal } from '../refusals.ts';

export interface ClaimCheck {
  /** What is checked, for `token explain`, e.g. `issuer`. */
  readonly name: string;
  /**
   * Why the claims do not pass, if so.
   * @param now seconds since the epoch, fractions included
   */
  run(claims: Claims, now: number): Refusal | undefined;
  /** What was compared with what, for `token explain`. */
  facts(claims: Claims): string;
}
