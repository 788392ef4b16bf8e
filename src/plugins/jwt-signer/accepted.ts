/** A good token, what follows from it, and for how long that holds. */
import type { KeySource } from '../../services.ts';
import { isWithin, type Validity } from './checks/validity.ts';
import type { ConsumerMapping } from './consumers.ts';
import type { Evidence } from './evidence.ts';
import type { SignedToken, Signer } from './sign.ts';

export interface AcceptedToken {
  readonly kind: 'accepted';
  /** As it came. */
  readonly token: string;
  readonly evidence: Evidence;
  readonly consumer: ConsumerMapping;
  /** `undefined` where nothing is signed. */
  readonly signed: SignedToken | undefined;
  /** While its time checks pass. */
  readonly validity: Validity;
}

/** Says what of a remembered token may be used again. */
export interface Freshness {
  /** The issuer's word for it: same keys, same hour, and not looked up too long ago. */
  evidenceHolds(known: AcceptedToken, nowMs: number): boolean;
  /** Its new token: no other key signs now. */
  signatureHolds(signed: SignedToken | undefined): boolean;
}

/** @param source,signer `undefined` where the config has no use for them */
export function createFreshness(
  source: KeySource | undefined,
  signer: Signer | undefined,
): Freshness {
  return {
    evidenceHolds({ evidence, validity }, nowMs) {
      const { keysVersion, usableUntil } = evidence;
      if (nowMs >= usableUntil || !isWithin(validity, nowMs)) return false;
      return keysVersion === undefined || keysVersion === source?.current()?.version;
    },
    signatureHolds(signed) {
      if (signer === undefined) return true;
      return signed !== undefined && signer.isCurrent(signed);
    },
  };
}
