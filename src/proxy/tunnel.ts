/**
 * Upgrades (WebSocket): each on a fresh connection of its own, never pooled. First
 * `requestUpgrade` asks the upstream, then, if it agrees, `join` connects both sides.
 */
import {
  request as httpRequest,
  validateHeaderName,
  validateHeaderValue,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { ProxyError } from '../errors.ts';
import type { HeaderList } from '../http/headers.ts';
import { BAD_UPSTREAM, connectUpstream, SLOW_UPSTREAM } from './connect.ts';
import { joinStreams, type TunnelEnd } from './tunnel-join.ts';
import type { Peer, UpstreamTls } from './types.ts';

export interface UpgradeRequest {
  readonly peer: Peer;
  readonly tls?: UpstreamTls | undefined;
  readonly serverName?: string | undefined;
  readonly method: string;
  /** Origin-form. */
  readonly target: string;
  /** Complete, with Host, Connection and Upgrade; sent as given. */
  readonly headers: Readonly<HeaderList>;
  readonly connectTimeoutMs: number;
  /** Longest silence: of the upstream before its answer, of both sides in the tunnel. */
  readonly readTimeoutMs: number;
  /** Longest time a write to the upstream may wait. */
  readonly writeTimeoutMs: number;
  /** Largest response head. */
  readonly headBytesMax: number;
  /** Aborts the attempt (the client went away). */
  readonly signal?: AbortSignal | undefined;
}

/** The upstream's answer. One of `join`, `discard` or the end of `body` releases the connection. */
export type UpgradeAnswer =
  | {
      readonly kind: 'switched';
      readonly status: 101;
      /** As received; the caller edits a copy or this list and gives it to `join`. */
      readonly headers: HeaderList;
      /**
       * Writes the 101 head with `headers` to the client and pipes both ways. Resolves when both
       * sides are closed, never rejects; throws TypeError for a field that cannot be written. `clientHead` is what the client sent after its own head.
       * The caller listens to the client's `error` until then; from here on `join` does.
       */
      join(client: Duplex, clientHead: Buffer, headers: Readonly<HeaderList>): Promise<TunnelEnd>;
      /** Closes the upstream's connection instead. */
      discard(): void;
    }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly headers: HeaderList;
      /** Without transfer coding. Destroy it to give up. */
      readonly body: Readable;
    };

/**
 * Connects and sends the request. Rejects with ProxyError ERR_UPSTREAM_CONNECT (nothing was sent),
 * ERR_UPSTREAM_TIMEOUT, ERR_UPSTREAM_RESPONSE (closed early, malformed, head too large) or
 * ERR_CLIENT_ABORTED (`signal`).
 */
export async function requestUpgrade(request: UpgradeRequest): Promise<UpgradeAnswer> {
  const socket = await connectFor(request);
  return new Promise((resolve, reject) => {
    ask(request, socket, { resolve, reject });
  });
}

function clientAborted(): ProxyError {
  return new ProxyError('ERR_CLIENT_ABORTED', 'The client closed the connection');
}

