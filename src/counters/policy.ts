/** Which counters an entry of a plugin counts with: its `policy` and `redis` fields (Kong). */
import type { Logger } from '../log.ts';
import type { RedisConnections } from '../redis/connections.ts';
import { redisSpec, type RedisFields } from '../redis/fields.ts';
import { createRedisCounters, createSyncedCounters } from './redis.ts';
import type { Counters } from './types.ts';

export interface PolicyFields {
  readonly policy: 'local' | 'redis';
  readonly redis: RedisFields;
}

interface Surroundings {
  readonly log: Logger;
  readonly services: { readonly counters: Counters; readonly redis: RedisConnections };
}

export interface PolicyCounters {
  readonly counters: Counters;
  readonly close: () => Promise<void>;
}

/** @param syncRate seconds between two exchanges with Redis; -1 asks it for every request */
export function policyCounters(
  { policy, redis }: PolicyFields,
  syncRate: number,
  { log, services }: Surroundings,
): PolicyCounters {
  if (policy === 'local') return { counters: services.counters, close: () => Promise.resolve() };
  const connection = services.redis.open(redisSpec(redis));
  if (syncRate < 0) {
    const close = async (): Promise<void> => connection.close();
    return { counters: createRedisCounters(connection), close };
  }
  const counters = createSyncedCounters(connection, syncRate, (err) =>
    log.error({ err }, 'counts could not be sent to Redis and are forgotten'),
  );
  return {
    counters,
    async close() {
      await counters.close();
      connection.close();
    },
  };
}
