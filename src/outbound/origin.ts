/** Calls to one origin: a small pool of connections, a bounded queue, a breaker. */
import type { LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { buildConnector, Dispatcher, Pool } from 'undici';
import { OutboundError, ProxyError } from '../errors.ts';
import type { OutboundRequest, OutboundTls } from '../services.ts';
import { undici } from '../undici.ts';
import { isLinkLocal, isPublic } from './addresses.ts';
import { createBreaker } from './breaker.ts';
import { bodyFor } from './request-body.ts';

/** An address of a name. */
export type Resolve = (
  host: string,
) => readonly { readonly ip: string }[] | Promise<readonly { readonly ip: string }[]>;

export interface OriginOptions {
  /** `https://idp.example:8443`. */
  readonly origin: string;
  /** `public` refuses addresses of private networks. */
  readonly reach: 'any' | 'public';
  readonly tls: OutboundTls | undefined;
  readonly resolve: Resolve;
  /** How long an idle connection is kept. */
  readonly keepaliveMs: number;
  readonly connectMs: number;
}

/** One call, with everything decided. */
export interface OriginCall {
  readonly method: OutboundRequest['method'];
  /** Path with query. */
  readonly path: string;
  readonly headers: string[];
  readonly body: string | Uint8Array | undefined;
  readonly bytesMax: number;
  readonly signal: AbortSignal;
  /** Milliseconds; 0: only the signal limits it. */
  readonly sendMs: number;
  readonly readMs: number;
}

export interface OriginAnswer {
  readonly status: number;
  readonly headers: string[];
  readonly body: Buffer;
}

export interface Origin {
  /** Rejects with OutboundError. */
  call(call: OriginCall): Promise<OriginAnswer>;
  readonly active: number;
  /** Milliseconds on the clock of `performance.now`. */
  readonly usedAt: number;
  close(): Promise<void>;
}

const CONNECTIONS_MAX = 8;
/** Calls under way or waiting for a connection. */
const CALLS_MAX = 128;
const HEADER_BYTES_MAX = 32 * 1024;
const BREAKER = { failuresMax: 10, pauseMs: 500, pauseMaxMs: 15_000 } as const;

export function createOrigin(options: OriginOptions): Origin {
  const pool = new (undici().Pool)(options.origin, {
    connect: connectorFor(options),
    connections: CONNECTIONS_MAX,
    pipelining: 1,
    keepAliveTimeout: options.keepaliveMs,
    keepAliveMaxTimeout: options.keepaliveMs,
    maxHeaderSize: HEADER_BYTES_MAX,
    // The signal of a call limits it as a whole.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const breaker = createBreaker({ ...BREAKER, now: () => performance.now() });
  let active = 0;
  let usedAt = performance.now();

  async function call(wanted: OriginCall): Promise<OriginAnswer> {
    usedAt = performance.now();
    if (active >= CALLS_MAX) {
      throw new OutboundError('ERR_OUTBOUND_BUSY', `more than ${CALLS_MAX} calls at once`);
    }
    if (!breaker.admit()) {
      throw new OutboundError(
        'ERR_OUTBOUND_BREAKER',
        'it failed too often; calls pause for a while',
      );
    }
    active += 1;
    try {
      const answer = await exchange(pool, wanted);
      if (answer.status >= 500) breaker.failed();
      else breaker.succeeded();
      return answer;
    } catch (cause) {
      const error = asOutboundError(cause);
      // The server did answer; only too much.
      if (error.code === 'ERR_OUTBOUND_TOO_LARGE') breaker.succeeded();
      else if (error.code === 'ERR_OUTBOUND_ABORTED') breaker.abandoned();
      else breaker.failed();
      throw error;
    } finally {
      active -= 1;
    }
  }

  return {
    call,
    get active() {
      return active;
    },
    get usedAt() {
      return usedAt;
    },
    close: () => pool.destroy(),
  };
}

function connectorFor({ tls, resolve, reach, connectMs }: OriginOptions): buildConnector.connector {
  return undici().buildConnector({
    timeout: connectMs,
    // A resumed handshake shows no chain.
    maxCachedSessions: 0,
    autoSelectFamily: true,
    lookup: lookupFor(resolve, reach),
    rejectUnauthorized: tls?.verify !== false,
    ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls?.key === undefined ? {} : { key: tls.key }),
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
  });
}

/** Throws when an address must not be called. */
export function checkAddress(address: string, reach: OriginOptions['reach']): void {
  if (isLinkLocal(address)) {
    throw new OutboundError('ERR_OUTBOUND_ADDRESS', 'link-local addresses are not called');
  }
  if (reach === 'public' && !isPublic(address)) {
    throw new OutboundError('ERR_OUTBOUND_ADDRESS', 'a public server led to a private address');
  }
}

/** Checks what is connected to, and not what a name meant a moment before. */
function lookupFor(resolve: Resolve, reach: OriginOptions['reach']): LookupFunction {
  async function look(host: string): Promise<LookupAddress[]> {
    const found = await resolve(host);
    for (const { ip } of found) checkAddress(ip, reach);
    if (found.length === 0)
      throw new OutboundError('ERR_OUTBOUND_CONNECT', 'the name has no address');
    return found.map(({ ip }) => ({ address: ip, family: isIP(ip) }));
  }
  async function answer(...[host, { all }, done]: Parameters<LookupFunction>): Promise<void> {
    const outcome = await look(host).catch((error: unknown) => asOutboundError(error));
    if (outcome instanceof OutboundError) return done(outcome, '');
    const [first] = outcome;
    return all === true
      ? done(null, outcome)
      : done(null, first?.address ?? '', first?.family ?? 4);
  }
  return (...args) => void answer(...args);
}

async function exchange(pool: Pool, wanted: OriginCall): Promise<OriginAnswer> {
  const { method, path, readMs } = wanted;
  const answer = await pool.request({
    method,
    path,
    ...bodyFor(wanted),
    responseHeaders: 'raw',
    headersTimeout: readMs,
    bodyTimeout: readMs,
  });
  const flat = rawHeaders(answer.headers);
  const encoding = flat.findIndex(
    (text, i) => i % 2 === 0 && text.toLowerCase() === 'content-encoding',
  );
  if (encoding >= 0 && flat[encoding + 1]?.toLowerCase() !== 'identity') {
    discard(answer.body);
    throw new OutboundError(
      'ERR_OUTBOUND_RESPONSE',
      'the answer is compressed, which was not asked for',
    );
  }
  return {
    status: answer.statusCode,
    headers: flat,
    body: await readBody(answer.body, wanted.bytesMax),
  };
}

/** The rest is not read: the connection ends with it. */
function discard(body: Dispatcher.ResponseData['body']): void {
  body.on('error', () => {});
  body.destroy();
}

/** `responseHeaders: 'raw'` gives the flat list, which undici's types do not say. */
function rawHeaders(headers: unknown): string[] {
  return Array.isArray(headers) ? headers.map((item) => String(item)) : [];
}

async function readBody(body: Dispatcher.ResponseData['body'], bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    length += bytes.length;
    if (length > bytesMax) {
      discard(body);
      throw new OutboundError(
        'ERR_OUTBOUND_TOO_LARGE',
        `the answer is longer than ${bytesMax} bytes`,
      );
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, length);
}

/** What went wrong, in words that hold no URL, token or password. */
export function asOutboundError(cause: unknown): OutboundError {
  if (cause instanceof OutboundError) return cause;
  if (cause instanceof ProxyError) {
    return new OutboundError('ERR_OUTBOUND_CONNECT', 'the name has no address', { cause });
  }
  if (!(cause instanceof Error)) return new OutboundError('ERR_OUTBOUND_CONNECT', 'failed');
  if (cause.name === 'TimeoutError') {
    return new OutboundError('ERR_OUTBOUND_TIMEOUT', 'no answer in time', { cause });
  }
  if (cause.name === 'AbortError') {
    return new OutboundError('ERR_OUTBOUND_ABORTED', 'given up', { cause });
  }
  const code = String(Reflect.get(cause, 'code') ?? '');
  if (code === 'UND_ERR_CONNECT_TIMEOUT') {
    return new OutboundError('ERR_OUTBOUND_TIMEOUT', 'no connection in time', { cause });
  }
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return new OutboundError('ERR_OUTBOUND_TIMEOUT', 'no answer in time', { cause });
  }
  const inner = cause instanceof AggregateError ? cause.errors[0] : undefined;
  const text = inner instanceof Error ? inner.message : cause.message;
  const isAnswer = cause.name === 'HTTPParserError' || /^UND_ERR_(SOCKET|RES|HEADERS)/.test(code);
  return new OutboundError(isAnswer ? 'ERR_OUTBOUND_RESPONSE' : 'ERR_OUTBOUND_CONNECT', text, {
    cause,
  });
}
