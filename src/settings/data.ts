/** Settings of what the process keeps: where generated keysets are stored. */
import { resolve } from 'node:path';
import { parseRedisUrl } from '../redis/url.ts';
import type { Reader } from './reader.ts';
import type { DataSettings } from './types.ts';

const KEY_BYTES = 32;

export function readData(reader: Reader): DataSettings {
  const redis = reader.text('data_redis');
  const parsed = redis === undefined ? undefined : parseRedisUrl(redis);
  // The value may hold a password, so it is not repeated.
  if (typeof parsed === 'string') reader.problem(`data_redis is no Redis URL: ${parsed}`);
  return {
    folder: resolve(reader.text('data_dir') ?? '.'),
    key: readKey(reader),
    redis,
  };
}

/** 64 hexadecimal digits, or base64 in either alphabet; base64 in the settings. */
function readKey(reader: Reader): string | undefined {
  const text = reader.text('data_key');
  if (text === undefined) return undefined;
  const isHex = /^[0-9a-f]{64}$/i.test(text);
  const key = Buffer.from(text, isHex ? 'hex' : 'base64');
  const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(text);
  if ((isHex || isBase64) && key.length === KEY_BYTES) return key.toString('base64');
  reader.problem(
    'data_key must be 32 random bytes as 64 hexadecimal digits or in base64; make one with: openssl rand -base64 32',
  );
  return undefined;
}
