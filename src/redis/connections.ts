/**
 * Connections to Redis servers, one per server and set of credentials, shared by all who name the same
 * and kept over reloads. The client library is loaded with the first of them.
 */
import type { Redis } from 'ioredis';
import { RedisError } from '../errors.ts';
import type { Logger } from '../log.ts';

/** Kong's `redis` record. */
export interface RedisSpec {
  readonly host: string;
  readonly port: number;
  /** For connecting, and for each command. */
  readonly timeoutMs: number;
  readonly username: string | null;
  readonly password: string | null;
  readonly database: number;
  readonly tls: { readonly verify: boolean; readonly serverName: string | null } | undefined;
}

export interface RedisConnection {
  /**
   * Runs `command` on a connection that is ready. Rejects with a RedisError: at once while the server is
   * known to be away, else after the spec's timeout. Never waits longer.
   */
  run<T>(command: (client: Redis) => Promise<T>): Promise<T>;
  /** The user is gone; the last one closes the connection. */
  close(): void;
}

export interface RedisConnections {
  open(spec: RedisSpec): RedisConnection;
  closeAll(): void;
}

const RETRY_FIRST_MS = 50;
const RETRY_MAX_MS = 1000;

interface Shared {
  users: number;
  /** Pending while the first try to connect has not ended. */
  readonly client: Promise<Redis>;
}

export function createRedisConnections(log: Logger): RedisConnections {
  const shared = new Map<string, Shared>();

  function end(key: string, { client }: Shared): void {
    shared.delete(key);
    void client.then((redis) => redis.disconnect());
  }

  return {
    open(spec) {
      const key = JSON.stringify(spec);
      let entry = shared.get(key);
      if (entry === undefined) shared.set(key, (entry = { users: 0, client: connect(spec, log) }));
      const { client } = entry;
      const mine = entry;
      mine.users += 1;
      let isClosed = false;
      return {
        run: (command) => runOn(client, command),
        close() {
          if (isClosed) return;
          isClosed = true;
          mine.users -= 1;
          if (mine.users === 0) end(key, mine);
        },
      };
    },
    closeAll() {
      for (const [key, entry] of shared) end(key, entry);
    },
  };
}

async function runOn<T>(
  pending: Promise<Redis>,
  command: (client: Redis) => Promise<T>,
): Promise<T> {
  const client = await pending;
  if (client.status !== 'ready') throw new RedisError('the Redis server cannot be reached');
  try {
    return await command(client);
  } catch (cause) {
    throw new RedisError('a Redis command failed', { cause });
  }
}

/** Resolves when the first try has succeeded or failed; the client goes on trying by itself. */
async function connect(spec: RedisSpec, log: Logger): Promise<Redis> {
  const { Redis: Client } = await import('ioredis');
  const { host, port, timeoutMs, tls } = spec;
  const client = new Client({
    host,
    port,
    db: spec.database,
    ...(spec.password === null || spec.password === '' ? {} : credentialsOf(spec)),
    ...(tls && {
      tls: {
        rejectUnauthorized: tls.verify,
        ...(tls.serverName && { servername: tls.serverName }),
      },
    }),
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(RETRY_FIRST_MS * 2 ** (times - 1), RETRY_MAX_MS),
  });
  report(client, spec, log);
  await new Promise<void>((resolve) => {
    client.once('ready', resolve);
    client.once('close', resolve);
  });
  return client;
}

/** A name without a password is ignored, as Kong does. */
const credentialsOf = ({ username, password }: RedisSpec): object => ({
  password,
  ...(username === null || username === '' ? {} : { username }),
});

/** One line when the server goes and one when it is back, however often the client tries. */
function report(client: Redis, { host, port }: RedisSpec, log: Logger): void {
  let isAway = false;
  client.on('error', (err: Error) => {
    if (isAway) return;
    isAway = true;
    log.error({ redis: `${host}:${port}`, reason: err.message }, 'the Redis server is away');
  });
  client.on('ready', () => {
    if (isAway) log.info({ redis: `${host}:${port}` }, 'the Redis server is back');
    isAway = false;
  });
}
