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
  inFlight: number;
}

export interface Connections {
  open(socket: Socket, listener: Listener, serverName: string | undefined): ConnectionState;
  /** `undefined` for a socket that was never opened here. */
  of(socket: object): ConnectionState | undefined;
  /** Gives an HTTP/2 session the state of its socket. */
  alias(session: object, socket: object): void;
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
      const state = { facts, inFlight: 0 };
      states.set(socket, state);
      sockets.add(socket);
      accepted++;
      socket.once('close', () => sockets.delete(socket));
      return state;
    },
    of: (socket) => states.get(socket),
    alias(session, socket) {
      const state = states.get(socket);
      if (state !== undefined) states.set(session, state);
    },
    requestStarted(state) {
      state.inFlight++;
      writing++;
      requests++;
    },
    requestEnded(state) {
      state.inFlight--;
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
