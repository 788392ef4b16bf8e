/** When claims that passed their time checks stop to pass them by themselves. */
import { claimAt, type Claims } from '../claims.ts';
import type { ClaimRules } from '../settings.ts';

/** Seconds since the epoch. */
export interface Validity {
  readonly from: number;
  /** Exclusive. */
  readonly until: number;
}

const ALWAYS: Validity = { from: -Infinity, until: Infinity };

/** The span in which the time checks pass; for claims that have just passed them. */
export function validityOf(claims: Claims, rules: ClaimRules): Validity {
  const { notBefore, expiry, leewaySeconds } = rules;
  const from = notBefore.isVerified ? claimAt(claims, notBefore.claim) : undefined;
  const until = expiry.isVerified ? claimAt(claims, expiry.claim) : undefined;
  return {
    from: typeof from === 'number' ? from - leewaySeconds : ALWAYS.from,
    until: typeof until === 'number' ? until + leewaySeconds : ALWAYS.until,
  };
}

/** The span that both leave. */
export const bothValid = (
  a: Validity | undefined = ALWAYS,
  b: Validity | undefined = ALWAYS,
): Validity => ({ from: Math.max(a.from, b.from), until: Math.min(a.until, b.until) });

export const isWithin = ({ from, until }: Validity, nowMs: number): boolean =>
  nowMs / 1000 >= from && nowMs / 1000 < until;
