/** The embedded upstream: a small httpbin that answers with what it saw. For demos, benchmarks and tests. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { acceptEcho } from './websocket-echo.ts';

const DELAY_S_MAX = 10;
const STREAM_LINES_MAX = 100;
const BYTES_MAX = 10_000_000;
const BODY_BYTES_MAX = 10_000_000;
const EVENT_INTERVAL_MS = 1_000;

export interface Echo {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

export interface EchoOptions {
  readonly host: string;
  /** 0 asks the system for a free port. */
  readonly port: number;
}

/** Starts the echo upstream. Rejects with the system's error when it cannot listen. */
export async function startEcho({ host, port }: EchoOptions): Promise<Echo> {
  const server = createServer({ keepAliveTimeout: 120_000 }, (req, res) => {
    void answer(req, res).catch(() => res.destroy());
  });
  server.on('upgrade', acceptEcho);
  // An upgraded connection is not the HTTP server's any more: closing it is up to us.
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const bound = portOf(server.address());
  return {
    url: `http://${host}:${bound}`,
    port: bound,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function portOf(address: string | AddressInfo | null): number {
  return address !== null && typeof address === 'object' ? address.port : 0;
}

type Answer = (req: IncomingMessage, res: ServerResponse, argument: string) => void | Promise<void>;

/** First path segment → what answers it. Everything else gets the JSON report. */
const ANSWERS: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ['status', (req, res, code) => report(req, res, clamp(code, 200, 599, 200))],
  ['delay', delayed],
  ['stream', streamLines],
  ['sse', sendEvents],
  ['bytes', (_req, res, count) => sendBytes(res, clamp(count, 0, BYTES_MAX, 0))],
  ['headers', async (req, res) => sendJson(res, 200, { headers: headersOf(req) })],
]);

/** The service path may stand before ours (`/anything/status/418`), so the last known segment decides. */
async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const segments = pathOf(req).split('/').slice(1);
  const at = segments.findLastIndex((segment) => ANSWERS.has(segment));
  const named = at < 0 ? undefined : ANSWERS.get(segments[at] ?? '');
  await (named ?? reportOk)(req, res, segments[at + 1] ?? '');
}

const reportOk: Answer = (req, res) => report(req, res, 200);

async function report(req: IncomingMessage, res: ServerResponse, status: number): Promise<void> {
  const data = await readBody(req);
  const url = new URL(pathAndQuery(req), 'http://upstream');
  sendJson(res, status, {
    method: req.method,
    url: `http://${req.headers.host ?? ''}${req.url ?? ''}`,
    path: url.pathname,
    args: groupPairs([...url.searchParams]),
    headers: headersOf(req),
    data,
    json: parseJson(data),
    origin: req.headers['x-forwarded-for'] ?? req.socket.remoteAddress ?? '',
  });
}

function sendJson(res: ServerResponse, status: number, body: unknown): void {
  const text = `${JSON.stringify(body, null, 2)}\n`;
  res.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  res.end(res.req.method === 'HEAD' ? undefined : text);
}

async function delayed(req: IncomingMessage, res: ServerResponse, seconds: string): Promise<void> {
  const wait = Math.min(Math.max(Number(seconds) || 0, 0), DELAY_S_MAX) * 1000;
  await new Promise((resolve) => setTimeout(resolve, wait));
  await report(req, res, 200);
}

/** `/stream/N`: N lines of JSON, chunked, one write each. */
function streamLines(req: IncomingMessage, res: ServerResponse, count: string): void {
  res.writeHead(200, { 'Content-Type': 'application/json' });
  const lines = clamp(count, 1, STREAM_LINES_MAX, 1);
  for (let id = 0; id < lines; id += 1) {
    res.write(`${JSON.stringify({ id, method: req.method, url: req.url })}\n`);
  }
  res.end();
}

/** `/sse`: an event at once and one each second until the client goes; `/sse/N` ends after N. */
function sendEvents(_req: IncomingMessage, res: ServerResponse, count: string): void {
  const last = clamp(count, 1, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  let id = 0;
  const send = () => {
    id += 1;
    res.write(`id: ${id}\ndata: {"n":${id}}\n\n`);
    if (id >= last) res.end();
  };
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
  const timer = setInterval(send, EVENT_INTERVAL_MS);
  res.once('close', () => clearInterval(timer));
  send();
}

function sendBytes(res: ServerResponse, count: number): void {
  res.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': count });
  res.end(Buffer.alloc(count, 'a'));
}

function pathAndQuery(req: IncomingMessage): string {
  const target = req.url ?? '/';
  return target.startsWith('/') ? target : '/';
}

function pathOf(req: IncomingMessage): string {
  return pathAndQuery(req).split('?', 1)[0] ?? '/';
}

/** A repeated name keeps all its values in order. Null-prototype: the client chooses the names. */
function groupPairs(pairs: readonly (readonly [string, string])[]): object {
  const grouped: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of pairs) {
    const earlier = grouped[name];
    grouped[name] = earlier === undefined ? value : [earlier, value].flat();
  }
  return grouped;
}

function headersOf(req: IncomingMessage): object {
  const pairs: [string, string][] = [];
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    pairs.push([req.rawHeaders[i] ?? '', req.rawHeaders[i + 1] ?? '']);
  }
  return groupPairs(pairs);
}

async function readBody(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > BODY_BYTES_MAX) throw new Error('request body too large for the echo');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The parsed body, or `null` where it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function clamp(text: string, min: number, max: number, fallback: number): number {
  const value = Number.parseInt(text, 10);
  return Number.isNaN(value) ? fallback : Math.min(Math.max(value, min), max);
}
