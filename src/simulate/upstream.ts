/** Upstreams that are not there: what they would have got is taken down, and answers come from a function. */
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Dispatcher } from 'undici';
import { ProxyError } from '../errors.ts';
import { headerValue, type HeaderList } from '../http/headers.ts';
import { BAD_UPSTREAM, SLOW_UPSTREAM } from '../proxy/connect.ts';
import type { Peer, UpstreamPools } from '../proxy/types.ts';

/** One try of a request, as the upstream would have got it. */
export interface UpstreamRequest {
  readonly peer: Pick<Peer, 'ip' | 'port' | 'hostname'>;
  readonly scheme: 'http' | 'https';
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Host first. */
  readonly headers: HeaderList;
  readonly body: Buffer;
}

export type UpstreamAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<HeaderList>;
      readonly body: Buffer;
    }
  | { readonly kind: 'failure'; readonly failure: UpstreamFailure };

export const UPSTREAM_FAILURES = ['refused', 'timeout', 'reset'] as const;
export type UpstreamFailure = (typeof UPSTREAM_FAILURES)[number];

export type AnswerUpstream = (request: UpstreamRequest) => UpstreamAnswer;

/** Pools whose connections lead to `answer`. */
export const simulatedPools = (answer: AnswerUpstream): UpstreamPools => ({
  get: ({ ip, port, hostname }, _timeout, tls) => ({
    dispatch(options, handler) {
      const peer = { ip, port, hostname };
      const scheme = tls === undefined ? 'http' : 'https';
      void dispatch({ peer, scheme }, options, handler, answer);
      return true;
    },
  }),
  close: () => Promise.resolve(),
});

/** Never rejects: the handler hears what went wrong. */
async function dispatch(
  to: Pick<UpstreamRequest, 'peer' | 'scheme'>,
  options: Dispatcher.DispatchOptions,
  handler: Dispatcher.DispatchHandler,
  answer: AnswerUpstream,
): Promise<void> {
  let isAborted = false;
  const abort = (): void => void (isAborted = true);
  try {
    const body = await bytesOf(options.body);
    const { method, path } = options;
    const reply = answer({ ...to, method, path, headers: headersOf(options.headers), body });
    if (reply.kind === 'failure' && reply.failure === 'refused') throw FAILURES.refused();
    handler.onConnect?.(abort);
    if (isAborted) return;
    if (reply.kind === 'failure') throw FAILURES[reply.failure]();
    const hasBody = method !== 'HEAD' && reply.status !== 204 && reply.status !== 304;
    handler.onHeaders?.(reply.status, rawHead(reply), () => {}, '');
    if (hasBody && reply.body.length > 0) handler.onData?.(reply.body);
    handler.onComplete?.([]);
  } catch (error) {
    if (!isAborted) handler.onError?.(error instanceof Error ? error : new Error(String(error)));
  }
}

const FAILURES = {
  refused: () => new ProxyError('ERR_UPSTREAM_CONNECT', BAD_UPSTREAM),
  timeout: () => new ProxyError('ERR_UPSTREAM_TIMEOUT', SLOW_UPSTREAM),
  reset: () => new ProxyError('ERR_UPSTREAM_RESPONSE', BAD_UPSTREAM),
} as const satisfies Record<UpstreamFailure, () => ProxyError>;

/** With the length that a server would give. */
function rawHead({ headers, body }: Extract<UpstreamAnswer, { kind: 'answer' }>): Buffer[] {
  const isFramed =
    headerValue(headers, 'content-length') !== undefined ||
    headerValue(headers, 'transfer-encoding') !== undefined;
  const list = isFramed ? headers : [...headers, 'Content-Length', String(body.length)];
  return list.map((text) => Buffer.from(text, 'latin1'));
}

async function bytesOf(body: Dispatcher.DispatchOptions['body']): Promise<Buffer> {
  if (body === null || body === undefined) return Buffer.alloc(0);
  if (Buffer.isBuffer(body)) return body;
  if (isReadable(body)) return buffer(body);
  throw new TypeError('the gateway sends bodies as bytes or streams');
}

const isReadable = (body: object | string): body is Readable =>
  typeof body === 'object' && 'pipe' in body;

const headersOf = (headers: Dispatcher.DispatchOptions['headers']): HeaderList =>
  Array.isArray(headers) ? [...headers] : [];
