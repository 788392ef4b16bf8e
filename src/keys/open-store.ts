/** The store that the settings name, encrypted when they have a key. */
import type { Logger } from '../log.ts';
import { createRedisConnections } from '../redis/connections.ts';
import { parseRedisUrl } from '../redis/url.ts';
import { KeysetError } from '../errors.ts';
import type { DataSettings } from '../settings/types.ts';
import { openFileStore } from './file-store.ts';
import { openRedisStore } from './redis-store.ts';
import { sealed } from './seal.ts';
import type { KeyStore } from './store.ts';

/** Connects or makes folders with the first call. Throws KeysetError. */
export function openStore({ folder, key, redis }: DataSettings, log: Logger): KeyStore {
  const secret = key === undefined ? undefined : Buffer.from(key, 'base64');
  if (redis === undefined) return sealed(openFileStore(folder), secret);
  const options = parseRedisUrl(redis);
  if (typeof options === 'string') throw new KeysetError(`data_redis is no Redis URL: ${options}`);
  const connection = createRedisConnections(log).open(options);
  return sealed(openRedisStore(connection, `${options.host}:${options.port}`), secret);
}
