/** The spans of one request with Kong's names and attributes, out of what was recorded of it. */
import { isIP } from 'node:net';
import { STATUS_OF, type ProxyErrorCode } from '../../errors.ts';
import { textOfBytes } from '../../http/bytes.ts';
import { maskTarget } from '../../http/mask.ts';
import type { Outcome, OutcomeDetails, RequestContext, Try } from '../../plugin.ts';
import type { RecordedSpan, RequestSpans } from '../../tracing/spans.ts';
import { attribute, nanos, type EventMessage, type KeyValue, type SpanMessage } from './otlp.ts';

const INTERNAL = 1;
const SERVER = 2;
const CLIENT = 3;
const FAILED = { code: 2 } as const;
const NO_ID = Buffer.alloc(0);

interface Facts {
  readonly ctx: RequestContext;
  readonly outcome: Outcome;
  readonly details: OutcomeDetails;
  readonly spans: RequestSpans;
  /** From the clock of `performance.now` to milliseconds since the epoch. */
  readonly epochOf: (at: number) => number;
  readonly endAt: number;
}

export function spanMessages(
  ctx: RequestContext,
  outcome: Outcome,
  spans: RequestSpans,
): readonly SpanMessage[] {
  const endAt = performance.now();
  const begin = endAt - outcome.requestMs;
  const facts: Facts = {
    ctx,
    outcome,
    details: outcome.details(),
    spans,
    epochOf: (at) => outcome.startedAt + Math.max(0, at - begin),
    endAt,
  };
  return [
    rootSpan(facts, begin),
    ...spans.recorded.map((span) => recordedSpan(facts, span)),
    ...(spans.tracer.records('dns_query') ? dnsSpans(facts) : []),
    ...(spans.tracer.records('balancer') ? trySpans(facts) : []),
  ];
}

interface SpanParts {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly name: string;
  readonly kind: SpanMessage['kind'];
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly end: number;
  readonly attributes: readonly KeyValue[];
  readonly isFailed?: boolean;
  readonly exception?: string | undefined;
}

function message({ spans }: Facts, parts: SpanParts): SpanMessage {
  const { id, parentId, name, kind, start, end, attributes, isFailed, exception } = parts;
  return {
    traceId: Buffer.from(spans.traceId, 'hex'),
    spanId: Buffer.from(id, 'hex'),
    parentSpanId: parentId === undefined ? NO_ID : Buffer.from(parentId, 'hex'),
    name,
    kind,
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(Math.max(start, end)),
    attributes,
    events: exception === undefined ? [] : [exceptionEvent(exception, end)],
    status: isFailed === true ? FAILED : undefined,
  };
}

const exceptionEvent = (text: string, at: number): EventMessage => ({
  timeUnixNano: nanos(at),
  name: 'exception',
  attributes: [attribute('exception.message', text)],
});

function rootSpan(facts: Facts, begin: number): SpanMessage {
  const { ctx, outcome, details, spans, epochOf, endAt } = facts;
  const host = textOfBytes(ctx.host).replace(/:\d*$/, '').toLowerCase() || 'kong';
  const target = maskTarget(textOfBytes(ctx.target), details.secretQueryNames);
  const isAnswered = details.responseHeaders.length > 0;
  return message(facts, {
    id: spans.rootId,
    parentId: spans.rootParentId,
    name: 'kong',
    kind: SERVER,
    start: epochOf(begin),
    end: epochOf(endAt),
    attributes: [
      attribute('http.method', ctx.method),
      attribute('http.url', `${ctx.scheme}://${host}${target}`),
      attribute('http.host', host),
      attribute('http.scheme', ctx.scheme),
      attribute('http.flavor', ctx.httpVersion === '2' ? '2.0' : ctx.httpVersion),
      attribute('http.client_ip', ctx.clientAddress),
      attribute('net.peer.ip', ctx.connectingAddress),
      attribute('kong.request.id', ctx.id),
      ...(isAnswered ? [attribute('http.status_code', outcome.status)] : []),
      ...(isAnswered ? [attribute('http.route', ctx.route?.paths?.[0] ?? '')] : []),
    ],
  });
}

function recordedSpan(facts: Facts, span: RecordedSpan): SpanMessage {
  const { spans, epochOf, endAt } = facts;
  return message(facts, {
    id: span.id,
    parentId: spans.rootId,
    name: span.name,
    kind: INTERNAL,
    start: epochOf(span.startAt),
    end: epochOf(span.endAt ?? endAt),
    attributes: [],
    isFailed: span.isFailed,
    exception: span.exception,
  });
}

/** Of a Service whose host is a name and no Upstream; when it was not found there is no try. */
function dnsSpans(facts: Facts): readonly SpanMessage[] {
  const { ctx, outcome, spans, epochOf, endAt } = facts;
  const [first] = outcome.tries;
  const { dnsFailure } = spans;
  const { service } = ctx;
  if (service === undefined || isIP(service.host) !== 0) return [];
  if (dnsFailure === undefined && first?.hostname !== service.host) return [];
  const start =
    first === undefined ? epochOf(endAt - outcome.proxyMs) : first.startedAt - first.balancerMs;
  return [
    message(facts, {
      id: spans.tracer.nextSpanId(),
      parentId: spans.rootId,
      name: 'kong.dns',
      kind: CLIENT,
      start,
      end: first === undefined ? epochOf(endAt) : first.startedAt,
      attributes: [
        attribute('dns.record.domain', service.host),
        attribute('dns.record.port', service.port),
        ...(first === undefined ? [] : [attribute('dns.record.ip', first.ip)]),
      ],
      isFailed: dnsFailure !== undefined,
      exception: dnsFailure,
    }),
  ];
}

const isProxyError = (code: string): code is ProxyErrorCode => Object.hasOwn(STATUS_OF, code);

/** The last one has the id that the upstream was told, unless it failed, too. */
function trySpans(facts: Facts): readonly SpanMessage[] {
  const { outcome, spans, epochOf, endAt } = facts;
  const { tries } = outcome;
  return tries.map((attempt: Try, i) => {
    const { error, ip, port, hostname, startedAt, balancerMs } = attempt;
    const isLast = i === tries.length - 1 && error === undefined;
    const status = error !== undefined && isProxyError(error) ? STATUS_OF[error] : 502;
    return message(facts, {
      id: (isLast ? spans.balancerId : undefined) ?? spans.tracer.nextSpanId(),
      parentId: spans.rootId,
      name: 'kong.balancer',
      kind: CLIENT,
      start: startedAt,
      end: isLast ? epochOf(endAt) : (tries[i + 1]?.startedAt ?? startedAt + balancerMs),
      attributes: [
        attribute('try_count', i + 1),
        attribute('net.peer.ip', ip),
        attribute('net.peer.port', port),
        ...(error === undefined ? [] : [attribute('http.status_code', status)]),
        attribute('net.peer.name', hostname),
      ],
      isFailed: error !== undefined,
    });
  });
}
