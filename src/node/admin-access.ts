/** Access log lines of the Admin and Status API: nginx' combined format; keys that stand in a path are masked. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { maskAdminTarget } from '../admin/index.ts';
import { quoted, timeLocal } from '../server/access-log.ts';

interface AccessFacts {
  readonly address: string | undefined;
  readonly startedAt: number;
}

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
