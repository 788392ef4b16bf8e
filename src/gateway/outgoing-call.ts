/** What an exchange knows of its request to the upstream, plain or upgraded. */
import type { Try } from '../plugin.ts';

/** A request under way to an upstream. */
export interface OutgoingCall {
  /** The version of HTTP. */
  readonly speaks: '1.1' | '2';
  readonly tries: readonly Try[];
  /** When the last try had its peer, from `performance.now()`; 0 before. */
  readonly balancedAt: number;
  abort(): void;
}
