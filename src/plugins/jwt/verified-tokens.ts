/**
 * Tokens whose signature was valid: the same text needs no second verification. Expiry is not part
 * of it: time claims are kept and checked at every use.
 */
import type { SigningCredential } from './keys.ts';

export interface VerifiedToken {
  readonly signer: SigningCredential;
  /** As the token has them; not necessarily numbers. */
  readonly exp: unknown;
  readonly nbf: unknown;
}

export interface VerifiedTokens {
  get(token: string): VerifiedToken | undefined;
  /** Only for a token whose signature was just verified. */
  add(token: string, verified: VerifiedToken): void;
}

/** Characters of all tokens kept at once, which is bytes: tokens are ASCII. */
const BYTES_MAX = 8 * 1024 * 1024;
const ENTRIES_MAX = 8192;

/**
 * A bounded store. Two generations stand in for an exact order of use: when the younger one is
 * half of the bounds, it becomes the older one and the older one is dropped. A hit costs one lookup.
 */
export function createVerifiedTokens(
  entriesMax = ENTRIES_MAX,
  bytesMax = BYTES_MAX,
): VerifiedTokens {
  let young = new Map<string, VerifiedToken>();
  let old: ReadonlyMap<string, VerifiedToken> = new Map();
  let youngBytes = 0;

  function add(token: string, verified: VerifiedToken): void {
    if (token.length > bytesMax / 2) return;
    if (young.size >= entriesMax / 2 || youngBytes + token.length > bytesMax / 2) {
      old = young;
      young = new Map();
      youngBytes = 0;
    }
    young.set(token, verified);
    youngBytes += token.length;
  }

  return {
    add,
    get(token) {
      const recent = young.get(token);
      if (recent !== undefined) return recent;
      const older = old.get(token);
      if (older !== undefined) add(token, older);
      return older;
    },
  };
}
