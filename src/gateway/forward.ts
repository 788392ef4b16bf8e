/** From an accepted request to its upstream: the body, the path, the headers, the call. */
import type { UpstreamTarget } from '../proxy/call.ts';
import { GrpcCall } from '../proxy/grpc-call.ts';
import { UpstreamCall } from '../proxy/send.ts';
import type { UpstreamBody } from '../proxy/body.ts';
import { buildUpstreamHead } from '../proxy/upstream-head.ts';
import { encodePath, upstreamPath } from '../proxy/upstream-path.ts';
import { bytesOfText } from '../http/bytes.ts';
import type { HeaderList } from '../http/headers.ts';
import type { Context } from './context.ts';
import type { Exchange } from './exchange.ts';
import { hashKeyFor } from './hash-key.ts';
import { takeBody } from './request-body.ts';

/** Sends the request on. Throws or, through `fail`, reports what the body's client did wrong. */
export function forward(
  exchange: Exchange,
  upstream: UpstreamTarget,
  fail: (exchange: Exchange, error: unknown) => void,
): void {
  // A gRPC client may wait for an answer before it ends its request (nginx streams these, too).
  const isBuffered =
    upstream.speaks === 'http/1.1' && (exchange.ctx.route?.request_buffering ?? true);
  const body = takeBody(exchange.ctx, isBuffered);
  if (!(body instanceof Promise)) {
    call(exchange, upstream, body);
    return;
  }
  void callWhenRead(body);

  async function callWhenRead(pending: Promise<UpstreamBody>): Promise<void> {
    try {
      const taken = await pending;
      if (exchange.isOver) exchange.releaseBody();
      else call(exchange, upstream, taken);
    } catch (error) {
      fail(exchange, error);
    }
  }
}

function call(exchange: Exchange, upstream: UpstreamTarget, body: UpstreamBody): void {
  const { ctx, gateway } = exchange;
  const { pools, sessions } = gateway.runtime;
  const request = {
    target: upstream,
    pools,
    sessions,
    method: ctx.upstreamMethod,
    path: pathFor(ctx),
    headers: headersFor(exchange),
    preservedHost: preservedHost(ctx),
    hashKey: hashKeyFor(exchange, upstream.peers.hashing),
    body,
  };
  const outgoing =
    upstream.speaks === 'h2'
      ? new GrpcCall(request, exchange)
      : new UpstreamCall(request, exchange);
  exchange.call = outgoing;
  outgoing.start();
}

/** The Host to send that does not depend on the peer: a plugin's, or the client's where it is kept. */
export function preservedHost(ctx: Context): string | undefined {
  return ctx.upstreamHost ?? (ctx.route?.preserve_host === true ? ctx.host : undefined);
}

/** Path and query as the upstream gets them. */
export function pathFor(ctx: Context): string {
  if (ctx.upstreamPath !== undefined) return encodePath(ctx.upstreamPath) + ctx.rawQuery;
  const { route, service } = ctx;
  const path = upstreamPath(
    service?.path ?? null,
    ctx.path,
    ctx.prefix,
    route?.strip_path ?? false,
  );
  return path + ctx.rawQuery;
}

/** Header fields as the upstream gets them; Host is still to be filled in. */
export function headersFor(exchange: Exchange): HeaderList {
  const { ctx, gateway } = exchange;
  const { connection } = ctx.client;
  const stripped = ctx.route?.strip_path === true && ctx.prefix !== '/' ? ctx.prefix : undefined;
  return buildUpstreamHead(ctx.headers, {
    connectingAddress: ctx.connectingAddress,
    clientAddress: ctx.clientAddress,
    trusted: connection.trusted,
    scheme: ctx.scheme,
    // nginx takes the name from an absolute-form target, though routing goes by the Host header.
    host: ctx.targetAuthority ?? ctx.host,
    publicPort: connection.publicPort,
    rawPath: ctx.rawPath,
    prefix: stripped === undefined ? undefined : bytesOfText(stripped),
    httpVersion: ctx.httpVersion,
    requestId: gateway.runtime.settings.headers.upstreamRequestId ? ctx.id : undefined,
  });
}
