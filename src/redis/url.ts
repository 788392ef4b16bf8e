/** Redis URLs: how a setting says where the server is. */
import type { RedisSpec } from './connections.ts';

const PORT = 6379;
const TIMEOUT_MS = 2000;
const FORM = 'write redis://[user:password@]host[:port][/database], or rediss:// for TLS';

/**
 * Reads `redis://[user:password@]host[:port][/database]`; `rediss://` is the same over TLS.
 * @returns what is wrong with it, as a text without any of its parts
 */
export function parseRedisUrl(text: string): RedisSpec | string {
  const [, scheme, credentials, bracketed, plain, port = PORT, database = 0] =
    /^(rediss?):\/\/(?:([^@/]*)@)?(?:\[([0-9a-fA-F:]+)\]|([^,@/?:[\]\s]+))(?::(\d{1,5}))?(?:\/(\d{1,4})?)?$/.exec(
      text,
    ) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) > 65_535) return FORM;
  return {
    host,
    port: Number(port),
    timeoutMs: TIMEOUT_MS,
    ...parseCredentials(credentials),
    database: Number(database),
    tls: scheme === 'rediss' ? { verify: true, serverName: null } : undefined,
  };
}

function parseCredentials(text: string | undefined): Pick<RedisSpec, 'username' | 'password'> {
  if (text === undefined || text === '') return { username: null, password: null };
  const colon = text.indexOf(':');
  const username = colon <= 0 ? null : decode(text.slice(0, colon));
  return { username, password: decode(text.slice(colon + 1)) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone % in a password stands for itself
  }
}
