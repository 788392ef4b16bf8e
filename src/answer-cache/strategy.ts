/** Which cache an entry of the proxy-cache plugin uses: its `strategy`, `memory` and `redis` fields. */
import type { RedisConnections } from '../redis/connections.ts';
import { redisSpec, type RedisFields } from '../redis/fields.ts';
import { createRedisCache } from './redis.ts';
import type { AnswerCache, PurgeableCache } from './types.ts';

export interface StrategyFields {
  readonly strategy: 'memory' | 'redis';
  readonly memory: { readonly dictionary_name: string };
  readonly redis?: RedisFields | null;
}

interface Surroundings<C extends AnswerCache> {
  readonly answers: { open(dictionary: string): C };
  readonly redis: RedisConnections;
}

export interface OpenCache<C extends AnswerCache> {
  readonly cache: C;
  readonly close: () => void;
}

/** A cache of this node's memory is of the kind that `answers` opens. */
export function openCache<C extends AnswerCache>(
  { strategy, memory, redis }: StrategyFields,
  { answers, redis: connections }: Surroundings<C>,
): OpenCache<C | PurgeableCache> {
  // The schema demands the record where Redis is used.
  if (strategy === 'memory' || !redis) {
    return { cache: answers.open(memory.dictionary_name), close: () => undefined };
  }
  const connection = connections.open(redisSpec(redis));
  return { cache: createRedisCache(connection), close: () => connection.close() };
}
