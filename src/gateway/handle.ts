/**
 * One request, top to bottom: refuse or route, enforce the route's protocols, run the plugins' access
 * side, forward. Synchronous as long as no plugin, body or name look-up makes it wait.
 */
import { ProxyError } from '../errors.ts';
import { clientAddress } from '../http/client-address.ts';
import { headBytes, headerValue } from '../http/headers.ts';
import { inspectHead, METHOD_NOT_ALLOWED, type Refusal } from '../http/intake.ts';
import { parseRequestTarget } from '../http/path.ts';
import { errorResponse, exitJson, type GatewayResponse } from '../http/response.ts';
import { enforceProtocols } from '../router/protocols.ts';
import { RequestSpans } from '../tracing/spans.ts';
import type { UpstreamTarget } from '../proxy/call.ts';
import type { ClientExchange } from './client.ts';
import { BodyRefused } from './request-body.ts';
import { Context } from './context.ts';
import { Exchange } from './exchange.ts';
import { forward } from './forward.ts';
import { forwardUpgrade } from './upgrade.ts';
import type { CompiledRoute, Gateway } from './gateway.ts';

const NO_ROUTE = errorResponse(404, 'no Route matched with those values');
const CRASHED = exitJson(500, { message: 'An unexpected error occurred' });

/** Starts the exchange; `onceClosed` of the client ends it. Never throws. */
export function handleRequest(gateway: Gateway, client: ClientExchange): Exchange {
  const startedAt = performance.now();
  const { runtime } = gateway;
  const requestHeadBytes = gateway.measures ? measure(client) : 0;
  const refusal = inspectHead(
    client.headers,
    client.httpVersion,
    runtime.settings.headerLineBytesMax,
  );
  const ctx = new Context({
    id: runtime.nextRequestId(),
    client,
    host: headerValue(client.headers, 'host') ?? '',
    clientAddress: client.connection.trusted
      ? clientAddress(client.connection.address, client.headers, runtime.realIp)
      : client.connection.address,
    bodyLimits: runtime.settings,
  });
  if (runtime.tracer !== undefined) ctx.spans = new RequestSpans(runtime.tracer);
  const exchange = new Exchange(gateway, ctx, startedAt);
  exchange.requestHeadBytes = requestHeadBytes;
  try {
    begin(exchange, refusal);
  } catch (error) {
    crash(exchange, error);
  }
  return exchange;
}

/** The length of the head, as if it came with HTTP/1; and what is written to the client counts from here. */
function measure(client: ClientExchange): number {
  client.countSent();
  return (
    client.method.length +
    client.target.length +
    ' HTTP/1.1\r\n'.length +
    1 +
    headBytes(client.headers)
  );
}

function begin(exchange: Exchange, refusal: Refusal | undefined): void {
  const { ctx, gateway } = exchange;
  if (refusal !== undefined) {
    exchange.respondEngineError(refusal.status, refusal.message, false);
    return;
  }
  const target = parseRequestTarget(ctx.client.target, gateway.runtime.settings.headerLineBytesMax);
  if (target.kind === 'refused') {
    exchange.respondEngineError(target.status, undefined, false);
    return;
  }
  if (ctx.method === 'TRACE') {
    exchange.respondEngineError(METHOD_NOT_ALLOWED.status);
    return;
  }
  ctx.target = target.target;
  ctx.rawPath = target.rawPath;
  ctx.rawQuery = target.rawQuery;
  ctx.targetAuthority = target.authority;
  if (target.kind === 'not-utf8') {
    exchange.respond(NO_ROUTE);
    return;
  }
  ctx.path = target.path;
  const match = findRoute(exchange);
  if (match === undefined) {
    exchange.respond(NO_ROUTE);
    return;
  }
  const { target: compiled } = match;
  ctx.route = compiled.route;
  ctx.service = compiled.service;
  ctx.prefix = match.prefix;
  ctx.captures = match.captures;
  exchange.routeChain = compiled.chain;
  exchange.chain = compiled.chain.base;
  access(exchange, compiled);
}

function findRoute({ ctx, gateway }: Exchange): ReturnType<Gateway['router']['match']> {
  const span =
    ctx.spans?.tracer.records('router') === true ? ctx.spans.start('kong.router') : undefined;
  const match = gateway.router.match(ctx);
  if (match === undefined) span?.fail();
  span?.end();
  return match;
}

