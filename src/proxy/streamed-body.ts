/** A request body on its way into an HTTP/2 stream, and once more into another if the first was refused. */
import type { ClientHttp2Stream } from 'node:http2';
import type { Readable } from 'node:stream';
import type { FileBody, StreamBody } from './body.ts';

/** What is kept of a body that cannot be read twice, until there is an answer. */
const REPLAY_BYTES_MAX = 64 * 1024;

export interface SendOptions {
  /** How long the upstream may take nothing. */
  readonly stalledMs: number;
  readonly onStalled: () => void;
  /** The body itself failed: the client's fault. */
  readonly onBroken: (error: Error) => void;
}

export class StreamedBody {
  readonly #body: FileBody | StreamBody;
  #source: Readable | undefined;
  #isOver = false;
  /** What went out so far; `undefined` once it was too much to keep. */
  #kept: Buffer[] | undefined = [];
  #keptBytes = 0;
  #stream: ClientHttp2Stream | undefined;
  #options: SendOptions | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(body: FileBody | StreamBody) {
    this.#body = body;
  }

  /** Whether `send` could begin at the first byte again. */
  get canRepeat(): boolean {
    return this.#kept !== undefined || this.#body.kind === 'file';
  }

  /** From the first byte into this stream. */
  send(stream: ClientHttp2Stream, options: SendOptions): void {
    this.#stream = stream;
    this.#options = options;
    stream.on('drain', () => {
      if (this.#stream === stream) this.#flow();
    });
    if (this.#body.kind === 'file') this.#rewind();
    for (const chunk of this.#kept ?? []) stream.write(chunk);
    if (this.#isOver) stream.end();
    else if (this.#source === undefined) this.#open();
    else this.#flow();
  }

  /** The stream is over without an answer: the rest waits for another one. */
  detach(): void {
    clearTimeout(this.#timer);
    this.#stream = undefined;
    this.#source?.pause();
  }

  /** There is an answer: nothing will be sent again. */
  forget(): void {
    this.#kept = undefined;
  }

  close(): void {
    this.detach();
    this.forget();
    this.#source?.destroy();
  }

  #rewind(): void {
    this.#source?.destroy();
    this.#source = undefined;
    this.#isOver = false;
    this.#kept = undefined;
  }

  #open(): void {
    const source = this.#body.open();
    this.#source = source;
    source.on('data', (chunk: Buffer) => this.#take(chunk));
    source.once('end', () => {
      if (this.#source !== source) return;
      this.#isOver = true;
      this.#stream?.end();
    });
    source.once('error', (error) => {
      if (this.#source === source) this.#options?.onBroken(error);
    });
  }

  #take(chunk: Buffer): void {
    this.#keep(chunk);
    const stream = this.#stream;
    if (stream === undefined || stream.destroyed || stream.write(chunk)) return;
    this.#source?.pause();
    const { stalledMs, onStalled } = this.#options ?? {};
    if (onStalled !== undefined) this.#timer = setTimeout(onStalled, stalledMs);
  }

  #keep(chunk: Buffer): void {
    if (this.#kept === undefined) return;
    this.#keptBytes += chunk.length;
    if (this.#keptBytes > REPLAY_BYTES_MAX) this.#kept = undefined;
    else this.#kept.push(chunk);
  }

  #flow(): void {
    clearTimeout(this.#timer);
    this.#source?.resume();
  }
}
