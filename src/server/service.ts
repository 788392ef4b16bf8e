/** What a listener's events lead to: a request becomes an exchange, anything else is refused. */
import { ServerResponse, type IncomingMessage } from 'node:http';
import { Http2ServerResponse, type Http2ServerRequest, type ServerHttp2Session } from 'node:http2';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { ClientExchange } from '../gateway/client.ts';
import { handleRequest } from '../gateway/handle.ts';
import type { Runtime } from '../gateway/runtime.ts';
import { METHOD_NOT_ALLOWED } from '../http/intake.ts';
import { accessLine } from './access-log.ts';
import type { Connections, ConnectionState } from './connections.ts';
import type { Current } from './current.ts';
import { Http1Client } from './http1-client.ts';
import { Http2Client } from './http2-client.ts';
import type { Listening } from './listen.ts';
import { endWith, refuse, renderRefusal } from './refuse.ts';
import { replayWithoutUpgrade, wantsWebSocket } from './upgrade-offer.ts';

export interface Service {
  opened(socket: Socket, listening: Listening): void;
  session(session: ServerHttp2Session): void;
  /** Nothing was read from or written to an HTTP/1 connection for a while. */
  idle(connection: object): void;
  request(
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
    awaitsContinue: boolean,
  ): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, listening: Listening): void;
  connect(client: Duplex | Http2ServerResponse): void;
  clientError(error: Error, socket: Duplex): void;
}

export interface ServiceParts {
  readonly runtime: Runtime;
  readonly current: Current;
  readonly connections: Connections;
  readonly state: { readonly draining: boolean };
  readonly accessLog: ((line: string) => void) | undefined;
  /** Longest time a client may take nothing of what is there for it (nginx: send_timeout). */
  readonly sendTimeoutMs: number;
}

/** The life of one exchange: a lease on the gateway, the counters, the access log line. */
function run(parts: ServiceParts, client: ClientExchange, connection: ConnectionState): void {
  const { current, connections, accessLog } = parts;
  const lease = current.acquire();
  connections.requestStarted(connection);
  const exchange = handleRequest(lease.gateway, client);
  client.onceClosed((finished) => {
    const outcome = exchange.close(finished);
    connections.requestEnded(connection);
    lease.release();
    accessLog?.(accessLine(exchange.ctx, outcome, exchange.chain));
  });
}

interface Http1More {
  readonly awaitsContinue: boolean;
  readonly upgradeHead?: Buffer;
}

function runHttp1(
  parts: ServiceParts,
  request: IncomingMessage,
  response: ServerResponse,
  more: Http1More,
): void {
  const connection = parts.connections.of(request.socket);
  if (connection === undefined) {
    request.socket.destroy();
    return;
  }
  connection.last = { request, response };
  const { awaitsContinue, upgradeHead } = more;
  const client = new Http1Client({
    request,
    response,
    connection: connection.facts,
    awaitsContinue,
    upgrade: upgradeHead === undefined ? undefined : { head: upgradeHead },
    mustClose: () => parts.state.draining || connection.mustClose,
  });
  run(parts, client, connection);
}

function runHttp2(
  parts: ServiceParts,
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  awaitsContinue: boolean,
): void {
  const { session } = request.stream;
  const connection = session === undefined ? undefined : parts.connections.of(session);
  if (connection === undefined) request.stream.destroy();
  else {
    const { facts } = connection;
    const { sendTimeoutMs } = parts;
    const init = { request, response, connection: facts, awaitsContinue, sendTimeoutMs };
    run(parts, new Http2Client(init), connection);
  }
}

/**
 * Node takes the connection from its parser even while an earlier request of it is being answered. Then
 * that answer is the last: whoever pipelines such a request has to ask again.
 */
function isBusy(connections: Connections, socket: Duplex): boolean {
  const state = connections.of(socket);
  if (state === undefined || state.inFlight === 0) return false;
  socket.on('error', () => socket.destroy());
  state.mustClose = true;
  return true;
}

/** Node hands the bare socket over; the answer to a refused upgrade is still an HTTP one. */
function runUpgrade(parts: ServiceParts, request: IncomingMessage, head: Buffer): void {
  const { socket } = request;
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => {
    socket.destroySoon();
  });
  socket.on('error', () => socket.destroy());
  runHttp1(parts, request, response, { awaitsContinue: false, upgradeHead: head });
}

export function createService(parts: ServiceParts): Service {
  const { connections, runtime } = parts;
  return {
    opened(socket, { listener }) {
      // A request whose upgrade was dropped comes in once more, on a connection we know.
      if (connections.of(socket) !== undefined) return;
      const serverName = socket instanceof TLSSocket ? socket.servername : undefined;
      connections.open(socket, listener, typeof serverName === 'string' ? serverName : undefined);
    },
    session(session) {
      connections.adopt(session);
      const state = connections.of(session);
      session.setTimeout(runtime.settings.clientKeepaliveTimeoutMs, () => {
        if (state === undefined || state.inFlight === 0) session.close();
      });
    },
    idle(socket) {
      // HTTP/2 sessions have clocks of their own.
      if (!(socket instanceof Socket)) return;
      const inFlight = connections.of(socket)?.inFlight ?? 0;
      // A client that waits for its upstream is patient; one that leaves its answer unread is not there.
      if (inFlight === 0 || socket.writableLength > 0) socket.destroy();
    },
    request(request, response, awaitsContinue) {
      if ('stream' in request) {
        if ('stream' in response) runHttp2(parts, request, response, awaitsContinue);
        return;
      }
      if (response instanceof ServerResponse)
        runHttp1(parts, request, response, { awaitsContinue });
    },
    upgrade(request, socket, head, listening) {
      if (isBusy(connections, socket)) return;
      if (wantsWebSocket(request)) runUpgrade(parts, request, head);
      else replayWithoutUpgrade(request, socket, head, listening.http);
    },
    connect(client) {
      if (client instanceof Http2ServerResponse) {
        client.writeHead(METHOD_NOT_ALLOWED.status).end();
        return;
      }
      if (isBusy(connections, client)) return;
      endWith(client, renderRefusal(METHOD_NOT_ALLOWED, runtime.settings, runtime.nextRequestId()));
    },
    clientError(error, socket) {
      const verdict = connections.judgeError(socket);
      if (verdict === 'destroy') socket.destroy();
      if (verdict !== 'refuse') return;
      refuse(error, socket, {
        settings: runtime.settings,
        requestId: runtime.nextRequestId(),
      });
    },
  };
}
