/** An identity provider for tests: a JWK set, an introspection endpoint, and what it was asked. */
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';

export interface IssuerRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
  /** Common name of the client's certificate. */
  readonly clientName: string | undefined;
}

export interface IssuerAnswer {
  readonly status?: number;
  readonly body: unknown;
  readonly type?: string;
  readonly delayMs?: number;
}

export type Answer = (request: IssuerRequest) => IssuerAnswer;

export interface Issuer {
  /** `/jwks` answers with the keys, `/introspect` with what `introspect` says. */
  readonly url: string;
  readonly jwks: string;
  readonly endpoint: string;
  readonly seen: readonly IssuerRequest[];
  /** Requests of one path. */
  count(path: '/jwks' | '/introspect'): number;
  /** What the two paths answer with; replace at will. */
  keys: Answer;
  introspect: Answer;
}

/** Starts one on a free loopback port; it ends with the test. */
export async function startIssuer(t: TestContext, tls?: ServerOptions): Promise<Issuer> {
  const seen: IssuerRequest[] = [];
  const listener: RequestListener = (req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('error', () => undefined);
    req.on('end', () => {
      const request: IssuerRequest = {
        method: req.method ?? '',
        path: req.url ?? '',
        authorization: req.headers.authorization,
        contentType: req.headers['content-type'],
        body: Buffer.concat(chunks).toString('latin1'),
        clientName: clientNameOf(req.socket),
      };
      seen.push(request);
      const answer = request.path === '/jwks' ? issuer.keys(request) : issuer.introspect(request);
      const send = (): void => {
        res.writeHead(answer.status ?? 200, { 'content-type': answer.type ?? 'application/json' });
        res.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
      };
      if (answer.delayMs === undefined) send();
      else timers.add(setTimeout(send, answer.delayMs));
    });
  };
  const timers = new Set<NodeJS.Timeout>();
  const server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
  t.after(async () => {
    for (const timer of timers) clearTimeout(timer);
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${portOf(server.address())}`;
  const issuer: Issuer = {
    url,
    jwks: `${url}/jwks`,
    endpoint: `${url}/introspect`,
    seen,
    count: (path) => seen.filter((request) => request.path === path).length,
    keys: () => ({ status: 404, body: {} }),
    introspect: () => ({ status: 404, body: {} }),
  };
  return issuer;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}

function clientNameOf(socket: object): string | undefined {
  if (!isTlsSocket(socket)) return undefined;
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  return typeof name === 'string' ? name : undefined;
}

const isTlsSocket = (socket: object): socket is TLSSocket => 'getPeerCertificate' in socket;
