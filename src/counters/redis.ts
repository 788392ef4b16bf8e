/** Counters in Redis, which several nodes share. Names and lives of the keys are Kong's: both can count together. */
import { CounterError } from '../errors.ts';
import type { RedisConnection } from '../redis/connections.ts';
import { hasRoom, type Counters, type Usage } from './types.ts';
import { counterName, type CounterWindow } from './windows.ts';

/**
 * Counts one use per key and gives the usage before. Like Kong's, it also counts what is then refused;
 * unlike Kong's, it is one call for all windows.
 */
const TAKE = `local before = {}
for i, key in ipairs(KEYS) do
  local count = redis.call('INCR', key)
  if count == 1 then redis.call('EXPIRE', key, ARGV[i]) end
  before[i] = count - 1
end
return before`;

const ADD = `local amount = tonumber(ARGV[1])
for i, key in ipairs(KEYS) do
  local isNew = redis.call('EXISTS', key) == 0
  redis.call(amount % 1 == 0 and 'INCRBY' or 'INCRBYFLOAT', key, ARGV[1])
  if isNew then redis.call('EXPIRE', key, ARGV[i + 1]) end
end
return {}`;

const script = (
  connection: RedisConnection,
  text: string,
  keys: readonly string[],
  args: readonly number[],
): Promise<unknown> => connection.run((client) => client.eval(text, keys.length, ...keys, ...args));

const namesOf = (windows: readonly CounterWindow[], identifier: string): string[] =>
  windows.map((window) => counterName(window, identifier));

const livesOf = (windows: readonly CounterWindow[]): number[] =>
  windows.map(({ seconds }) => seconds);

/** Every call asks the server; its answer is exact across nodes. */
export function createRedisCounters(connection: RedisConnection): Counters {
  return {
    async take(windows, identifier) {
      const keys = namesOf(windows, identifier);
      return usageOf(await script(connection, TAKE, keys, livesOf(windows)));
    },
    async read(windows, identifier) {
      const values = await connection.run((client) => client.mget(namesOf(windows, identifier)));
      return values.map(Number);
    },
    async add(windows, identifier, amount) {
      await script(connection, ADD, namesOf(windows, identifier), [amount, ...livesOf(windows)]);
    },
  };
}

function usageOf(answer: unknown): Usage {
  if (!Array.isArray(answer)) throw new CounterError('Redis answered something else than counts');
  return answer.map(Number);
}

/** What this node knows of one counter, and has not told the server yet. */
interface Known {
  readonly window: CounterWindow;
  readonly usage: number;
  pending: number;
}

/** Counters to remember between two synchronisations; beyond that, new ones ask the server. */
const KNOWN_MAX = 100_000;

export interface SyncedCounters extends Counters {
  /** Tells the server what it has not been told yet, and ends the timer. */
  close(): Promise<void>;
}

/**
 * Kong's `sync_rate`: usage is read once and counted here; what was counted is sent every `syncSeconds`, and
 * the usage read anew. Nodes may together let more pass than the limit.
 * @param onFailure what could not be sent is forgotten, as in Kong
 */
export function createSyncedCounters(
  connection: RedisConnection,
  syncSeconds: number,
  onFailure: (reason: unknown) => void,
): SyncedCounters {
  const exact = createRedisCounters(connection);
  let known = new Map<string, Known>();
  let timer: NodeJS.Timeout | undefined;

  async function push(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const told = known;
    known = new Map();
    const changed = [...told].filter(([, { pending }]) => pending > 0);
    const sent = changed.map(([name, { window, pending }]) =>
      script(connection, ADD, [name], [pending, window.seconds]),
    );
    await Promise.all(sent);
  }

  function count(entries: readonly Known[], amount: number): void {
    for (const entry of entries) entry.pending += amount;
    timer ??= setTimeout(() => void push().catch(onFailure), syncSeconds * 1000).unref();
  }

  async function learn(windows: readonly CounterWindow[], identifier: string): Promise<Known[]> {
    const usage = await exact.read(windows, identifier);
    return windows.map((window, i) => {
      const name = counterName(window, identifier);
      const entry = known.get(name) ?? { window, usage: usage[i] ?? 0, pending: 0 };
      if (known.size < KNOWN_MAX) known.set(name, entry);
      timer ??= setTimeout(() => void push().catch(onFailure), syncSeconds * 1000).unref();
      return entry;
    });
  }

  function lookUp(windows: readonly CounterWindow[], identifier: string): Known[] | undefined {
    const found: Known[] = [];
    for (const window of windows) {
      const entry = known.get(counterName(window, identifier));
      if (entry === undefined) return undefined;
      found.push(entry);
    }
    return found;
  }

  const usageNow = (entries: readonly Known[]): Usage =>
    entries.map(({ usage, pending }) => usage + pending);

  function takeFrom(windows: readonly CounterWindow[], entries: readonly Known[]): Usage {
    const usage = usageNow(entries);
    if (hasRoom(windows, usage)) count(entries, 1);
    return usage;
  }

  return {
    take(windows, identifier) {
      const entries = lookUp(windows, identifier);
      if (entries !== undefined) return takeFrom(windows, entries);
      return learn(windows, identifier).then((learnt) => takeFrom(windows, learnt));
    },
    read(windows, identifier) {
      const entries = lookUp(windows, identifier);
      return entries === undefined ? learn(windows, identifier).then(usageNow) : usageNow(entries);
    },
    async add(windows, identifier, amount) {
      count(lookUp(windows, identifier) ?? (await learn(windows, identifier)), amount);
    },
    close: () => push().catch(onFailure),
  };
}
