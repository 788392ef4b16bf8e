/** Taking a request's body in, for plugins that look at it and for the upstream. */
import { GatewayError } from '../errors.ts';
import {
  readBody,
  streamBody,
  type BodyLimits,
  type BodyResult,
  type UpstreamBody,
} from '../proxy/body.ts';
import type { ClientExchange } from './client.ts';

/** The body is the client's fault: 413 (too large) or 408 (too slow). */
export class BodyRefused extends GatewayError {
  readonly code = 'ERR_BODY_REFUSED';
  readonly status: 413 | 408;
  constructor(kind: 'too-large' | 'timeout') {
    super(kind === 'too-large' ? 'the request body is too large' : 'the request body stalled');
    this.status = kind === 'too-large' ? 413 : 408;
  }
}

/** The part of a request's state that reading its body needs and changes. */
export interface BodyOwner {
  readonly client: ClientExchange;
  readonly bodyLimits: BodyLimits;
  upstreamBody: UpstreamBody | undefined;
}

function unwrap(owner: BodyOwner, result: BodyResult): UpstreamBody {
  if (result.kind !== 'body') throw new BodyRefused(result.kind);
  owner.upstreamBody = result.body;
  return result.body;
}

/**
 * The body to send upstream: read whole, or as a stream when the route does not buffer. Synchronous
 * when there is none. Throws or rejects with BodyRefused or ProxyError ERR_CLIENT_ABORTED.
 */
export function takeBody(
  owner: BodyOwner,
  buffered: boolean,
): UpstreamBody | Promise<UpstreamBody> {
  if (owner.upstreamBody !== undefined) return owner.upstreamBody;
  const { request } = owner.client;
  owner.client.continueRequest();
  if (!buffered) return unwrap(owner, streamBody(request, owner.bodyLimits));
  const result = readBody(request, owner.bodyLimits);
  return result instanceof Promise
    ? result.then((found) => unwrap(owner, found))
    : unwrap(owner, result);
}

const EMPTY = Buffer.alloc(0);

/** The whole body in memory, for a plugin. It still goes upstream afterwards. */
export async function bodyForPlugin(owner: BodyOwner): Promise<Buffer> {
  const body = await takeBody(owner, true);
  switch (body.kind) {
    case 'none':
      return EMPTY;
    case 'memory':
      return body.bytes;
    case 'file':
      return body.bytes();
    case 'stream':
      throw new TypeError('a streamed body cannot be looked at');
  }
}

/**
 * The body's size for a plugin with a limit of its own; it still goes upstream afterwards. Above `limit`
 * reading stops, the rest is dropped, and any number above it is the answer. Throws as `takeBody` does.
 */
export async function bodySizeForPlugin(owner: BodyOwner, limit: number): Promise<number> {
  if (owner.upstreamBody === undefined) {
    const { clientMaxBodyBytes: engineLimit } = owner.bodyLimits;
    // 0 would be no limit at all.
    const clientMaxBodyBytes = Math.max(limit, 1);
    const isOwnLimit = engineLimit === 0 || clientMaxBodyBytes < engineLimit;
    owner.client.continueRequest();
    const limits = isOwnLimit ? { ...owner.bodyLimits, clientMaxBodyBytes } : owner.bodyLimits;
    const result = await readBody(owner.client.request, limits);
    if (isOwnLimit && result.kind === 'too-large') return Number.POSITIVE_INFINITY;
    unwrap(owner, result);
  }
  return sizeOf(owner.upstreamBody ?? { kind: 'none' });
}

function sizeOf(body: UpstreamBody): number {
  switch (body.kind) {
    case 'none':
      return 0;
    case 'memory':
      return body.bytes.length;
    case 'file':
      return body.size;
    case 'stream':
      throw new TypeError('a streamed body cannot be measured');
  }
}
