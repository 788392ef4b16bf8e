/** The listeners of the Admin and the Status API. */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RequestListener } from '../admin/index.ts';
import { listen, type Listening } from '../server/listen.ts';
import type { Listener, Settings, TlsPair } from '../settings/types.ts';

export interface ApiServers {
  addresses(): readonly AddressInfo[];
  close(): void;
}

export interface ApiServersOptions {
  readonly settings: Settings;
  readonly listeners: readonly Listener[];
  readonly tls: TlsPair | undefined;
  readonly handler: RequestListener;
  readonly accessLog: ((line: string) => void) | undefined;
}

/** Opens all listeners or none. Rejects with the system's error. */
export async function startApiServers(options: ApiServersOptions): Promise<ApiServers> {
  const { settings, tls, handler, accessLog } = options;
  const opened: Listening[] = [];
  const close = (): void => {
    for (const each of opened) each.stop();
  };
  try {
    for (const listener of options.listeners) {
      // oxlint-disable-next-line no-await-in-loop -- in order, so that a failure closes what is open
      const server = await listen(listener, { settings, tls, certificateFor: () => undefined });
      // The kinds of servers name their requests differently; all of them have this shape.
      const http: EventEmitter = server.http;
      http.on('request', (req: IncomingMessage, res: ServerResponse) => {
        if (accessLog !== undefined) logAccess(req, res, accessLog);
        handler(req, res);
      });
      http.on('clientError', (_error: Error, socket: AddressableSocket) => socket.destroy());
      opened.push(server);
    }
  } catch (error) {
    close();
    throw error;
  }
  return { addresses: () => opened.map((server) => server.address()), close };
}

interface AddressableSocket {
  destroy(): void;
}

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const UNSAFE = /["\\\u0000-\u001f\u007f-\uffff]/g;

function logAccess(req: IncomingMessage, res: ServerResponse, write: (line: string) => void): void {
  res.once('close', () => {
    const target = (req.url ?? '').replace(UNSAFE, '?');
    const request = `${req.method ?? ''} ${target} HTTP/${req.httpVersion}`;
    const address = req.socket.remoteAddress ?? '-';
    write(`${address} - - [${new Date().toISOString()}] "${request}" ${res.statusCode} - "-" "-"`);
  });
}
