/** Texts to a TCP server over one connection that is kept: plain or TLS. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { isIP } from 'node:net';
import type { ResolveHost } from '../services.ts';

export interface TcpTarget {
  readonly host: string;
  readonly port: number;
  /** For the connection, and for each text. Milliseconds. */
  readonly timeoutMs: number;
  /** How long an idle connection is kept; 0 keeps none. Milliseconds. */
  readonly keepaliveMs: number;
  /** The certificate is not verified, as in Kong 3.9. */
  readonly tls: { readonly serverName: string | null } | undefined;
}

export interface TcpSender {
  /** One text at a time. Rejects with an Error when it could not be written whole. */
  send(text: string): Promise<void>;
  close(): void;
}

export function createTcpSender(target: TcpTarget, resolve: ResolveHost): TcpSender {
  let kept: Socket | undefined;

  async function open(): Promise<Socket> {
    const [address] = await resolve(target.host);
    if (address === undefined) throw new Error(`${target.host} has no address`);
    const socket = await connected(target, address.ip);
    socket.setNoDelay(true);
    // What the server says is nobody's business, but must be read for its end to be seen.
    socket.resume();
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      if (kept === socket) kept = undefined;
    });
    return socket;
  }

  async function send(text: string): Promise<void> {
    const reused = kept;
    if (reused !== undefined) {
      // The server may have closed it meanwhile: then a new one gets the text.
      const isSent = await written(reused, text, target.timeoutMs).then(
        () => true,
        () => false,
      );
      if (isSent) return keep(reused);
    }
    const socket = await open();
    await written(socket, text, target.timeoutMs);
    keep(socket);
  }

  function keep(socket: Socket): void {
    if (target.keepaliveMs === 0) {
      kept = undefined;
      socket.end();
      return;
    }
    if (socket.destroyed) return;
    kept = socket;
    socket.setTimeout(target.keepaliveMs, () => {
      kept = undefined;
      socket.end();
    });
  }

  return {
    send,
    close() {
      kept?.end();
      kept = undefined;
    },
  };
}

function connected({ port, timeoutMs, tls, host }: TcpTarget, ip: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const name = tls?.serverName ?? host;
    const socket =
      tls === undefined
        ? connectTcp({ host: ip, port })
        : connectTls({
            host: ip,
            port,
            rejectUnauthorized: false,
            ...(isIP(name) === 0 && { servername: name }),
          });
    const timer = setTimeout(() => socket.destroy(new Error('no connection in time')), timeoutMs);
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(socket);
    });
    socket.once('error', fail);
    function fail(error: Error): void {
      clearTimeout(timer);
      reject(error);
    }
  });
}

function written(socket: Socket, text: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error('not written in time')), timeoutMs);
    socket.setTimeout(0);
    socket.write(text, (error) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve();
    });
  });
}
