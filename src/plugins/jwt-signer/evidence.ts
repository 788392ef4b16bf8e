/** What is known of a token once its issuer has vouched for it. */
import type { Claims } from './claims.ts';

export interface Evidence {
  readonly kind: 'evidence';
  /** What is checked and signed: the claims of a JWT, the result of an introspection, or the JWT inside of it. */
  readonly payload: Claims;
  /** The result of the introspection of an opaque token. */
  readonly introspected: Claims | undefined;
  /** The same value means the same claims: empty for a JWT, whose own text says it all. */
  readonly source: string;
  /** Characters of the text that the claims came from. */
  readonly length: number;
  /** Version of the issuer's keys that verified it; `undefined` where none did. */
  readonly keysVersion: number | undefined;
  /** Until when it may be used again, in milliseconds since the epoch; a JWT lasts as long as its keys. */
  readonly usableUntil: number;
}
