/** Upstreams for tests: a well-behaved one that records what it saw, and a raw one that does anything. */
import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  /** `Name: value` lines as received, in order. */
  readonly lines: readonly string[];
  readonly body: string;
}

export interface Origin {
  readonly url: string;
  readonly port: number;
  /** Connections open at this moment. */
  connections(): number;
}

export interface RecordingOrigin extends Origin {
  readonly seen: readonly SeenRequest[];
}

type Respond = (req: IncomingMessage, res: ServerResponse, seen: SeenRequest) => void;

const answerOk: Respond = (_req, res) => {
  res.end('ok');
};

/** An HTTP upstream: reads the whole request, records it, then lets `respond` answer (default: 200 `ok`). */
export async function startOrigin(
  t: TestContext,
  respond: Respond = answerOk,
): Promise<RecordingOrigin> {
  const seen: SeenRequest[] = [];
  const server = createHttpServer({ keepAliveTimeout: 60_000 }, (req, res) => {
    const chunks: Buffer[] = [];
    req.on('error', () => {});
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const request = describe(req, Buffer.concat(chunks).toString('latin1'));
      seen.push(request);
      respond(req, res, request);
    });
  });
  return { ...(await listen(t, server)), seen };
}

/** A TCP upstream: `serve` gets each connection. Its sockets go with the test. */
export async function startRawOrigin(
  t: TestContext,
  serve: (socket: Socket) => void,
): Promise<Origin> {
  return listen(
    t,
    createServer((socket) => {
      socket.on('error', () => socket.destroy());
      serve(socket);
    }),
  );
}

/** Calls back with the text received so far when a request head is complete, once for each connection. */
export function onRequestHead(socket: Socket, act: (head: string) => void): void {
  let text = '';
  const read = (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (!text.includes('\r\n\r\n')) return;
    socket.off('data', read);
    socket.resume();
    act(text);
  };
  socket.on('data', read);
}

/** A port on 127.0.0.1 where nothing listens: it was free a moment ago and is not handed out again soon. */
export async function deadPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

async function listen(t: TestContext, server: Server): Promise<Origin> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  t.after(async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  return { url: `http://127.0.0.1:${port}`, port, connections: () => sockets.size };
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}

function describe(req: IncomingMessage, body: string): SeenRequest {
  const lines: string[] = [];
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    lines.push(`${req.rawHeaders[i]}: ${req.rawHeaders[i + 1]}`);
  }
  return { method: req.method ?? '', url: req.url ?? '', lines, body };
}
