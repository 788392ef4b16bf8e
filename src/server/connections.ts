/** What a process knows of its clients' connections. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ConnectionFacts } from '../gateway/client.ts';
import { plainAddress, type TrustCheck } from '../http/client-address.ts';
import type { TlsFacts } from '../plugin.ts';
import type { Listener } from '../settings/types.ts';

/** Kong's `/status` counters. */
export interface ConnectionCounters {
  readonly accepted: number;
  readonly active: number;
  readonly writing: number;
  readonly requests: number;
}

/** One connection: its facts, and how many of its requests are being answered. */
export interface ConnectionState {
  readonly facts: ConnectionFacts;
  readonly socket: Socket;
  inFlight: number;
  /** What the client sent last cannot be read: the connection ends after the answers under way. */
  mustClose: boolean;
  /** The newest HTTP/1 request, to tell an error in its body from one in what follows it. */
  last: { readonly request: IncomingMessage; readonly response: ServerResponse } | undefined;
}

export interface Connections {
  open(socket: Socket, listener: Listener, serverName: string | undefined): ConnectionState;
  /** `undefined` for a socket that was never opened here. */
  of(socket: object): ConnectionState | undefined;
  /**
   * Gives a new HTTP/2 session the state of the connection that was opened last: Node makes the
   * session in the same turn, and hides its real socket.
   */
  adopt(session: object): void;
  /**
   * What an unreadable byte does to its connection: `refuse` when nothing is being answered or the
   * answer to the broken request has not begun, `destroy` when it has, `finish` when the byte follows
   * a whole request: that one still gets its answer, and the connection ends.
   */
  judgeError(socket: object): 'refuse' | 'destroy' | 'finish';
  requestStarted(state: ConnectionState): void;
  requestEnded(state: ConnectionState): void;
  counters(): ConnectionCounters;
  /** Resolves when no request is being answered. */
  idle(): Promise<void>;
  destroyAll(): void;
}

function tlsOf(socket: Socket): TlsFacts | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  return { version: socket.getProtocol() ?? '', cipher: socket.getCipher().name };
}

export function createConnections(
  trusted: TrustCheck,
  portMaps: ReadonlyMap<number, number>,
): Connections {
  const states = new WeakMap<object, ConnectionState>();
  const sockets = new Set<Socket>();
  let lastOpened: ConnectionState | undefined;
  let accepted = 0;
  let writing = 0;
  let requests = 0;
  let waiting: (() => void)[] = [];
  return {
    open(socket, listener, serverName) {
      const address = plainAddress(socket.remoteAddress);
      const port = socket.localPort ?? listener.port;
      const facts: ConnectionFacts = {
        address,
        remotePort: socket.remotePort ?? 0,
        trusted: trusted(address),
        scheme: listener.ssl ? 'https' : 'http',
        port,
        publicPort: portMaps.get(port) ?? port,
        serverName,
        tls: tlsOf(socket),
      };
      const state = { facts, socket, inFlight: 0, mustClose: false, last: undefined };
      lastOpened = state;
      states.set(socket, state);
      sockets.add(socket);
      accepted++;
      socket.once('close', () => sockets.delete(socket));
      return state;
    },
    of: (socket) => states.get(socket),
    adopt(session) {
      if (lastOpened !== undefined) states.set(session, lastOpened);
    },
    judgeError(socket) {
      const state = states.get(socket);
      if (state === undefined || state.inFlight === 0) return 'refuse';
      if (state.last?.request.complete === false) {
        return state.inFlight === 1 && !state.last.response.headersSent ? 'refuse' : 'destroy';
      }
      state.mustClose = true;
      return 'finish';
    },
    requestStarted(state) {
      state.inFlight++;
      writing++;
      requests++;
    },
    requestEnded(state) {
      state.inFlight--;
      if (state.mustClose && state.inFlight === 0) state.socket.destroySoon();
      writing--;
      if (writing > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    counters: () => ({ accepted, active: sockets.size, writing, requests }),
    idle: () =>
      writing === 0 ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve)),
    destroyAll() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
