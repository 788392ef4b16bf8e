/** Listening sockets: plain HTTP, HTTPS, HTTP/2 over TLS and with prior knowledge. */
import { constants } from 'node:crypto';
import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type ServerOptions,
} from 'node:http';
import {
  createServer as createHttp2Server,
  createSecureServer as createSecureHttp2Server,
  type Http2SecureServer,
} from 'node:http2';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import {
  createServer as createNetServer,
  type AddressInfo,
  type Server as NetServer,
} from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Listener, Settings, TlsPair } from '../settings/types.ts';

/** What the proxy hangs its handlers on. `http` parses HTTP/1 whatever `net` accepts. */
export interface Listening {
  readonly listener: Listener;
  readonly http: HttpServer | HttpsServer | Http2SecureServer;
  /** The server that owns the port; the same as `http` but for HTTP/2 without TLS. */
  readonly net: NetServer;
  address(): AddressInfo;
  /** Replaces the certificate for clients that send no server name. */
  setDefaultCertificate(
    pair: { readonly cert: readonly string[]; readonly key: readonly string[] } | undefined,
  ): void;
  /** Stops accepting and closes idle connections. */
  stop(): void;
}

export interface ListenOptions {
  readonly settings: Settings;
  /** The listener's own certificate; needed with `ssl`. */
  readonly tls: TlsPair | undefined;
  readonly certificateFor: (serverName: string) => SecureContext | undefined;
  /**
   * PEM of CAs: clients are asked for a certificate of theirs. Whether one came and was good is for
   * the handler to look at (`socket.authorized`), so that its answer can say what is missing.
   */
  readonly clientCa?: string | undefined;
  /**
   * Hangs the handlers on what is about to listen. The first connection of a worker may come together
   * with the answer that its port is open: a handler that came later would miss it.
   */
  readonly attach: (listening: Listening) => void;
}

/** HTTP/2 limits for clients nobody vouches for (Envoy's edge guide). */
const HTTP2_STREAMS_MAX = 100;

/** Node's own default. */
const CHECKING_MS = 30_000;

function httpOptions(settings: Settings): ServerOptions {
  return {
    maxHeaderSize: settings.headerBytesMax,
    headersTimeout: settings.clientHeaderTimeoutMs,
    // Node looks for late heads now and then only; a short timeout needs shorter looks.
    connectionsCheckingInterval: Math.min(CHECKING_MS, settings.clientHeaderTimeoutMs),
    keepAliveTimeout: settings.clientKeepaliveTimeoutMs,
    // Bodies have their own clock: a timeout between two reads, as nginx has it.
    requestTimeout: 0,
    // Checked by us, so that the answer is Kong's.
    requireHostHeader: false,
    insecureHTTPParser: false,
    noDelay: true,
  };
}

const ASK_FOR_CERTIFICATE = { requestCert: true, rejectUnauthorized: false } as const;

function tlsOptions(options: ListenOptions): object {
  const { settings, tls, certificateFor, clientCa } = options;
  // A resumed session would stand for a handshake in which no certificate was shown.
  const hasTickets = settings.tlsSessionTickets && clientCa === undefined;
  return {
    ...(clientCa === undefined ? {} : { ...ASK_FOR_CERTIFICATE, ca: clientCa }),
    cert: tls?.cert,
    key: tls?.key,
    minVersion: settings.tlsMinVersion,
    maxVersion: settings.tlsMaxVersion,
    honorCipherOrder: settings.tlsPreferServerCiphers,
    sessionTimeout: settings.tlsSessionTimeoutSeconds,
    secureOptions: hasTickets ? 0 : constants.SSL_OP_NO_TICKET,
    ...(settings.tlsCiphers === undefined ? {} : { ciphers: settings.tlsCiphers }),
    SNICallback(
      serverName: string,
      done: (error: Error | null, context?: SecureContext) => void,
    ): void {
      done(null, certificateFor(serverName));
    },
  };
}

