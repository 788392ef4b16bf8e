/** What came of one exchange: facts for the log phase; the costly ones only for those who ask. */
import { STATUS_OF, type ProxyErrorCode } from '../errors.ts';
import { headBytes, headerValue, type HeaderList } from '../http/headers.ts';
import { headerNamesFor } from '../http/underscores.ts';
import type {
  Outcome,
  OutcomeDetails,
  PluginPhases,
  ResponseHead,
  TlsFacts,
  Try,
} from '../plugin.ts';
import type { Context } from './context.ts';
import type { Exchange } from './exchange.ts';
import { pathFor } from './forward.ts';

/** What only the exchange knows. */
export interface AnswerFacts {
  readonly status: number;
  readonly source: ResponseHead['source'];
  readonly aborted: boolean;
  readonly proxyMs: number;
  /** Of the body. */
  readonly responseBytes: number;
  readonly responseHeaders: Readonly<HeaderList>;
  /** 0 when the upstream gave no head. */
  readonly upstreamStatus: number;
  /** When it did, from `performance.now()`. */
  readonly headAt: number;
}

export class ExchangeOutcome implements Outcome {
  readonly status: number;
  readonly source: ResponseHead['source'];
  readonly aborted: boolean;
  readonly startedAt: number;
  readonly requestMs: number;
  readonly kongMs: number;
  readonly proxyMs: number;
  readonly responseBytes: number;
  readonly tries: readonly Try[];
  readonly #exchange: Exchange;
  readonly #facts: AnswerFacts;

  constructor(exchange: Exchange, facts: AnswerFacts) {
    const { call, startedAt, startedAtMs } = exchange;
    const balancedAt = call?.balancedAt ?? 0;
    this.status = facts.status;
    this.source = facts.source;
    this.aborted = facts.aborted;
    this.startedAt = startedAtMs;
    this.requestMs = performance.now() - startedAt;
    this.kongMs = balancedAt === 0 ? this.requestMs : balancedAt - startedAt;
    this.proxyMs = facts.proxyMs;
    this.responseBytes = facts.responseBytes;
    this.tries = call?.tries ?? [];
    this.#exchange = exchange;
    this.#facts = facts;
  }

  details(): OutcomeDetails {
    return new ExchangeDetails(this, this.#exchange, this.#facts);
  }
}

/** Who asks wants one or two of them: each is worked out when it is looked at. */
class ExchangeDetails implements OutcomeDetails {
  readonly #outcome: ExchangeOutcome;
  readonly #exchange: Exchange;
  readonly #facts: AnswerFacts;

  constructor(outcome: ExchangeOutcome, exchange: Exchange, facts: AnswerFacts) {
    this.#outcome = outcome;
    this.#exchange = exchange;
    this.#facts = facts;
  }

  get requestBytes(): number {
    const { ctx, requestHeadBytes } = this.#exchange;
    return requestHeadBytes === 0 ? 0 : requestHeadBytes + bodyBytes(ctx);
  }

  /** HTTP/2 shares its connection among streams and compresses heads: as if it were HTTP/1. */
  get responseBytes(): number {
    const sent = this.#exchange.ctx.client.sentBytes();
    if (sent !== undefined) return sent;
    const { responseHeaders, status, responseBytes } = this.#facts;
    if (responseHeaders.length === 0) return 0;
    return `HTTP/2 ${status}\r\n`.length + headBytes(responseHeaders) + responseBytes;
  }

  get responseHeaders(): Readonly<HeaderList> {
    return this.#facts.responseHeaders;
  }

  get upstreamUri(): string {
    const { ctx } = this.#exchange;
    return ctx.route === undefined ? '' : pathFor(ctx);
  }

  get upstreamStatus(): string {
    return statusOfTries(this.#outcome.tries, this.#facts.upstreamStatus);
  }

  get receiveMs(): number {
    const { headAt } = this.#facts;
    return headAt === 0 ? 0 : this.#exchange.startedAt + this.#outcome.requestMs - headAt;
  }

  get publicPort(): number {
    return this.#exchange.ctx.client.connection.publicPort;
  }

  get clientPort(): number {
    return this.#exchange.ctx.client.connection.remotePort;
  }

  get tls(): TlsFacts | undefined {
    return this.#exchange.ctx.client.connection.tls;
  }

  get secretQueryNames(): ReadonlySet<string> {
    return namesOf(this.#exchange.chain, ({ secretQueryNames = [] }) => secretQueryNames);
  }

  get secretHeaderNames(): ReadonlySet<string> {
    return namesOf(this.#exchange.chain, ({ secretHeaderNames = [] }) =>
      secretHeaderNames.flatMap(headerNamesFor),
    );
  }
}

/** Of the client's body: announced, else as far as it was read. */
function bodyBytes({ upstreamBody, headers }: Context): number {
  switch (upstreamBody?.kind) {
    case 'memory':
      return upstreamBody.bytes.length;
    case 'file':
      return upstreamBody.size;
    case 'stream':
      return upstreamBody.received();
    case 'none':
      return 0;
    default:
      // Nobody looked at it: it was read and dropped behind the answer.
      return Number(headerValue(headers, 'content-length') ?? 0);
  }
}

const isProxyError = (code: string): code is ProxyErrorCode => Object.hasOwn(STATUS_OF, code);

function statusOfTries(tries: readonly Try[], last: number): string {
  return tries
    .map(({ error }) => (error !== undefined && isProxyError(error) ? STATUS_OF[error] : last))
    .map((status) => (status === 0 ? '-' : String(status)))
    .join(', ');
}

function namesOf(
  chain: readonly (PluginPhases | undefined)[],
  pick: (phases: PluginPhases) => readonly string[],
): ReadonlySet<string> {
  return new Set(chain.flatMap((phases) => (phases === undefined ? [] : pick(phases))));
}
