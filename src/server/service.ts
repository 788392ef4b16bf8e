/** What a listener's events lead to: a request becomes an exchange, anything else is refused. */
import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { ClientExchange } from '../gateway/client.ts';
import { handleRequest } from '../gateway/handle.ts';
import type { Runtime } from '../gateway/runtime.ts';
import { accessLine } from './access-log.ts';
import type { Connections, ConnectionState } from './connections.ts';
import type { Current } from './current.ts';
import { Http1Client } from './http1-client.ts';
import { Http2Client } from './http2-client.ts';
import type { Listening } from './listen.ts';
import { refuse, renderRefusal } from './refuse.ts';
import { replayWithoutUpgrade, wantsWebSocket } from './upgrade-offer.ts';

export interface Service {
  opened(socket: Socket, listening: Listening): void;
  session(session: ServerHttp2Session): void;
  request(
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
    awaitsContinue: boolean,
  ): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, listening: Listening): void;
  connect(socket: Duplex): void;
  clientError(error: Error, socket: Duplex): void;
}

export interface ServiceParts {
  readonly runtime: Runtime;
  readonly current: Current;
  readonly connections: Connections;
  readonly state: { readonly draining: boolean };
  readonly accessLog: ((line: string) => void) | undefined;
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
): void {
  const { session } = request.stream;
  const connection = session === undefined ? undefined : parts.connections.of(session);
  if (connection === undefined) request.stream.destroy();
  else run(parts, new Http2Client(request, response, connection.facts), connection);
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
      const serverName = socket instanceof TLSSocket ? socket.servername : undefined;
      connections.open(socket, listener, typeof serverName === 'string' ? serverName : undefined);
    },
    session(session) {
      connections.adopt(session);
    },
    request(request, response, awaitsContinue) {
      if ('stream' in request) {
        if ('stream' in response) runHttp2(parts, request, response);
        return;
      }
      if (response instanceof ServerResponse)
        runHttp1(parts, request, response, { awaitsContinue });
    },
    upgrade(request, socket, head, listening) {
      if (wantsWebSocket(request)) runUpgrade(parts, request, head);
      else replayWithoutUpgrade(request, socket, head, listening.http);
    },
    connect(socket) {
      const refusal = { status: 405, message: 'Method not allowed' };
      socket.end(renderRefusal(refusal, runtime.settings, runtime.nextRequestId()));
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
