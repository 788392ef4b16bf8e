/**
 * Request bodies. Buffered (`request_buffering: true`) a body is read whole before the upstream is
 * contacted, in memory or in a temporary file, and can be sent again; streamed it passes through.
 */
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { Readable } from 'node:stream';
import { ProxyError } from '../errors.ts';
import { createSpillFile } from './spill-file.ts';
import type { SpillFile } from './spill-file.ts';

export type IncomingRequest = IncomingMessage | Http2ServerRequest;

/** What goes upstream after the head. All but a `stream` that has started may be sent again. */
export type UpstreamBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'memory'; readonly bytes: Buffer }
  | FileBody
  | StreamBody;

/** A body too large for memory, in a temporary file that has no name any more. */
export interface FileBody {
  readonly kind: 'file';
  readonly size: number;
  /** A new stream over the whole body, for one try. */
  open(): Readable;
  /** The whole body in memory, for plugins that ask for it. */
  bytes(): Promise<Buffer>;
  /** Gives the disk space back once no stream reads it. To be called when the request is over. */
  release(): void;
}

/** A body that passes through. */
export interface StreamBody {
  readonly kind: 'stream';
  /** The client's Content-Length; `undefined` is sent chunked. */
  readonly length: number | undefined;
  /** The stream for one try. Destroying it leaves the client's connection alone. */
  open(): Readable;
  /** True once a byte was taken from it: it cannot be sent again. */
  started(): boolean;
  /** How many were taken. */
  received(): number;
  /** Drops what was not sent, so that the client gets to read its answer. For the request's end. */
  release(): void;
  /** Set when the stream failed through the client's fault; look here before the error. */
  failure(): BodyFailure | undefined;
}

/** `too-large` is 413, `timeout` is 408, `aborted` is 499. */
export type BodyFailure = 'too-large' | 'timeout' | 'aborted';

export type BodyResult =
  | { readonly kind: 'body'; readonly body: UpstreamBody }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'timeout' };

/** A part of `Settings`. */
export interface BodyLimits {
  /** 0 = unlimited. */
  readonly clientMaxBodyBytes: number;
  readonly clientBodyBufferBytes: number;
  /** Between two successive reads. */
  readonly clientBodyTimeoutMs: number;
}

const NO_BODY: BodyResult = { kind: 'body', body: { kind: 'none' } };
const TOO_LARGE: BodyResult = { kind: 'too-large' };
const TIMEOUT: BodyResult = { kind: 'timeout' };

/**
 * Reads the whole body. Synchronous when there is none or when its Content-Length is already too
 * much. Rejects with ProxyError ERR_CLIENT_ABORTED when the client goes away, and with a system
 * error when the temporary file fails. After `too-large` and `timeout` the rest of the body is
 * discarded as it comes; the answer should close the connection.
 */
export function readBody(
  req: IncomingRequest,
  limits: BodyLimits,
): BodyResult | Promise<BodyResult> {
  if (!hasBody(req)) return NO_BODY;
  if (exceeds(contentLength(req) ?? 0, limits)) return refuse(req);
  return new Promise((resolve, reject) => {
    collect(req, limits, { resolve, reject });
  });
}

/** Hands the body on while it arrives (`request_buffering: false`), with the same limits. */
export function streamBody(req: IncomingRequest, limits: BodyLimits): BodyResult {
  if (!hasBody(req)) return NO_BODY;
  const length = contentLength(req);
  if (exceeds(length ?? 0, limits)) return refuse(req);
  const flow: Flow = { bytes: 0, failure: undefined };
  const body: StreamBody = {
    kind: 'stream',
    length,
    open: () => openStream(req, limits, flow),
    started: () => flow.bytes > 0,
    received: () => flow.bytes,
    release: () => void req.resume(),
    failure: () => flow.failure,
  };
  return { kind: 'body', body };
}

/** RFC 9112 section 6.3: a body is announced by either field; HTTP/2 ends the stream instead. */
function hasBody(req: IncomingRequest): boolean {
  if ('stream' in req) return !req.stream.endAfterHeaders;
  return (
    req.headers['content-length'] !== undefined || req.headers['transfer-encoding'] !== undefined
  );
}

function contentLength(req: IncomingRequest): number | undefined {
  const text = req.headers['content-length'];
  return text === undefined ? undefined : Number(text);
}

