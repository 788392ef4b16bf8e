/** Kong's `redis` record of a plugin's config, and the server it means. */
import type { RedisSpec } from './connections.ts';

/** Complete: every default is filled in. */
export interface RedisFields {
  readonly host: string | null;
  readonly port: number;
  readonly timeout: number;
  readonly username: string | null;
  readonly password: string | null;
  readonly database: number;
  readonly ssl: boolean;
  readonly ssl_verify: boolean;
  readonly server_name: string | null;
}

export const redisSpec = (fields: RedisFields): RedisSpec => ({
  // The schema demands a host where Redis is used.
  host: fields.host ?? '',
  port: fields.port,
  timeoutMs: fields.timeout,
  username: fields.username,
  password: fields.password,
  database: fields.database,
  tls: fields.ssl ? { verify: fields.ssl_verify, serverName: fields.server_name } : undefined,
});
