/** Access log lines of the Admin and Status API: nginx' combined format; keys that stand in a path are masked. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { maskTokens } from '../http/mask.ts';
import { quoted, timeLocal } from '../server/access-log.ts';

interface AccessFacts {
  readonly address: string | undefined;
  readonly startedAt: number;
}

/** `/key-auths/{key}` and `/consumers/{name}/key-auth/{key}` take the key where an id could stand. */
const KEY_IN_PATH =
  /(\/key-auths?\/)(?![\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?:[/?]|$))[^/?]+/gi;

/** A target as a log may show it. */
export const maskAdminTarget = (target: string): string =>
  maskTokens(target.replace(KEY_IN_PATH, '$1***'));

/** One line without its line end. */
export function adminAccessLine(
  { method = '', url = '', httpVersion, headers }: IncomingMessage,
  res: ServerResponse,
  { address = '-', startedAt }: AccessFacts,
): string {
  const request = quoted(`${method} ${maskAdminTarget(url)} HTTP/${httpVersion}`);
  const bytes = method === 'HEAD' ? 0 : Number(res.getHeader('Content-Length') ?? 0);
  const referer = quoted(maskAdminTarget(headers.referer ?? ''));
  const agent = quoted(headers['user-agent']);
  return `${address} - - [${timeLocal(startedAt)}] "${request}" ${res.statusCode} ${bytes} "${referer}" "${agent}"`;
}
