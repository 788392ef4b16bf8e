/** What a process knows of its clients' connections. */
import type { Socket } from 'node:net';
import type { ConnectionFacts } from '../gateway/client.ts';
import { plainAddress, type TrustCheck } from '../http/client-address.ts';
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
  /** False when no request of that connection is being answered. */
  closeAfterAnswers(socket: object): boolean;
  requestStarted(state: ConnectionState): void;
  requestEnded(state: ConnectionState): void;
  counters(): ConnectionCounters;
  /** Resolves when no request is being answered. */
  idle(): Promise<void>;
  destroyAll(): void;
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
        trusted: trusted(address),
        scheme: listener.ssl ? 'https' : 'http',
        port,
        publicPort: portMaps.get(port) ?? port,
        serverName,
      };
      const state = { facts, socket, inFlight: 0, mustClose: false };
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
    closeAfterAnswers(socket) {
      const state = states.get(socket);
      if (state === undefined || state.inFlight === 0) return false;
      state.mustClose = true;
      return true;
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
