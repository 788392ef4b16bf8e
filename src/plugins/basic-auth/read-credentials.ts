/** The value of an Authorization header, read as Kong reads it. */
import { decodeBase64 } from '../../http/base64.ts';
import { textOfBytes } from '../../http/bytes.ts';

export interface GivenCredentials {
  readonly username: string;
  /** A byte string, as it goes into the digest. */
  readonly password: string;
}

/** The pattern is not anchored, and knows two spellings only. */
const SCHEME = /[Bb]asic[\t-\r ]*([^\n]+)/;
/** The password ends at a line break; colons before a username are skipped. */
const PAIR = /([^:]+):([^\n]*)/;

/** `no-colon`: base64 of something else; `unreadable`: another scheme, or no base64. */
export function readCredentials(value: string): GivenCredentials | 'no-colon' | 'unreadable' {
  const [, encoded] = SCHEME.exec(value) ?? [];
  const decoded = encoded === undefined ? undefined : decodeBase64(encoded);
  if (decoded === undefined) return 'unreadable';
  const [, username, password] = PAIR.exec(decoded.toString('latin1')) ?? [];
  if (username === undefined || password === undefined) return 'no-colon';
  return { username: textOfBytes(username), password };
}
