/**
 * One request and its answer, from the context to the last byte: the only writer to the client. Every
 * answer passes here, whoever made it, and gets Kong's fields and the plugins' response phases.
 */
import { STATUS_OF, type ProxyError, type ProxyErrorCode } from '../errors.ts';
import { defaultMessage } from '../http/error-body.ts';
import { headerValue, removeHeader, setHeader, type HeaderList } from '../http/headers.ts';
import { errorResponse, exitJson, type GatewayResponse } from '../http/response.ts';
import type { Outcome, PluginPhases, ResponseHead } from '../plugin.ts';
import type { UpstreamSink } from '../proxy/call.ts';
import { bodyFiltersFor, type BodyFilters } from './body-filters.ts';
import type { Chain, RouteChain } from './chain.ts';
import type { Context } from './context.ts';
import type { Gateway } from './gateway.ts';
import {
  grpcFields,
  renderEngineError,
  renderResponse,
  speaksGrpc,
  type LocalAnswer,
} from './local-answer.ts';
import { ExchangeOutcome } from './outcome.ts';
import type { OutgoingCall } from './outgoing-call.ts';
import {
  announcesLength,
  decorateLocal,
  decorateProxied,
  isBodiless,
  pushDebugHeaders,
  setHashCookie,
  stripHopByHop,
  takesTrailers,
  type HashCookie,
} from './response-head.ts';

/** How far the answer may run ahead of a client with `response_buffering`; 16 KiB without. */
const BUFFERED_BYTES_MAX = 1024 * 1024;

/** No upstream took part: Kong answers these itself and says why; of the others nginx does. */
const FAILED_BEFORE_A_TRY: ReadonlySet<ProxyErrorCode> = new Set([
  'ERR_NAME_RESOLUTION',
  'ERR_DNS_SERVER',
  'ERR_NO_PEER',
]);

const NO_HEADERS: HeaderList = [];

export class Exchange implements UpstreamSink {
  readonly gateway: Gateway;
  readonly ctx: Context;
  /** When the request came in, from `performance.now()`. */
  readonly startedAt: number;
  readonly startedAtMs: number;
  /** The plugins whose response side runs. */
  chain: Chain;
  routeChain: RouteChain;
  call: OutgoingCall | undefined = undefined;
  /** Goes out with the answer, if an upstream was asked. */
  hashCookie: HashCookie | undefined = undefined;
  /** 0 unless the gateway `measures`. */
  requestHeadBytes = 0;
  #status = 0;
  #source: ResponseHead['source'] = 'error';
  #headSent = false;
  /** The head was all of it. */
  #isWholeSent = false;
  #closed = false;
  #bufferResponse = true;
  #bodyFilters: BodyFilters | undefined = undefined;
  /** Stands for the upstream's body, which is read and dropped. */
  #replacement: Buffer | undefined = undefined;
  /** A response phase has failed: the answer to that goes out without those phases. */
  #faulted = false;
  #upstreamMs = 0;
  /** Of the head that came from the upstream: its status, and when it came. */
  #upstreamStatus = 0;
  #headAt = 0;
  #sentHeaders: HeaderList = NO_HEADERS;
  #responseBytes = 0;
  #resume: (() => void) | undefined = undefined;

  constructor(gateway: Gateway, ctx: Context, startedAt: number) {
    this.gateway = gateway;
    this.ctx = ctx;
    this.startedAt = startedAt;
    this.startedAtMs = gateway.runtime.now();
    this.routeChain = gateway.unmatched;
    this.chain = gateway.unmatched.base;
  }

  /** True once the client is gone or has its whole answer: nothing more is to be done. */
  get isOver(): boolean {
    return this.#closed;
  }

  /** True once a head went to the client: an error can only cut the answer off. */
  get isAnswering(): boolean {
    return this.#headSent;
  }

