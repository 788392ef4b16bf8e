/** The listeners of the Admin and the Status API. */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { BAD_TARGET, type RequestListener } from '../admin/index.ts';
import { listen, type Listening, type ListenOptions } from '../server/listen.ts';
import type { Listener, Settings, TlsPair } from '../settings/types.ts';
import { adminAccessLine } from './admin-access.ts';

export interface ApiServers {
  addresses(): readonly AddressInfo[];
  close(): void;
}

export interface ApiServersOptions {
  readonly settings: Settings;
  readonly listeners: readonly Listener[];
  readonly tls: TlsPair | undefined;
  /** PEM of the CAs of clients; absent: they are not asked for certificates. */
  readonly clientCa?: string | undefined;
  readonly handler: RequestListener;
  readonly accessLog: ((line: string) => void) | undefined;
}

/** Opens all listeners or none. Rejects with the system's error. */
export async function startApiServers(options: ApiServersOptions): Promise<ApiServers> {
  const { settings, tls, clientCa } = options;
  const listenOptions: ListenOptions = {
    settings,
    tls,
    clientCa,
    certificateFor: () => undefined,
    attach: (listening) => attach(listening, options),
  };
  const opened: Listening[] = [];
  const close = (): void => {
    for (const each of opened) each.stop();
  };
  try {
    for (const listener of options.listeners) {
      // oxlint-disable-next-line no-await-in-loop -- in order, so that a failure closes what is open
      opened.push(await listen(listener, listenOptions));
    }
  } catch (error) {
    close();
    throw error;
  }
  return { addresses: () => opened.map((server) => server.address()), close };
}

/** Answers requests, and what is no HTTP. */
function attach(listening: Listening, { handler, accessLog }: ApiServersOptions): void {
  // The kinds of servers name their requests differently; all of them have this shape.
  const http: EventEmitter = listening.http;
  http.on('request', (req: IncomingMessage, res: ServerResponse) => {
    if (accessLog !== undefined) {
      const startedAt = Date.now();
      // A closed socket has forgotten it.
      const address = req.socket.remoteAddress;
      res.once('close', () => accessLog(adminAccessLine(req, res, { address, startedAt })));
    }
    handler(req, res);
  });
  http.on('clientError', (_error: Error, socket: Duplex) => refuseBytes(socket));
}

/** What is no HTTP gets nginx' page, when no answer is under way; then the connection ends. */
function refuseBytes(socket: Duplex): void {
  const isFresh = 'bytesWritten' in socket && socket.bytesWritten === 0;
  if (!socket.writable || !isFresh) {
    socket.destroy();
    return;
  }
  const { body = '', contentType = '' } = BAD_TARGET;
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: ${contentType}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
