/** One HTTP/1 request and the means to answer it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ClientExchange, ConnectionFacts, UpgradeOffer } from '../gateway/client.ts';
import type { HeaderList } from '../http/headers.ts';

/** How long the rest of an unwanted body may take. */
const LINGER_MS = 5000;

export class Http1Client implements ClientExchange {
  readonly connection: ConnectionFacts;
  readonly request: IncomingMessage;
  readonly method: string;
  readonly httpVersion: '1.0' | '1.1';
  readonly target: string;
  readonly headers: HeaderList;
  readonly upgrade: UpgradeOffer | undefined;
  readonly #response: ServerResponse;
  readonly #mustClose: () => boolean;
  #awaitsContinue: boolean;
  #wasContinued = false;
  #released = false;
  /** The connection's count when this answer begins; `undefined` while an earlier one is under way. */
  #writtenBefore: number | undefined = undefined;

  constructor(init: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly connection: ConnectionFacts;
    readonly awaitsContinue: boolean;
    readonly upgrade: UpgradeOffer | undefined;
    /** True while the server drains: the connection ends with this answer. */
    readonly mustClose: () => boolean;
  }) {
    this.request = init.request;
    this.#response = init.response;
    this.connection = init.connection;
    this.method = init.request.method ?? 'GET';
    this.httpVersion = init.request.httpVersion === '1.0' ? '1.0' : '1.1';
    this.target = init.request.url ?? '/';
    this.headers = init.request.rawHeaders;
    this.upgrade = init.upgrade;
    this.#awaitsContinue = init.awaitsContinue;
    this.#mustClose = init.mustClose;
    if (init.upgrade !== undefined) this.#watchForEnd();
  }

  /**
   * Between the request and the tunnel nobody reads the connection, and a client that closes it would
   * go unnoticed. What it sends meanwhile stays where it is, for the tunnel.
   */
  #watchForEnd(): void {
    const { socket } = this.request;
    socket.on('readable', this.#readToEnd);
    socket.once('end', this.#closeEarly);
  }

  readonly #readToEnd = (): void => {
    const { socket } = this.request;
    if (socket.readableLength === 0) socket.read();
  };

  readonly #closeEarly = (): void => {
    this.request.socket.destroy();
  };

  continueRequest(): void {
    if (!this.#awaitsContinue) return;
    this.#awaitsContinue = false;
    this.#wasContinued = true;
    this.#response.writeContinue();
  }

  writeHead(status: number, headers: HeaderList): void {
    // A client that was never told to continue may or may not send its body: the next bytes cannot
    // be told apart, so the connection ends here.
    const isUnclear = this.#awaitsContinue || this.#stopsMidway(status);
    if (isUnclear || this.#mustClose()) headers.push('Connection', 'close');
    this.#response.writeHead(status, headers);
  }

  /** A client that was told to go on and is refused then may leave its body unfinished: curl does at 417. */
  #stopsMidway(status: number): boolean {
    return this.#wasContinued && status >= 400 && !this.request.complete;
  }

  writeWhole(status: number, headers: HeaderList): void {
    this.writeHead(status, headers);
    this.end(undefined, []);
  }

  countSent(): void {
    const { socket } = this.#response;
    if (socket !== null) this.#writtenBefore = socket.bytesWritten;
    // A pipelined request: its answer gets the connection after the one before.
    else this.#response.once('socket', () => this.countSent());
  }

  sentBytes(): number | undefined {
    const before = this.#writtenBefore;
    return before === undefined ? undefined : this.request.socket.bytesWritten - before;
  }

  write(chunk: Buffer): boolean {
    return this.#response.write(chunk);
  }

  pendingBytes(): number {
    return this.#response.writableLength;
  }

  onceDrained(listener: () => void): void {
    this.#response.once('drain', listener);
  }

  end(body: string | Uint8Array | undefined, trailers: HeaderList): void {
    if (trailers.length > 0) this.#response.addTrailers(pairs(trailers));
    // Once the client has its answer: until then there is a reason to wait.
    this.#response.once('finish', () => {
      this.#boundUnreadBody();
    });
    if (body === undefined) this.#response.end();
    else this.#response.end(body);
  }

  /**
   * Node goes on reading a body that nobody wanted, so that the connection can be used again. That
   * must end, however slowly the client sends (nginx: lingering_timeout).
   */
  #boundUnreadBody(): void {
    const { request } = this;
    if (request.complete) return;
    const timer = setTimeout(() => request.socket.destroy(), LINGER_MS);
    timer.unref();
    request.once('close', () => {
      clearTimeout(timer);
    });
  }

  destroy(): void {
    this.#response.destroy();
    this.request.socket.destroy();
  }

  onceClosed(listener: (finished: boolean) => void): void {
    const response = this.#response;
    if (this.upgrade === undefined) {
      response.once('close', () => {
        listener(response.writableFinished);
      });
      return;
    }
    // The connection of an upgrade is not the HTTP server's any more: it ends with its socket.
    this.request.socket.once('close', () => {
      listener(this.#released || response.writableFinished);
    });
  }

  releaseSocket(): Duplex | undefined {
    if (this.upgrade === undefined) return undefined;
    const { socket } = this.request;
    this.#response.detachSocket(socket);
    this.#released = true;
    socket.off('readable', this.#readToEnd);
    socket.off('end', this.#closeEarly);
    return socket;
  }
}

function pairs(list: Readonly<HeaderList>): [string, string][] {
  const result: [string, string][] = [];
  for (let i = 0; i < list.length; i += 2) result.push([list[i] ?? '', list[i + 1] ?? '']);
  return result;
}