function access(exchange: Exchange, compiled: CompiledRoute): void {
  const refused = protocolRefusal(exchange.ctx, compiled);
  if (refused !== undefined) {
    exchange.respond(refused);
    return;
  }
  const result = runAccess(exchange, 0);
  if (result instanceof Promise) void proceedWhenDecided(exchange, compiled, result);
  else proceed(exchange, compiled, result);
}

async function proceedWhenDecided(
  exchange: Exchange,
  compiled: CompiledRoute,
  pending: Promise<GatewayResponse | undefined>,
): Promise<void> {
  try {
    proceed(exchange, compiled, await pending);
  } catch (error) {
    crash(exchange, error);
  }
}

function protocolRefusal(ctx: Context, compiled: CompiledRoute): GatewayResponse | undefined {
  if (!compiled.restrictsProtocols) return undefined;
  const { headers, client } = ctx;
  // Only a trusted peer may speak for the client's own connection.
  const told = client.connection.trusted ? headers : [];
  return enforceProtocols(compiled.route, {
    effectiveScheme: headerValue(told, 'x-forwarded-proto') ?? ctx.scheme,
    httpVersion: ctx.httpVersion,
    contentType: headerValue(headers, 'content-type'),
    forwardedHost: headerValue(told, 'x-forwarded-host'),
    authority: ctx.targetAuthority,
    host: ctx.host,
    target: ctx.target,
  });
}

/** Runs access handlers from `index` on; synchronous until one of them is not. */
function runAccess(
  exchange: Exchange,
  index: number,
): GatewayResponse | undefined | Promise<GatewayResponse | undefined> {
  const { ctx } = exchange;
  for (let i = index; i < exchange.chain.length; i++) {
    const handler = exchange.chain[i]?.access;
    if (handler === undefined) continue;
    const consumer = ctx.consumer;
    const result = handler(ctx);
    if (result instanceof Promise) return resumeAccess(exchange, i, result);
    if (ctx.consumer !== consumer) followConsumer(exchange, i);
    if (result !== undefined) return result;
  }
  return undefined;
}

async function resumeAccess(
  exchange: Exchange,
  index: number,
  pending: Promise<GatewayResponse | undefined>,
): Promise<GatewayResponse | undefined> {
  const response = await pending;
  followConsumer(exchange, index);
  return response ?? runAccess(exchange, index + 1);
}

/** Plugins after `index` now get the entries that apply to the consumer; the others have run. */
function followConsumer(exchange: Exchange, index: number): void {
  const { consumer } = exchange.ctx;
  if (consumer === undefined) return;
  const chain = exchange.routeChain.forConsumer(consumer.id);
  if (chain === exchange.chain) return;
  exchange.chain = [...exchange.chain.slice(0, index + 1), ...chain.slice(index + 1)];
}

function proceed(
  exchange: Exchange,
  compiled: CompiledRoute,
  response: GatewayResponse | undefined,
): void {
  if (exchange.isOver) return;
  if (response !== undefined) exchange.respond(response);
  else if ('status' in compiled.upstream) exchange.respond(compiled.upstream);
  else if (exchange.ctx.client.upgrade === undefined) forward(exchange, compiled.upstream, crash);
  else void upgrade(exchange, compiled.upstream);
}

async function upgrade(exchange: Exchange, upstream: UpstreamTarget): Promise<void> {
  try {
    await forwardUpgrade(exchange, upstream);
  } catch (error) {
    crash(exchange, error);
  }
}

/** The one door for what nobody expected: the client learns no details, the log has them. */
function crash(exchange: Exchange, error: unknown): void {
  if (error instanceof BodyRefused) {
    exchange.respondEngineError(error.status);
    return;
  }
  if (error instanceof ProxyError) {
    exchange.failWith(error);
    return;
  }
  const { log } = exchange.gateway.runtime;
  log.error({ err: error, request_id: exchange.ctx.id }, 'request failed unexpectedly');
  if (exchange.isAnswering) exchange.ctx.client.destroy();
  else exchange.respond(CRASHED);
}
