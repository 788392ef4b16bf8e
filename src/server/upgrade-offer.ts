/** What to do with `Upgrade`: WebSocket is tunnelled, anything else is an ordinary request. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { headerValue } from '../http/headers.ts';
import type { Listening } from './listen.ts';

/** Kong forwards an upgrade only when it is exactly `websocket`, in any case; it is a GET (RFC 6455). */
export function wantsWebSocket(request: IncomingMessage): boolean {
  if (request.method !== 'GET') return false;
  return headerValue(request.rawHeaders, 'upgrade')?.trim().toLowerCase() === 'websocket';
}

/**
 * Node takes a connection away from its parser as soon as a request names any upgrade. For those we
 * do not speak (h2c and the like) the head goes back without the field, for a new parser to read.
 */
export function replayWithoutUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  http: Listening['http'],
): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  const { rawHeaders } = request;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const lower = name.toLowerCase();
    if (lower === 'upgrade' || lower === 'http2-settings') continue;
    const value = rawHeaders[i + 1] ?? '';
    lines.push(`${name}: ${lower === 'connection' ? withoutUpgrade(value) : value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  http.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket);
}

const withoutUpgrade = (connection: string): string =>
  connection
    .split(',')
    .filter((option) => !/^\s*(upgrade|http2-settings)\s*$/i.test(option))
    .join(',') || 'keep-alive';
