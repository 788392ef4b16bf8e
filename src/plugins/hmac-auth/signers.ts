/** Who can sign, for one load. */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { credentialTable, type Holder } from '../../authentication.ts';

export interface Signer extends Holder {
  readonly username: string;
  readonly key: KeyObject;
}

/** By username. */
export const signersOf = credentialTable('hmacauth_credentials', ({ username, secret }) => ({
  username,
  key: createSecretKey(Buffer.from(secret)),
}));