function exceeds(bytes: number, limits: BodyLimits): boolean {
  return limits.clientMaxBodyBytes > 0 && bytes > limits.clientMaxBodyBytes;
}

function refuse(req: IncomingRequest): BodyResult {
  req.resume();
  return TOO_LARGE;
}

function clientAborted(cause?: unknown): ProxyError {
  return new ProxyError('ERR_CLIENT_ABORTED', 'The client closed the connection', { cause });
}

interface Settle {
  resolve(result: BodyResult): void;
  reject(error: unknown): void;
}

/** Fills memory, then a file, from the request's events; settles exactly once. */
function collect(req: IncomingRequest, limits: BodyLimits, settle: Settle): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let file: SpillFile | undefined;

  const timer = setTimeout(() => stop(() => settle.resolve(TIMEOUT)), limits.clientBodyTimeoutMs);
  req.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  // Its events may be over when the client left before anybody listened.
  if (req.destroyed && !req.readableEnded) onGone();

  /** Stops listening and throws away what was read. */
  function stop(answer: () => void): void {
    detach();
    // An error after this one has nobody left to tell.
    req.on('error', () => {}).resume();
    file?.release();
    answer();
  }
  function detach(): void {
    clearTimeout(timer);
    req.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
  }
  function onData(chunk: Buffer): void {
    size += chunk.length;
    if (exceeds(size, limits)) return stop(() => settle.resolve(TOO_LARGE));
    timer.refresh();
    if (file === undefined && size <= limits.clientBodyBufferBytes) {
      chunks.push(chunk);
      return;
    }
    file ??= createSpillFile();
    req.pause();
    file.write([...chunks.splice(0), chunk]).then(onWritten, onFileError);
  }
  function onWritten(): void {
    timer.refresh();
    req.resume();
  }
  function onFileError(error: unknown): void {
    stop(() => settle.reject(error));
  }
  function onEnd(): void {
    detach();
    if (file === undefined) settle.resolve(memoryBody(chunks, size));
    else settle.resolve({ kind: 'body', body: file.body(size) });
  }
  function onGone(cause?: unknown): void {
    stop(() => settle.reject(clientAborted(cause)));
  }
}

function memoryBody(chunks: readonly Buffer[], size: number): BodyResult {
  const only = chunks.length === 1 ? chunks[0] : undefined;
  return { kind: 'body', body: { kind: 'memory', bytes: only ?? Buffer.concat(chunks, size) } };
}

/** What all tries of one streamed body share. */
interface Flow {
  bytes: number;
  failure: BodyFailure | undefined;
}

const FAILURE_TEXT: Record<Exclude<BodyFailure, 'aborted'>, string> = {
  'too-large': 'Payload too large',
  timeout: 'Request timeout',
};

/** A stream of its own, because undici destroys what it was given and the request must survive that. */
function openStream(req: IncomingRequest, limits: BodyLimits, flow: Flow): Readable {
  if (flow.bytes > 0) throw new Error('a streamed body cannot be sent twice');
  let timer: NodeJS.Timeout | undefined;
  const stream = new Readable({
    read() {
      timer ??= setTimeout(() => fail('timeout'), limits.clientBodyTimeoutMs);
      timer.refresh();
      req.resume();
    },
    destroy(error, done) {
      clearTimeout(timer);
      req.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      // What comes later has nobody left to tell.
      req.on('error', () => {});
      // Untouched it waits for the next try; else the rest is read and dropped.
      if (flow.bytes > 0) req.resume();
      else req.pause();
      done(error);
    },
  });
  req.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  req.pause();
  if (req.destroyed && !req.readableEnded) onGone();
  return stream;

  function fail(failure: BodyFailure, cause?: unknown): void {
    flow.failure = failure;
    stream.destroy(failure === 'aborted' ? clientAborted(cause) : new Error(FAILURE_TEXT[failure]));
  }
  function onData(chunk: Buffer): void {
    flow.bytes += chunk.length;
    if (exceeds(flow.bytes, limits)) return fail('too-large');
    timer?.refresh();
    if (stream.push(chunk)) return;
    req.pause();
    // While the upstream is the slow one, the client is not to blame.
    clearTimeout(timer);
    timer = undefined;
  }
  function onEnd(): void {
    clearTimeout(timer);
    stream.push(null);
  }
  function onGone(cause?: unknown): void {
    if (!req.readableEnded) fail('aborted', cause);
  }
}
