/** Passes trace contexts on and reports the spans of requests to Zipkin. Kong: zipkin. */
import type { ZipkinConfig } from '../../config/schema-types.ts';
import { createIds } from '../../http/request-id.ts';
import { maskTokens } from '../../http/mask.ts';
import {
  definePlugin,
  type Immutable,
  type PluginBuild,
  type PluginPhases,
  type RequestContext,
} from '../../plugin.ts';
import { createQueue } from '../../telemetry/queue.ts';
import { partTimeouts } from '../../telemetry/timeouts.ts';
import { compilePropagation } from '../../tracing/propagation.ts';
import { parseRequestTags } from './request-tags.ts';
import { spansOf } from './spans.ts';
import { createTraces, outgoingOf, type ZipkinTrace } from './trace.ts';

type Config = Immutable<ZipkinConfig>;

const SPAN_ID_BYTES = 8;
const UNREADABLE = 'parts of the header with tags are no tags and are left out';

export const zipkin = definePlugin<ZipkinConfig>({
  name: 'zipkin',
  priority: 100_000,
  compile(config, build) {
    const propagator = compilePropagation(config);
    const tagsHeader = config.tags_header.toLowerCase();
    const nextSpanId = createIds(SPAN_ID_BYTES);
    const newTrace = createTraces({
      sampleRatio: config.sample_ratio,
      traceIdBytes: config.traceid_byte_count,
      nextSpanId,
      tagsOf(ctx) {
        const { tags, unreadable } = parseRequestTags(ctx.headers, tagsHeader);
        if (unreadable > 0) build.log.debug({ request_id: ctx.id, unreadable }, UNREADABLE);
        return tags;
      },
    });
    const traces = new WeakMap<RequestContext, ZipkinTrace>();
    /** Requests whose access phase it did not run for are looked at when their answer goes. */
    const traceOf = (ctx: RequestContext): ZipkinTrace => {
      const known = traces.get(ctx);
      if (known !== undefined) return known;
      const made = newTrace(ctx, propagator.extract(ctx.headers).context);
      traces.set(ctx, made);
      return made;
    };
    const responseHeader = config.http_response_header_for_traceid;
    return {
      access(ctx) {
        const incoming = propagator.extract(ctx.headers);
        const trace = newTrace(ctx, incoming.context);
        trace.accessAt = performance.now();
        traces.set(ctx, trace);
        const ids = propagator.write(ctx.headers, incoming, outgoingOf(trace, incoming.context));
        if (ids !== undefined) ctx.traceIds = { ...ctx.traceIds, ...ids };
        return undefined;
      },
      headerFilter(ctx, head) {
        const trace = traceOf(ctx);
        trace.headerFilterAt = performance.now();
        if (responseHeader !== null) head.headers.push(responseHeader, trace.traceId);
      },
      // Only to know when the body begins.
      filtersBody: (ctx) => (traceOf(ctx).isSampled ? 'reads' : false),
      bodyFilter(ctx, chunk) {
        traceOf(ctx).bodyFilterAt ??= performance.now();
        return chunk;
      },
      ...reporter(config, build, { traceOf, nextSpanId }),
    };
  },
});

interface Tracing {
  readonly traceOf: (ctx: RequestContext) => ZipkinTrace;
  readonly nextSpanId: () => string;
}

/** The log phase; nothing of it without somebody to report to. */
function reporter(
  config: Config,
  build: PluginBuild,
  { traceOf, nextSpanId }: Tracing,
): Pick<PluginPhases, 'log' | 'close'> {
  const { http_endpoint: url } = config;
  if (url === null) return {};
  const timeouts = partTimeouts(config);
  const queue = createQueue({
    settings: config.queue,
    log: build.log,
    async send(batch, signal) {
      const { status } = await build.services.outbound.request({
        url,
        method: 'POST',
        headers: ['content-type', 'application/json'],
        body: `[${batch.join(',')}]`,
        ...timeouts,
        signal,
      });
      if (status < 200 || status >= 300) throw new Error(`the server answered ${status}`);
    },
  });
  return {
    log(ctx, outcome) {
      const trace = traceOf(ctx);
      if (!trace.isSampled) return;
      const facts = { config, nodeId: build.nodeId, trace, ctx, outcome, nextSpanId };
      for (const span of spansOf(facts)) {
        queue.push(maskTokens(JSON.stringify(span)));
      }
    },
    close: () => queue.close(),
  };
}
