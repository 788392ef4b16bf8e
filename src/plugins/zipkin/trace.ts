/** One request as the zipkin plugin sees it: the ids of its spans, and when its phases began. */
import { createIds } from '../../http/request-id.ts';
import type { RequestContext } from '../../plugin.ts';
import type { TraceContext } from '../../tracing/context.ts';
import type { OutgoingContext } from '../../tracing/inject.ts';

/** Times are milliseconds on the clock of `performance.now`. */
export interface ZipkinTrace {
  readonly traceId: string;
  readonly isSampled: boolean;
  readonly requestSpanId: string;
  readonly parentId: string | undefined;
  readonly proxySpanId: string;
  /** As they came in: plugins change the request later. Only of a trace that is sampled. */
  readonly requestTags: readonly (readonly [name: string, value: string])[];
  accessAt: number | undefined;
  headerFilterAt: number | undefined;
  bodyFilterAt: number | undefined;
}

export interface TraceOptions {
  readonly sampleRatio: number;
  readonly traceIdBytes: 8 | 16;
  readonly nextSpanId: () => string;
  readonly tagsOf: (ctx: RequestContext) => ZipkinTrace['requestTags'];
}

/** Makes the trace of a request out of what it came with. */
export function createTraces({
  sampleRatio,
  traceIdBytes,
  nextSpanId,
  tagsOf,
}: TraceOptions): (ctx: RequestContext, incoming: TraceContext) => ZipkinTrace {
  const nextTraceId = createIds(traceIdBytes);
  return (ctx, incoming) => {
    const isSampled = incoming.sampled ?? Math.random() < sampleRatio;
    const shared = incoming.sharesSpan ? incoming.spanId : undefined;
    return {
      traceId: incoming.traceId ?? nextTraceId(),
      isSampled,
      requestSpanId: shared ?? nextSpanId(),
      parentId: incoming.sharesSpan ? incoming.parentId : incoming.spanId,
      proxySpanId: nextSpanId(),
      requestTags: isSampled ? tagsOf(ctx) : [],
      accessAt: undefined,
      headerFilterAt: undefined,
      bodyFilterAt: undefined,
    };
  };
}

/** What the upstream is told: the span of the proxying. Kong leaves a decision against it unsaid. */
export function outgoingOf(trace: ZipkinTrace, incoming: TraceContext): OutgoingContext {
  return {
    ...incoming,
    traceId: trace.traceId,
    spanId: trace.proxySpanId,
    parentId: trace.requestSpanId,
    sampled: trace.isSampled || undefined,
  };
}
