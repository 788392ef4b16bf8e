/** Trace contexts in the formats other than B3. Broken headers are no context: the request goes on without. */
import {
  NO_CONTEXT,
  SPAN_ID_DIGITS,
  TRACE_ID_DIGITS,
  resizeId,
  type ExtractFormat,
  type TraceContext,
  type TracingHeaders,
} from './context.ts';
import { booleanOf, extractB3, isId } from './extract-b3.ts';

type Extractor = (headers: TracingHeaders) => TraceContext | undefined;

const EXTRACTORS: Readonly<Record<ExtractFormat, Extractor>> = {
  b3: extractB3,
  w3c: extractW3c,
  jaeger: extractJaeger,
  ot: extractOpenTracing,
  datadog: extractDatadog,
  aws: extractAws,
  gcp: extractGcp,
};

export interface Extracted {
  readonly format: ExtractFormat;
  readonly context: TraceContext;
}

/** What the first of the formats that says anything says. */
export function extract(
  headers: TracingHeaders,
  formats: readonly ExtractFormat[],
): Extracted | undefined {
  for (const format of formats) {
    const context = EXTRACTORS[format](headers);
    if (context !== undefined) return { format, context: inKongsWidths(context) };
  }
  return undefined;
}

/** Ids as wide as ours, in lower case; how wide the trace id was is remembered. */
function inKongsWidths(context: TraceContext): TraceContext {
  const { traceId, spanId, parentId } = context;
  return {
    ...context,
    traceId: traceId && resizeId(traceId.toLowerCase(), TRACE_ID_DIGITS),
    // Formats that write numbers may have an odd number of digits; they fill whole bytes.
    traceIdDigits: traceId === undefined ? 0 : traceId.length + (traceId.length % 2),
    spanId: spanId && resizeId(spanId.toLowerCase(), SPAN_ID_DIGITS),
    parentId: parentId && resizeId(parentId.toLowerCase(), SPAN_ID_DIGITS),
  };
}

const isZero = (id: string): boolean => /^0+$/.test(id);

/** W3C Trace Context, version 00 only. */
const TRACEPARENT = /^00-([\dA-Fa-f]{32})-([\dA-Fa-f]{16})-([\dA-Fa-f]{2})$/;

function extractW3c(headers: TracingHeaders): TraceContext | undefined {
  const [, traceId = '', spanId = '', digits = ''] =
    TRACEPARENT.exec(headers.one('traceparent') ?? '') ?? [];
  if (traceId === '' || isZero(traceId) || isZero(spanId)) return undefined;
  const w3cFlags = Number.parseInt(digits, 16);
  return { ...NO_CONTEXT, traceId, spanId, sampled: w3cFlags % 2 === 1, w3cFlags };
}

const UBER_TRACE_ID = /^([\dA-Fa-f]{1,32}):([\dA-Fa-f]{1,16}):([\dA-Fa-f]+):([\dA-Fa-f]{1,2})$/;

/** A parent id of the wrong length is taken all the same, as in Kong. */
function extractJaeger(headers: TracingHeaders): TraceContext | undefined {
  const [, traceId = '', spanId = '', parentId = '', flags = ''] =
    UBER_TRACE_ID.exec(headers.one('uber-trace-id') ?? '') ?? [];
  if (traceId === '' || isZero(traceId) || isZero(spanId)) return undefined;
  return {
    ...NO_CONTEXT,
    traceId,
    spanId,
    parentId,
    sharesSpan: true,
    sampled: Number.parseInt(flags, 16) % 2 === 1,
    baggage: headers.baggage('uberctx-'),
  };
}

function extractOpenTracing(headers: TracingHeaders): TraceContext | undefined {
  const isThere = ['sampled', 'traceid', 'spanid'].some((name) => headers.has(`ot-tracer-${name}`));
  if (!isThere) return undefined;
  const sampled = booleanOf(headers.one('ot-tracer-sampled'));
  const traceId = headers.one('ot-tracer-traceid');
  const spanId = headers.one('ot-tracer-spanid');
  const areValid = traceId !== undefined && isId(traceId, 16, 32) && isId(spanId, 16, 16);
  const baggage = headers.baggage('ot-baggage-');
  const ids = areValid ? { traceId, spanId } : {};
  if (!areValid && sampled === undefined && baggage === undefined) return undefined;
  return { ...NO_CONTEXT, ...ids, sampled, baggage };
}

const DATADOG_SAMPLING: ReadonlyMap<string, boolean> = new Map([
  ['2', true],
  ['1', true],
  ['0', false],
  ['-1', false],
]);

function extractDatadog(headers: TracingHeaders): TraceContext | undefined {
  const priority = headers.one('x-datadog-sampling-priority');
  const sampled = DATADOG_SAMPLING.get(priority ?? '');
  if (priority !== undefined && sampled === undefined) return undefined;
  const traceId = hexOfDecimal(headers.one('x-datadog-trace-id'));
  const spanId = traceId && hexOfDecimal(headers.one('x-datadog-parent-id'));
  if (traceId === undefined && sampled === undefined) return undefined;
  return { ...NO_CONTEXT, traceId, spanId, sampled };
}

/** The most digits of 128 bits: longer numbers are no ids. */
const DECIMAL = /^\s*(\d{1,39})\s*$/;

function hexOfDecimal(text: string | undefined): string | undefined {
  const [, digits] = DECIMAL.exec(text ?? '') ?? [];
  return digits === undefined ? undefined : BigInt(digits).toString(16);
}

/** X-Ray: `Root=1-<time>-<id>;Parent=<span>;Sampled=1`. Anything else in it is ignored. */
function extractAws(headers: TracingHeaders): TraceContext | undefined {
  const parts = (headers.one('x-amzn-trace-id') ?? '').split(';').map((pair) => pair.split('='));
  let traceId: string | undefined;
  let spanId: string | undefined;
  let sampled: boolean | undefined;
  for (const [name = '', text = ''] of parts) {
    const value = text.trim();
    switch (name.trim()) {
      case 'Root': {
        const [, time, id] = /^1-([\dA-Fa-f]{8})-([\dA-Fa-f]{24})$/.exec(value) ?? [];
        if (time === undefined || id === undefined) return undefined;
        traceId = time + id;
        break;
      }
      case 'Parent':
        if (!isId(value, SPAN_ID_DIGITS, SPAN_ID_DIGITS)) return undefined;
        spanId = value;
        break;
      case 'Sampled':
        if (value !== '0' && value !== '1') return undefined;
        sampled = value === '1';
        break;
      default:
    }
  }
  if (traceId === undefined && spanId === undefined && sampled === undefined) return undefined;
  return { ...NO_CONTEXT, traceId, spanId, sampled };
}

const CLOUD_TRACE_CONTEXT = /^([\da-f]{32})\/(\d{1,20})(?:;o=(\d))?$/;

function extractGcp(headers: TracingHeaders): TraceContext | undefined {
  const [, traceId, span, flag] =
    CLOUD_TRACE_CONTEXT.exec(headers.one('x-cloud-trace-context') ?? '') ?? [];
  if (traceId === undefined) return undefined;
  return { ...NO_CONTEXT, traceId, spanId: hexOfDecimal(span), sampled: flag === '1' };
}
