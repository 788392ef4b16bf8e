/** The accounts of one load, ready for lookup. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Consumer } from '../../config/types.ts';
import type { Credential, PluginLookups } from '../../plugin.ts';

export interface Account {
  readonly username: string;
  readonly consumer: Consumer | undefined;
  readonly credential: Credential;
  /** As it is stored: hex SHA-1 of the password followed by the consumer's id. */
  readonly digest: Buffer;
}

const accountsByLoad = new WeakMap<object, ReadonlyMap<string, Account>>();

/** By username. Made once per load, by the first entry of the plugin. */
export function accountsOf(lookups: PluginLookups): ReadonlyMap<string, Account> {
  const entities = lookups.credentials('basicauth_credentials');
  const known = accountsByLoad.get(entities);
  if (known !== undefined) return known;
  const accounts = new Map<string, Account>();
  for (const [username, { id, consumer, password }] of entities) {
    accounts.set(username, {
      username,
      consumer: lookups.consumerById(consumer.id),
      credential: { id, consumerId: consumer.id },
      digest: Buffer.from(password),
    });
  }
  accountsByLoad.set(entities, accounts);
  return accounts;
}

/** @param password a byte string. The time it takes says nothing about the right one. */
export function isPasswordOf({ digest, credential }: Account, password: string): boolean {
  const given = Buffer.from(
    createHash('sha1').update(password, 'latin1').update(credential.consumerId).digest('hex'),
  );
  return given.length === digest.length && timingSafeEqual(given, digest);
}
