/** A client that is nobody: it sends one request and takes the answer down. */
import { EventEmitter, once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket, isIP } from 'node:net';
import type { ClientExchange } from '../gateway/client.ts';
import { headerValue, type HeaderList } from '../http/headers.ts';

export interface SimulatedRequest {
  readonly method: string;
  /** Path and query, as the client sends it. */
  readonly target: string;
  readonly scheme: 'http' | 'https';
  /** Alternating names and values, Host included. */
  readonly headers: readonly string[];
  /** Absent or empty: none. */
  readonly body?: Buffer | undefined;
  /** 127.0.0.1 when absent. */
  readonly clientAddress?: string | undefined;
  /** The clients' address is one of `trusted_ips`. */
  readonly trusted?: boolean;
}

export interface ClientAnswer {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Buffer;
  /** The connection was cut before the answer was whole. */
  readonly isCut: boolean;
}

export interface RecordingClient {
  readonly client: ClientExchange;
  readonly answered: Promise<ClientAnswer>;
}

const PORTS = { http: 80, https: 443 } as const;

/** An HTTP/1.1 client on a connection of its own. */
export function recordingClient(request: SimulatedRequest): RecordingClient {
  const ended = new EventEmitter();
  let status = 0;
  let head: HeaderList = [];
  let isCut = false;
  const chunks: Uint8Array[] = [];
  const answered = once(ended, 'end').then(() => ({
    status,
    headers: head,
    body: Buffer.concat(chunks),
    isCut,
  }));
  const finish = (): void => void ended.emit('end');
  const begin = (code: number, list: HeaderList): void => {
    status = code;
    head = list;
  };
  const client: ClientExchange = {
    ...sentBy(request),
    upgrade: undefined,
    releaseSocket: () => undefined,
    continueRequest() {},
    countSent() {},
    sentBytes: () => undefined,
    writeHead: begin,
    writeWhole(code, list) {
      begin(code, list);
      finish();
    },
    write(chunk) {
      chunks.push(chunk);
      return true;
    },
    pendingBytes: () => 0,
    onceDrained() {},
    end(body) {
      if (body !== undefined) chunks.push(Buffer.from(body));
      finish();
    },
    destroy() {
      isCut = true;
      finish();
    },
    onceClosed() {},
  };
  return { client, answered };
}

type Sent = Pick<
  ClientExchange,
  'connection' | 'request' | 'method' | 'httpVersion' | 'target' | 'headers'
>;

function sentBy({ method, target, scheme, headers, ...rest }: SimulatedRequest): Sent {
  const { body, clientAddress = '127.0.0.1', trusted = false } = rest;
  const fields = [...headers];
  const message = new IncomingMessage(new Socket());
  if (body !== undefined && body.length > 0) {
    const length = String(body.length);
    if (headerValue(fields, 'content-length') === undefined) fields.push('Content-Length', length);
    message.headers['content-length'] = length;
    message.push(body);
  }
  message.push(null);
  const port = PORTS[scheme];
  return {
    connection: {
      address: clientAddress,
      trusted,
      scheme,
      port,
      publicPort: port,
      remotePort: 0,
      serverName: scheme === 'https' ? serverNameOf(fields) : undefined,
      tls: undefined,
    },
    request: message,
    method,
    httpVersion: '1.1',
    target,
    headers: fields,
  };
}

/** Clients name the host of the URL in TLS, unless it is an address (RFC 6066 section 3). */
function serverNameOf(headers: HeaderList): string | undefined {
  const name = (headerValue(headers, 'host') ?? '').replace(/:\d*$/, '').toLowerCase();
  return name === '' || name.startsWith('[') || isIP(name) !== 0 ? undefined : name;
}