function connectFor(request: UpgradeRequest): Promise<Socket> {
  const { peer, tls, serverName, signal, connectTimeoutMs: timeoutMs } = request;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(clientAborted());
    const target = { peer, tls, serverName, timeoutMs, allowHalfOpen: true };
    const connecting = connectUpstream(target, (error, socket) => {
      signal?.removeEventListener('abort', onAbort);
      if (error !== null) return reject(error);
      resolve(socket);
    });
    function onAbort(): void {
      reject(clientAborted());
      connecting?.destroy();
    }
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

interface Settle {
  resolve(answer: UpgradeAnswer): void;
  reject(error: ProxyError): void;
}

/** One exchange on a connection that serves nothing else, read by Node's own strict parser. */
function ask(request: UpgradeRequest, socket: Socket, settle: Settle): void {
  const { signal } = request;
  let answered = false;
  const timer = setTimeout(() => {
    fail(new ProxyError('ERR_UPSTREAM_TIMEOUT', SLOW_UPSTREAM));
  }, request.readTimeoutMs);
  const onAbort = (): void => fail(clientAborted());
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) return onAbort();

  let req: ClientRequest;
  try {
    req = httpRequest({
      createConnection: () => socket,
      method: request.method,
      path: request.target,
      // A flat list is sent line by line as it is.
      headers: [...request.headers],
      setHost: false,
      maxHeaderSize: request.headBytesMax,
    });
  } catch (cause) {
    // A field that Node refuses to write.
    return fail(new ProxyError('ERR_UPSTREAM_RESPONSE', BAD_UPSTREAM, { cause }));
  }
  req.on('upgrade', (res, _socket, head) => {
    succeed(switched(request, socket, { res, head }));
  });
  req.on('response', (res) => {
    // RFC 9110 section 15.2.2: a 101 names the protocol. To Node one that does not is a response.
    if (res.statusCode === 101) return onBroken(undefined);
    succeed(refused(request, socket, res));
  });
  req.on('error', onBroken).on('close', () => onBroken(undefined));
  req.end();

  function onBroken(cause: unknown): void {
    fail(new ProxyError('ERR_UPSTREAM_RESPONSE', BAD_UPSTREAM, { cause }));
  }
  function done(): void {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
  function succeed(answer: UpgradeAnswer): void {
    answered = true;
    done();
    settle.resolve(answer);
  }
  /** Also runs after success, when the exchange closes: then nobody is told. */
  function fail(error: ProxyError): void {
    if (answered) return;
    answered = true;
    done();
    // What the socket says while it goes is of no interest.
    socket.on('error', () => {}).destroy();
    settle.reject(error);
  }
}

interface Switch {
  readonly res: IncomingMessage;
  /** What the upstream sent right after its head. */
  readonly head: Buffer;
}

function switched(request: UpgradeRequest, upstream: Socket, { res, head }: Switch): UpgradeAnswer {
  // Node has let go of the socket: until `join`, nobody else listens.
  upstream.on('error', () => {});
  return {
    kind: 'switched',
    status: 101,
    headers: res.rawHeaders,
    join(client, clientHead, headers) {
      const head101 = writableHead(headers, client, upstream);
      if (head.length > 0) upstream.unshift(head);
      if (clientHead.length > 0) client.unshift(clientHead);
      if (!client.destroyed) client.write(head101, 'latin1');
      return joinStreams(
        { client, upstream },
        { idleMs: request.readTimeoutMs, writeMs: request.writeTimeoutMs },
      );
    },
    discard() {
      upstream.destroy();
    },
  };
}

/** Closes both connections when a field cannot be written, and throws on. */
function writableHead(headers: Readonly<HeaderList>, client: Duplex, upstream: Socket): string {
  try {
    return switchHead(headers);
  } catch (error) {
    client.destroy();
    upstream.destroy();
    throw error;
  }
}

function switchHead(headers: Readonly<HeaderList>): string {
  let head = 'HTTP/1.1 101 Switching Protocols\r\n';
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const value = headers[i + 1] ?? '';
    validateHeaderName(name);
    validateHeaderValue(name, value);
    head += `${name}: ${value}\r\n`;
  }
  return `${head}\r\n`;
}

function refused(request: UpgradeRequest, socket: Socket, res: IncomingMessage): UpgradeAnswer {
  socket.setTimeout(request.readTimeoutMs, () => {
    res.destroy(new ProxyError('ERR_UPSTREAM_TIMEOUT', SLOW_UPSTREAM));
  });
  // The connection serves nothing else, however the answer ends.
  res.once('close', () => socket.destroy());
  return {
    kind: 'refused',
    status: res.statusCode ?? 502,
    headers: res.rawHeaders,
    body: res,
  };
}
