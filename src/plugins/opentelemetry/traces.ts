/** Trace contexts in and out, and the spans of requests to the collector. */
import { createIds } from '../../http/request-id.ts';
import type { PluginBuild, PluginPhases, RequestContext } from '../../plugin.ts';
import { compilePropagation, type Incoming } from '../../tracing/propagation.ts';
import type { OutgoingContext } from '../../tracing/inject.ts';
import { isSampled, type RequestSpans } from '../../tracing/spans.ts';
import { createExport, resourceAttributes, type Config } from './exporter.ts';
import { sizeOfAttributes, type OtlpEncoder, type SpanMessage } from './otlp.ts';
import { spanMessages } from './spans.ts';

/** What the log records of a request say of its trace. */
export interface TraceFlags {
  readonly traceId: string;
  readonly flags: number;
}

export interface Traces {
  readonly phases: PluginPhases;
  /** `undefined` for a request whose access phase did not run here. */
  flagsOf(ctx: RequestContext): TraceFlags | undefined;
}

const SPAN_BYTES = 80;

/** `undefined` without a `traces_endpoint`: then headers are left alone, too. */
export function compileTraces(
  config: Config,
  build: PluginBuild,
  encoder: OtlpEncoder,
): Traces | undefined {
  const resource = resourceAttributes(config, build.nodeId);
  const queue = createExport<SpanMessage>(config, build, {
    field: 'traces_endpoint',
    sizeOf: ({ name, attributes }) => SPAN_BYTES + name.length + sizeOfAttributes(attributes),
    encode: (spans) => encoder.traces(resource, spans),
  });
  if (queue === undefined) return undefined;
  const traced = new WeakMap<RequestContext, TraceFlags>();
  const responseHeader = config.http_response_header_for_traceid;
  const isAskedFor = responseHeader !== null || config.logs_endpoint !== null;
  return {
    flagsOf: (ctx) => traced.get(ctx),
    phases: {
      access: propagation(
        config,
        isAskedFor ? (ctx, flags) => void traced.set(ctx, flags) : undefined,
      ),
      ...(responseHeader !== null && {
        headerFilter(ctx, head) {
          const traceId = traced.get(ctx)?.traceId ?? ctx.spans?.traceId;
          if (traceId !== undefined) head.headers.push(responseHeader, traceId);
        },
      }),
      log(ctx, outcome) {
        if (ctx.spans?.isSampled !== true) return;
        for (const span of spanMessages(ctx, outcome, ctx.spans)) queue.push(span);
      },
      close: () => queue.close(),
    },
  };
}

type Access = NonNullable<PluginPhases['access']>;

function propagation(
  config: Config,
  remember: ((ctx: RequestContext, flags: TraceFlags) => void) | undefined,
): Access {
  const propagator = compilePropagation(config);
  const unrecorded = withoutSpans();
  return (ctx) => {
    const incoming = propagator.extract(ctx.headers);
    const outgoing =
      ctx.spans === undefined
        ? unrecorded(incoming)
        : withSpans(incoming, ctx.spans, config.sampling_rate);
    const ids = propagator.write(ctx.headers, incoming, outgoing);
    if (ids !== undefined) ctx.traceIds = { ...ctx.traceIds, ...ids };
    remember?.(ctx, { traceId: outgoing.traceId, flags: flagsOf(incoming, outgoing) });
    return undefined;
  };
}

/** The flags byte as W3C defines it. */
function flagsOf({ context }: Incoming, { sampled }: OutgoingContext): number {
  const flags = context.w3cFlags ?? (context.flags === '1' ? 1 : 0);
  return flags | (sampled === true ? 1 : 0);
}

/** Without spans of ours nothing is reported, and the upstream is told so. */
function withoutSpans(): (incoming: Incoming) => OutgoingContext {
  const nextTraceId = createIds(16);
  const nextSpanId = createIds(8);
  return ({ context }) => ({
    ...context,
    traceId: context.traceId ?? nextTraceId(),
    spanId: nextSpanId(),
    parentId: context.spanId ?? context.parentId,
    sampled: false,
  });
}

/** Our spans become part of the caller's trace; a decision of the caller against reporting stands. */
function withSpans(
  { context }: Incoming,
  spans: RequestSpans,
  samplingRate: number | null,
): OutgoingContext {
  spans.traceId = context.traceId ?? spans.traceId;
  spans.rootParentId = context.spanId ?? context.parentId;
  const rate = samplingRate ?? spans.tracer.samplingRate;
  spans.isSampled = context.sampled !== false && isSampled(spans.traceId, rate);
  return {
    ...context,
    traceId: spans.traceId,
    spanId: spans.balancerId ?? spans.rootId,
    parentId: spans.balancerId === undefined ? spans.rootParentId : spans.rootId,
    sampled: spans.isSampled,
  };
}
