/** Keysets in Redis, for several nodes: a script changes one only if it is still what was read, and tells all. */
import { KeysetError } from '../errors.ts';
import type { Redis } from 'ioredis';
import type { RedisConnection } from '../redis/connections.ts';
import { NAMES_MAX, type KeyStore, type Stored } from './store.ts';

/** One hash tag, so that all keys are on one node of a cluster. */
const NAMES = '{silverback}:keysets';
const REVISION = '{silverback}:keysets:revision';
const CHANNEL = '{silverback}:keysets:changed';
const keyOf = (name: string): string => `{silverback}:keyset:${name}`;

/** Messages can be lost with a connection; a poll cannot. */
const POLL_MS = 500;

/** KEYS: the keyset, the set of names, the revision. ARGV: version, name, channel, most names, text. */
const WRITE = `
local version = tonumber(redis.call('HGET', KEYS[1], 'version') or '0')
if version ~= tonumber(ARGV[1]) then return 0 end
if #ARGV == 5 then
  if redis.call('SISMEMBER', KEYS[2], ARGV[2]) == 0 and redis.call('SCARD', KEYS[2]) >= tonumber(ARGV[4]) then
    return -1
  end
  redis.call('HSET', KEYS[1], 'version', version + 1, 'text', ARGV[5])
  redis.call('SADD', KEYS[2], ARGV[2])
else
  redis.call('HSET', KEYS[1], 'version', version + 1)
  redis.call('HDEL', KEYS[1], 'text')
  redis.call('SREM', KEYS[2], ARGV[2])
end
redis.call('INCR', KEYS[3])
redis.call('PUBLISH', ARGV[3], ARGV[2])
return 1
`;

/**
 * @param place `host:port`, for messages
 * @param pollMs for tests
 */
export function openRedisStore(redis: RedisConnection, place: string, pollMs = POLL_MS): KeyStore {
  let poll: NodeJS.Timeout | undefined;
  let subscriber: Redis | undefined;
  return {
    place,
    read: (name) => guarded(place, () => redis.run((client) => read(client, name))),
    write: (name, version, text) =>
      guarded(place, async () => {
        const args = [version, name, CHANNEL, NAMES_MAX, ...(text === undefined ? [] : [text])];
        const outcome: unknown = await redis.run((client) =>
          client.eval(WRITE, 3, keyOf(name), NAMES, REVISION, ...args),
        );
        if (outcome === -1) throw new KeysetError(`more than ${NAMES_MAX} keysets`);
        return outcome === 1;
      }),
    list: () =>
      guarded(place, async () => (await redis.run((client) => client.smembers(NAMES))).toSorted()),
    watch(onChange) {
      // The poll does the work while this one cannot be had.
      void redis
        .run((client) => Promise.resolve((subscriber = subscribe(client, onChange))))
        .catch(() => undefined);
      let before: unknown;
      poll = setInterval(() => {
        // A server that is away counts as news: whoever reads then hears of it.
        const revision = redis.run((client) => client.get(REVISION)).catch(() => undefined);
        void revision.then((now) => {
          if (now === undefined || now !== before) onChange();
          before = now;
          return undefined;
        });
      }, pollMs);
      poll.unref();
    },
    close() {
      clearInterval(poll);
      subscriber?.disconnect();
      redis.close();
      return Promise.resolve();
    },
  };
}

/** A connection of its own: one that listens can do nothing else. It comes back by itself. */
function subscribe(client: Redis, onChange: () => void): Redis {
  const own = client.duplicate({ autoResubscribe: false });
  own.on('error', () => {}); // reported by the connection that works
  own.on('message', () => onChange());
  own.on('ready', () => void own.subscribe(CHANNEL).catch(() => undefined));
  return own;
}

async function read(client: Redis, name: string): Promise<Stored> {
  const [version, text] = await client.hmget(keyOf(name), 'version', 'text');
  return { version: Number(version ?? 0), text: text ?? undefined };
}

async function guarded<T>(place: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof KeysetError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KeysetError(`keysets cannot be had from Redis at ${place}: ${reason}`, { cause });
  }
}