  /** Sends an answer of the gateway or of a plugin. */
  respond(response: GatewayResponse): void {
    if (!this.#closed) this.#sendLocal(renderResponse(response, this.ctx));
  }

  /**
   * Sends an answer that nginx itself would give. Nothing the client sent is looked at when its head
   * was refused (`trustHead` false).
   */
  respondEngineError(status: number, message = defaultMessage(status), trustHead = true): void {
    if (this.#closed) return;
    const { errorDefaultType } = this.gateway.runtime.settings;
    this.#sendLocal(renderEngineError(this.ctx, { status, message, errorDefaultType, trustHead }));
  }

  #sendLocal({ status, headers, body, source, isReplay = false }: LocalAnswer): void {
    const length = String(Buffer.byteLength(body ?? ''));
    const bytes = isBodiless(status) ? undefined : (body ?? '');
    removeHeader(headers, 'content-length');
    if (announcesLength(status)) headers.push('Content-Length', length);
    const head: ResponseHead = { status, headers, source };
    if (this.call !== undefined && this.call.tries.length > 0) this.#setHashCookie(headers);
    if (!this.#runHeaderFilters(head)) return;
    this.#decorate(head, isReplay);
    let filtered = bytes;
    try {
      if (bytes !== undefined) filtered = this.#filterWhole(head, head.body ?? bytes);
    } catch (error) {
      return this.#answerFault('body_filter', error);
    }
    this.#responseBytes = filtered === undefined ? 0 : Buffer.byteLength(filtered);
    const isWhole = this.#responseBytes === 0;
    if (this.#writeHead(head, isWhole) && !isWhole) this.ctx.client.end(filtered, []);
  }

  #filterWhole(head: ResponseHead, bytes: string | Uint8Array): string | Uint8Array {
    const filters = this.#faulted ? undefined : bodyFiltersFor(this.chain, this.ctx, head);
    if (filters === undefined && head.body === undefined) return bytes;
    const filtered = filters?.filterWhole(bytes) ?? bytes;
    // A plugin may have taken the length out.
    if (headerValue(head.headers, 'content-length') !== undefined) {
      setHeader(head.headers, 'Content-Length', String(Buffer.byteLength(filtered)));
    }
    return filtered;
  }

  /** Before the plugins see the head, as in Kong. */
  #setHashCookie(headers: HeaderList): void {
    if (this.hashCookie !== undefined) setHashCookie(headers, this.hashCookie);
  }

  #decorate(head: ResponseHead, isReplay = false): void {
    const { headers: tokens, allowDebugHeader } = this.gateway.runtime.settings;
    if (allowDebugHeader && headerValue(this.ctx.headers, 'kong-debug') !== undefined) {
      pushDebugHeaders(head.headers, this.ctx.route, this.ctx.service);
    }
    const call = this.call !== undefined && this.call.tries.length > 0 ? this.call : undefined;
    if (call === undefined && !isReplay) {
      const responseLatencyMs = performance.now() - this.startedAt;
      decorateLocal(head.headers, { responseLatencyMs, requestId: this.ctx.id }, tokens);
      return;
    }
    const now = performance.now();
    const balancedAt = call?.balancedAt ?? now;
    const facts = {
      upstreamLatencyMs: now - balancedAt,
      proxyLatencyMs: balancedAt - this.startedAt,
      upstreamStatus: head.source === 'upstream' || isReplay ? head.status : undefined,
      requestId: this.ctx.id,
      httpVersion: call?.speaks ?? '1.1',
    };
    this.#upstreamMs = facts.upstreamLatencyMs;
    decorateProxied(head.headers, facts, tokens);
  }

  /** False when a plugin failed: its error has been sent instead. */
  #runHeaderFilters(head: ResponseHead): boolean {
    if (this.#faulted) return true;
    for (const phases of this.chain) {
      if (phases?.headerFilter === undefined) continue;
      try {
        phases.headerFilter(this.ctx, head);
      } catch (error) {
        this.#answerFault('header_filter', error);
        return false;
      }
    }
    return true;
  }

