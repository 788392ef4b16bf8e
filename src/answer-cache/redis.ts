/** Answers in Redis, which several nodes share: one text of JSON and the body behind it under each key. */
import type { RedisConnection } from '../redis/connections.ts';
import { isObject, parseJson } from '../http/json.ts';
import { ENTRY_BYTES_MAX, type CachedAnswer, type PurgeableCache } from './types.ts';

const PREFIX = 'silverback:proxy-cache:';
/** Another number is another form of the entries: they are not read, and replaced. */
const FORM = 1;
const KEYS_PER_SCAN = 1000;
const LINE_BREAK = 0x0a;

export function createRedisCache(connection: RedisConnection): PurgeableCache {
  return {
    entryBytesMax: ENTRY_BYTES_MAX,
    async get(key) {
      const bytes = await connection.run((client) => client.getBuffer(PREFIX + key));
      return bytes === null ? undefined : decode(bytes);
    },
    async set(key, answer, keepSeconds) {
      const bytes = encode(answer);
      await connection.run((client) =>
        keepSeconds === 0
          ? client.set(PREFIX + key, bytes)
          : client.set(PREFIX + key, bytes, 'EX', keepSeconds),
      );
    },
    async delete(key) {
      return (await connection.run((client) => client.del(PREFIX + key))) > 0;
    },
    clear: () => clear(connection),
  };
}

async function clear(connection: RedisConnection): Promise<void> {
  let cursor = '0';
  do {
    const from = cursor;
    // oxlint-disable-next-line no-await-in-loop -- each step says where the next one begins
    const [next, keys] = await connection.run((client) =>
      client.scan(from, 'MATCH', `${PREFIX}*`, 'COUNT', KEYS_PER_SCAN),
    );
    // oxlint-disable-next-line no-await-in-loop -- see above
    if (keys.length > 0) await connection.run((client) => client.del(...keys));
    cursor = next;
  } while (cursor !== '0');
}

/** JSON has no line break of its own, so the first one ends it. */
function encode({ body, ...head }: CachedAnswer): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify({ form: FORM, ...head })}\n`), body]);
}

/** `undefined` for what this version did not write. */
function decode(bytes: Buffer): CachedAnswer | undefined {
  const end = bytes.indexOf(LINE_BREAK);
  const head = end === -1 ? undefined : parseJson(bytes.subarray(0, end))?.value;
  if (!isObject(head) || head['form'] !== FORM) return undefined;
  const { status, headers, storedAt, ttl, identity, mustRevalidate } = head;
  if (typeof status !== 'number' || typeof storedAt !== 'number' || typeof ttl !== 'number') {
    return undefined;
  }
  if (!isTexts(headers) || typeof identity !== 'string') return undefined;
  return {
    status,
    headers,
    body: bytes.subarray(end + 1),
    storedAt,
    ttl,
    identity,
    mustRevalidate: mustRevalidate === true,
  };
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
