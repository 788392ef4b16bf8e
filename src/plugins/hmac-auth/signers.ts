/** Who can sign, for one load. */
import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Consumer } from '../../config/types.ts';
import type { Credential, PluginLookups } from '../../plugin.ts';

export interface Signer {
  readonly username: string;
  readonly consumer: Consumer | undefined;
  readonly credential: Credential;
  readonly key: KeyObject;
}

const signersByLoad = new WeakMap<object, ReadonlyMap<string, Signer>>();

/** By username. Made once per load, by the first entry of the plugin. */
export function signersOf(lookups: PluginLookups): ReadonlyMap<string, Signer> {
  const entities = lookups.credentials('hmacauth_credentials');
  const known = signersByLoad.get(entities);
  if (known !== undefined) return known;
  const signers = new Map<string, Signer>();
  for (const [username, { id, consumer, secret }] of entities) {
    signers.set(username, {
      username,
      consumer: lookups.consumerById(consumer.id),
      credential: { id, consumerId: consumer.id },
      key: createSecretKey(Buffer.from(secret)),
    });
  }
  signersByLoad.set(entities, signers);
  return signers;
}