  /** A response phase that fails cannot be answered through those phases again. */
  #answerFault(phase: string, error: unknown): void {
    this.#reportPlugin(phase, error);
    if (this.#faulted) return this.ctx.client.destroy();
    this.#faulted = true;
    this.call?.abort();
    this.respond(exitJson(500, { message: defaultMessage(500) }));
  }

  /** False when the head cannot be written (a plugin may set anything): a 500 has been sent instead. */
  #writeHead(head: ResponseHead, isWhole: boolean): boolean {
    const { client } = this.ctx;
    try {
      if (isWhole) client.writeWhole(head.status, head.headers);
      else client.writeHead(head.status, head.headers);
    } catch (error) {
      this.#answerFault('header_filter', error);
      return false;
    }
    this.#headSent = true;
    this.#isWholeSent = isWhole;
    this.#sentHeaders = head.headers;
    this.#status = head.status;
    this.#source = head.source;
    return true;
  }

  /** Readies the head of a 101 answer, which the tunnel writes; `undefined` when a plugin failed. */
  prepareSwitch(upstreamHeaders: Readonly<HeaderList>): HeaderList | undefined {
    if (this.#closed) return undefined;
    const headers = [...upstreamHeaders];
    stripHopByHop(headers, this.ctx.headers);
    this.#setHashCookie(headers);
    const head: ResponseHead = { status: 101, headers, source: 'upstream' };
    if (!this.#runHeaderFilters(head)) return undefined;
    this.#decorate(head);
    this.#headSent = true;
    this.#sentHeaders = headers;
    this.#status = this.#upstreamStatus = 101;
    this.#source = 'upstream';
    return headers;
  }

  // ---- UpstreamSink -----------------------------------------------------------------------------

  onHead(status: number, headers: HeaderList, resume: () => void, isWhole: boolean): void {
    if (this.#closed) return;
    this.#resume = resume;
    this.#upstreamStatus = status;
    this.#headAt = performance.now();
    stripHopByHop(headers, this.ctx.headers);
    this.#setHashCookie(headers);
    const head: ResponseHead = { status, headers, source: 'upstream' };
    if (!this.#runHeaderFilters(head)) return;
    this.#bufferResponse = this.ctx.route?.response_buffering ?? true;
    try {
      this.#bodyFilters = bodyFiltersFor(this.chain, this.ctx, head);
    } catch (error) {
      return this.#answerFault('body_filter', error);
    }
    const isFiltered =
      this.#bodyFilters?.changesBody === true &&
      this.ctx.method !== 'HEAD' &&
      !isBodiless(head.status);
    // The length of an answer to a plugin's HEAD is not that of the one the client gets.
    this.#replacement = head.body;
    const isHeadOnly = this.ctx.upstreamMethod === 'HEAD' && this.ctx.method !== 'HEAD';
    if (isFiltered || isHeadOnly || !announcesLength(head.status)) {
      removeHeader(head.headers, 'content-length');
    }
    if (head.body !== undefined) setHeader(head.headers, 'Content-Length', `${head.body.length}`);
    this.#decorate(head);
    const isFinal = this.#bodyFilters === undefined && this.#replacement === undefined;
    this.#writeHead(head, isWhole && isFinal);
  }

  onData(chunk: Buffer): boolean {
    if (this.#closed) return false;
    if (this.#replacement !== undefined) return true;
    const filtered = this.#bodyFilters === undefined ? chunk : this.#filterGuarded(chunk);
    if (filtered === undefined) return true;
    const { client } = this.ctx;
    this.#responseBytes += filtered.length;
    if (client.write(filtered)) return true;
    if (this.#bufferResponse && client.pendingBytes() < BUFFERED_BYTES_MAX) return true;
    client.onceDrained(() => this.#resume?.());
    return false;
  }

  /** A body phase that fails truncates the answer: the client must notice. */
  #filterGuarded(chunk: Buffer | undefined): Buffer | undefined {
    try {
      return this.#bodyFilters?.filter(chunk);
    } catch (error) {
      this.#reportPlugin('body_filter', error);
      this.call?.abort();
      this.ctx.client.destroy();
      return undefined;
    }
  }

  onEnd(trailers: HeaderList): void {
    if (this.#closed || this.#isWholeSent) return;
    const last = this.#replacement ?? this.#filterGuarded(undefined);
    if (last !== undefined) this.#responseBytes += last.length;
    // RFC 9110 section 6.5.1: only to who can take them. Their announcement was dropped likewise.
    const isWanted = takesTrailers(this.ctx.headers) || speaksGrpc(this.ctx);
    this.ctx.client.end(last, isWanted ? trailers : []);
  }

  onFail(error: ProxyError): void {
    if (this.#closed) return;
    if (this.#headSent) return this.#cutOff(error);
    const body = this.ctx.upstreamBody;
    const clientFault = body?.kind === 'stream' ? body.failure() : undefined;
    this.failWith(error, clientFault);
  }

  /** A truncated answer must not look whole; a gRPC client is told why (Kong resets its stream, too). */
  #cutOff({ code, message }: ProxyError): void {
    const { client } = this.ctx;
    if (speaksGrpc(this.ctx)) client.end(undefined, grpcFields(STATUS_OF[code], message));
    else client.destroy();
  }

  /** Answers a failure before any head was sent. */
  failWith(error: ProxyError, clientFault?: 'too-large' | 'timeout' | 'aborted'): void {
    if (clientFault === 'too-large') return this.respondEngineError(413);
    if (clientFault === 'timeout') return this.respondEngineError(408);
    if (error.code === 'ERR_CLIENT_ABORTED') return this.ctx.client.destroy();
    this.#reportUpstream(error);
    const status = STATUS_OF[error.code];
    if (!FAILED_BEFORE_A_TRY.has(error.code)) return this.respondEngineError(status);
    if (this.ctx.spans !== undefined && error.code !== 'ERR_NO_PEER') {
      this.ctx.spans.dnsFailure = error.message;
    }
    return this.respond(errorResponse(status, error.message));
  }

  #reportUpstream(error: ProxyError): void {
    const cause = error.cause instanceof Error ? error.cause.message : undefined;
    this.gateway.runtime.log.warn(
      {
        request_id: this.ctx.id,
        route: this.ctx.route?.name ?? this.ctx.route?.id,
        service: this.ctx.service?.name ?? this.ctx.service?.id,
        tries: this.call?.tries,
        code: error.code,
        cause,
      },
      'upstream failed',
    );
  }

  #reportPlugin(phase: string, error: unknown): void {
    this.gateway.runtime.log.error({ err: error, request_id: this.ctx.id, phase }, 'plugin failed');
  }

  // ---- the end ----------------------------------------------------------------------------------

  /** The client has its answer, or is gone. Runs the log phase; never throws. */
  close(finished: boolean): Outcome {
    this.#closed = true;
    this.call?.abort();
    this.releaseBody();
    const outcome = this.#outcome(finished);
    for (const phases of this.chain) this.#runLog(phases, outcome);
    return outcome;
  }

  /** Also for a body that was taken but never sent: a file behind it would stay open. */
  releaseBody(): void {
    const body = this.ctx.upstreamBody;
    if (body?.kind === 'file' || body?.kind === 'stream') body.release();
  }

  #runLog(phases: PluginPhases | undefined, outcome: Outcome): void {
    if (phases?.log === undefined) return;
    try {
      phases.log(this.ctx, outcome);
    } catch (error) {
      this.#reportPlugin('log', error);
    }
  }

  #outcome(finished: boolean): Outcome {
    return new ExchangeOutcome(this, {
      status: finished || this.#headSent ? this.#status : 499,
      source: this.#source,
      aborted: !finished,
      proxyMs: this.#upstreamMs,
      responseBytes: this.#responseBytes,
      responseHeaders: this.#sentHeaders,
      upstreamStatus: this.#upstreamStatus,
      headAt: this.#headAt,
    });
  }
}
