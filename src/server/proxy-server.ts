/** The proxy: listeners in, gateway out, one swap for a reload, a drain for the end. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Gateway } from '../gateway/gateway.ts';
import type { Runtime } from '../gateway/runtime.ts';
import { createConnections, type ConnectionCounters } from './connections.ts';
import { createCurrent } from './current.ts';
import { listen, type Listening } from './listen.ts';
import { createService, type Service } from './service.ts';
import type { TlsPair } from '../settings/types.ts';

export interface ProxyServerOptions {
  readonly runtime: Runtime;
  readonly gateway: Gateway;
  /** Used by listeners with `ssl` for names without a certificate of their own. */
  readonly defaultTls: TlsPair | undefined;
  /** One line a request; absent when the access log is off. */
  readonly accessLog?: ((line: string) => void) | undefined;
  /** Longest time a client may take nothing of its answer; for tests. */
  readonly sendTimeoutMs?: number | undefined;
}

/** nginx' send_timeout. */
const SEND_TIMEOUT_MS = 60_000;

export interface ProxyServer {
  /** In the order of `proxy_listen`. */
  addresses(): readonly AddressInfo[];
  counters(): ConnectionCounters;
  /** New requests use `gateway` at once; resolves when the old one's last request is over. */
  swap(gateway: Gateway): Promise<void>;
  /**
   * Stops accepting, lets requests finish for up to `graceMs`, then cuts what is left. Resolves with
   * true when everything finished by itself.
   */
  drain(graceMs: number): Promise<boolean>;
}

/** How long sockets that were destroyed may take to say so. */
const CLOSE_MS = 500;

/** Opens every listener; on failure closes those already open and rejects with the system's error. */
export async function startProxyServer(options: ProxyServerOptions): Promise<ProxyServer> {
  const { runtime } = options;
  const { settings } = runtime;
  const current = createCurrent(options.gateway);
  const connections = createConnections(runtime.realIp.trusted, settings.portMaps);
  const state = { draining: false };
  const { accessLog } = options;
  const sessions = new Set<ServerHttp2Session>();
  const sendTimeoutMs = options.sendTimeoutMs ?? SEND_TIMEOUT_MS;
  const parts = { runtime, accessLog, current, connections, state, sendTimeoutMs };
  const service = createService(parts);
  const listening: Listening[] = [];
  try {
    for (const listener of settings.proxyListen) {
      // oxlint-disable-next-line no-await-in-loop -- in order, so that a failure closes what is open
      const opened = await listen(listener, {
        settings,
        tls: options.defaultTls,
        certificateFor: (name) => current.peek().certificates.find(name),
        attach(about) {
          attach(about, { service, sessions, sendTimeoutMs });
          const { fallback } = options.gateway.certificates;
          if (fallback !== undefined) about.setDefaultCertificate(fallback);
        },
      });
      listening.push(opened);
    }
  } catch (error) {
    for (const opened of listening) opened.stop();
    throw error;
  }
  const useCertificates = (gateway: Gateway): void => {
    for (const opened of listening) opened.setDefaultCertificate(gateway.certificates.fallback);
  };
  runtime.monitor.watch(options.gateway.balancers.values());
  return {
    addresses: () => listening.map((opened) => opened.address()),
    counters: () => connections.counters(),
    swap(gateway) {
      if (gateway.certificates.fallback !== current.peek().certificates.fallback) {
        useCertificates(gateway);
      }
      runtime.monitor.watch(gateway.balancers.values());
      return current.swap(gateway);
    },
    async drain(graceMs) {
      state.draining = true;
      for (const opened of listening) opened.stop();
      // Their clients are told to ask elsewhere; streams that are open go on.
      for (const session of sessions) session.close();
      const finished = await within(connections.idle(), graceMs);
      connections.destroyAll();
      // What was cut is over, and in the access log, once its sockets have closed.
      await within(connections.idle(), CLOSE_MS);
      return finished;
    },
  };
}

async function within(done: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const finished = await Promise.race([done.then(() => true), timeout]);
  clearTimeout(timer);
  return finished;
}

interface Attachment {
  readonly service: Service;
  readonly sessions: Set<ServerHttp2Session>;
  readonly sendTimeoutMs: number;
}

function attach(listening: Listening, { service, sessions, sendTimeoutMs }: Attachment): void {
  const { http, net, listener } = listening;
  const onOpened = (socket: Socket): void => {
    service.opened(socket, listening);
  };
  // Before Node's own listener, which makes the HTTP/2 session at once.
  if (net === http)
    http.prependListener(listener.ssl ? 'secureConnection' : 'connection', onOpened);
  else http.on('opened', onOpened);
  http.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    service.session(session);
  });
  http.setTimeout(sendTimeoutMs);
  // Node asks the server that owns the port.
  net.on('timeout', (connection: object) => {
    service.idle(connection);
  });
  http.on('request', (request: IncomingMessage, response: ServerResponse) => {
    service.request(request, response, false);
  });
  http.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    service.request(request, response, true);
  });
  // Another expectation than 100-continue is ignored, as nginx does (RFC 9110 section 10.1.1 allows 417).
  http.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    service.request(request, response, false);
  });
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    service.upgrade(request, socket, head, listening);
  });
  http.on('connect', (_request: IncomingMessage, client: Duplex | Http2ServerResponse) => {
    service.connect(client);
  });
  http.on('clientError', (error: Error, socket: Duplex) => {
    service.clientError(error, socket);
  });
  http.on('tlsClientError', () => {
    // A failed handshake is the client's affair; Node has closed the socket.
  });
}
