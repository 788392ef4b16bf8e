/** The accounts of one load, ready for lookup. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { credentialTable, type Holder } from '../../authentication.ts';

export interface Account extends Holder {
  readonly username: string;
  /** As it is stored: hex SHA-1 of the password followed by the consumer's id. */
  readonly digest: Buffer;
}

/** By username. */
export const accountsOf = credentialTable('basicauth_credentials', ({ username, password }) => ({
  username,
  digest: Buffer.from(password),
}));

/** @param password a byte string. The time it takes says nothing about the right one. */
export function isPasswordOf({ digest, credential }: Account, password: string): boolean {
  const given = Buffer.from(
    createHash('sha1').update(password, 'latin1').update(credential.consumerId).digest('hex'),
  );
  return given.length === digest.length && timingSafeEqual(given, digest);
}
