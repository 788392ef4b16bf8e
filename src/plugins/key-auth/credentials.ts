/** The API keys of one load, ready for lookup. */
import type { Consumer } from '../../config/types.ts';
import type { Credential, PluginLookups } from '../../plugin.ts';

export interface KeyHolder {
  readonly consumer: Consumer | undefined;
  readonly credential: Credential;
  /** Milliseconds since the epoch; infinite without `ttl`. */
  readonly expiresAt: number;
}

const holdersOf = new WeakMap<object, ReadonlyMap<string, KeyHolder>>();

/** Made once per load, by the first entry of the plugin; `ttl` counts from `loadedAt`. */
export function keyHolders(
  lookups: PluginLookups,
  loadedAt: number,
): ReadonlyMap<string, KeyHolder> {
  const entities = lookups.credentials('keyauth_credentials');
  const known = holdersOf.get(entities);
  if (known !== undefined) return known;
  const holders = new Map<string, KeyHolder>();
  for (const [key, { id, consumer, ttl = 0 }] of entities) {
    holders.set(key, {
      consumer: lookups.consumerById(consumer.id),
      credential: { id, consumerId: consumer.id },
      expiresAt: ttl === 0 ? Number.POSITIVE_INFINITY : loadedAt + ttl * 1000,
    });
  }
  holdersOf.set(entities, holders);
  return holders;
}