function createHttp(listener: Listener, options: ListenOptions): Listening['http'] {
  const http = httpOptions(options.settings);
  if (!listener.ssl) return createHttpServer(http);
  if (!listener.http2) return createHttpsServer({ ...http, ...tlsOptions(options) });
  const server = createSecureHttp2Server({
    ...http,
    ...tlsOptions(options),
    allowHTTP1: true,
    settings: {
      maxConcurrentStreams: HTTP2_STREAMS_MAX,
      maxHeaderListSize: options.settings.headerBytesMax,
    },
  });
  // For its HTTP/1 connections Node looks at the server's members and takes no options.
  return Object.assign(server, http);
}

/** The client preface that opens HTTP/2 with prior knowledge (RFC 9113 section 3.4). */
const PREFACE = Buffer.from('PRI * HTTP/2.0');

/** Hands each connection to HTTP/1 or HTTP/2 by its first bytes. */
function createSniffer(http1: HttpServer, settings: Settings): NetServer {
  const http2 = createHttp2Server({
    settings: {
      maxConcurrentStreams: HTTP2_STREAMS_MAX,
      maxHeaderListSize: settings.headerBytesMax,
    },
  });
  http2.on('session', (session) => http1.emit('session', session));
  http2.on('request', (request, response) => http1.emit('request', request, response));
  return createNetServer((socket) => {
    const impatience = setTimeout(() => socket.destroy(), settings.clientHeaderTimeoutMs);
    socket.on('error', () => socket.destroy());
    socket.once('readable', () => {
      clearTimeout(impatience);
      const chunk: unknown = socket.read();
      if (!Buffer.isBuffer(chunk)) return;
      socket.unshift(chunk);
      const start = chunk.subarray(0, PREFACE.length);
      const isHttp2 = PREFACE.subarray(0, start.length).equals(start) && start.length > 2;
      http1.emit('opened', socket);
      (isHttp2 ? http2 : http1).emit('connection', socket);
    });
  });
}

/** Opens one listener, its handlers attached. Rejects with the system's error when the port cannot be had. */
export async function listen(listener: Listener, options: ListenOptions): Promise<Listening> {
  const { settings } = options;
  const http = createHttp(listener, options);
  // A cap would make Node drop fields silently; the head's size is limited instead.
  Object.assign(http, {
    maxHeadersCount: 0,
    maxRequestsPerSocket: settings.clientKeepaliveRequests,
  });
  const net = isPlainHttp2(listener) && isHttp1(http) ? createSniffer(http, settings) : http;
  // Node begins to time heads when the server itself listens, which this one never does.
  if (net !== http) http.emit('listening');
  const listening: Listening = {
    listener,
    http,
    net,
    address: () => addressOf(net),
    setDefaultCertificate(pair) {
      if (!('setSecureContext' in http)) return;
      const own = pair ?? options.tls;
      const { cert, key } = own ?? {};
      http.setSecureContext({ ...tlsOptions(options), cert: toMutable(cert), key: toMutable(key) });
    },
    stop() {
      net.close();
      if (net !== http) http.close();
      if ('closeIdleConnections' in http) http.closeIdleConnections();
    },
  };
  options.attach(listening);
  await open(net, listener);
  return listening;
}

/** Rejects with the system's error. */
function open(net: NetServer, { host, port, ipv6Only, backlog }: Listener): Promise<void> {
  return new Promise((resolve, reject) => {
    net.once('error', reject);
    net.listen({ host, port, ipv6Only, ...(backlog === undefined ? {} : { backlog }) }, () => {
      net.off('error', reject);
      resolve();
    });
  });
}

const toMutable = (pem: string | readonly string[] | undefined): string | string[] | undefined =>
  typeof pem === 'string' || pem === undefined ? pem : [...pem];

const isPlainHttp2 = (listener: Listener): boolean => listener.http2 && !listener.ssl;

const isHttp1 = (http: Listening['http']): http is HttpServer => !('setSecureContext' in http);

function addressOf(net: NetServer): AddressInfo {
  const address = net.address();
  if (address === null || typeof address === 'string')
    throw new TypeError('not listening on a port');
  return address;
}
