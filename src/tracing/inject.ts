/** Trace contexts as the headers of each format, in Kong's spelling. */
import {
  SPAN_ID_DIGITS,
  TRACE_ID_DIGITS,
  resizeId,
  type InjectFormat,
  type TraceContext,
} from './context.ts';

/** A context that is complete: what goes out always has both ids. */
export interface OutgoingContext extends TraceContext {
  readonly traceId: string;
  readonly spanId: string;
}

export interface Injected {
  /** Alternating names and values: byte strings. */
  readonly headers: readonly string[];
  /** The member of the log record's `trace_id`: name and id as the format writes it. */
  readonly traceId: readonly [name: string, id: string];
}

/** Ids in the widths of the format. */
type Sized = OutgoingContext;

interface Injector {
  /** Widths of trace ids; the first one is used where the one that came in is not among them. */
  readonly widths: readonly number[];
  readonly headers: (context: Sized) => readonly string[];
  readonly traceId: (id: string) => readonly [name: string, id: string];
}

const LONG = TRACE_ID_DIGITS;
const SHORT = TRACE_ID_DIGITS / 2;

const decimalOf = (hex: string): string => BigInt(`0x${hex}`).toString();
const digit = (sampled: boolean | undefined): string => (sampled === true ? '1' : '0');

const INJECTORS: Readonly<Record<InjectFormat, Injector>> = {
  w3c: {
    widths: [LONG],
    headers: ({ traceId, spanId, sampled }) => [
      'traceparent',
      `00-${traceId}-${spanId}-0${digit(sampled)}`,
    ],
    traceId: (id) => ['w3c', id],
  },
  b3: {
    widths: [LONG, SHORT],
    headers: ({ traceId, spanId, parentId, flags, sampled }) => [
      'x-b3-traceid',
      traceId,
      'x-b3-spanid',
      spanId,
      ...(parentId === undefined ? [] : ['x-b3-parentspanid', parentId]),
      ...(flags === undefined ? ['x-b3-sampled', digit(sampled)] : ['x-b3-flags', flags]),
    ],
    traceId: (id) => ['b3', id],
  },
  'b3-single': {
    widths: [LONG, SHORT],
    headers: ({ traceId, spanId, parentId, flags, sampled }) => [
      'b3',
      [
        traceId,
        spanId,
        ...(flags === '1' ? ['d'] : sampled === undefined ? [] : [digit(sampled)]),
        ...(parentId === undefined ? [] : [parentId]),
      ].join('-'),
    ],
    traceId: (id) => ['b3', id],
  },
  jaeger: {
    widths: [LONG, SHORT],
    headers: ({ traceId, spanId, parentId, sampled, baggage }) => [
      'uber-trace-id',
      `${traceId}:${spanId}:${parentId ?? '0'}:0${digit(sampled)}`,
      ...baggageHeaders('uberctx-', baggage),
    ],
    traceId: (id) => ['jaeger', id],
  },
  ot: {
    widths: [SHORT, LONG],
    headers: ({ traceId, spanId, sampled, baggage }) => [
      'ot-tracer-traceid',
      traceId,
      'ot-tracer-spanid',
      spanId,
      ...(sampled === undefined ? [] : ['ot-tracer-sampled', digit(sampled)]),
      ...baggageHeaders('ot-baggage-', baggage),
    ],
    traceId: (id) => ['ot', id],
  },
  datadog: {
    widths: [SHORT],
    headers: ({ traceId, spanId, sampled }) => [
      'x-datadog-trace-id',
      decimalOf(traceId),
      'x-datadog-parent-id',
      decimalOf(spanId),
      ...(sampled === undefined ? [] : ['x-datadog-sampling-priority', digit(sampled)]),
    ],
    traceId: (id) => ['datadog', decimalOf(id)],
  },
  aws: {
    widths: [LONG],
    headers: ({ traceId, spanId, sampled }) => [
      'x-amzn-trace-id',
      `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=${digit(sampled)}`,
    ],
    traceId: (id) => ['aws', id],
  },
  gcp: {
    widths: [LONG],
    headers: ({ traceId, spanId, sampled }) => [
      'x-cloud-trace-context',
      `${traceId}/${decimalOf(spanId)};o=${digit(sampled)}`,
    ],
    traceId: (id) => ['gcp', id],
  },
};

/** The headers of one format; the trace id keeps the width it came in where the format allows it. */
export function inject(format: InjectFormat, context: OutgoingContext): Injected {
  const { widths, headers, traceId } = INJECTORS[format];
  const width = widths.includes(context.traceIdDigits)
    ? context.traceIdDigits
    : (widths[0] ?? LONG);
  const sized: Sized = {
    ...context,
    traceId: resizeId(context.traceId, width),
    spanId: resizeId(context.spanId, SPAN_ID_DIGITS),
  };
  return { headers: headers(sized), traceId: traceId(sized.traceId) };
}

const baggageHeaders = (
  prefix: string,
  baggage: ReadonlyMap<string, string> | undefined,
): readonly string[] =>
  [...(baggage ?? [])].flatMap(([name, value]) => [`${prefix}${name}`, encodeBytes(value)]);

/** Every byte that is not unreserved (RFC 3986 section 2.3) as `%XX`. */
const encodeBytes = (bytes: string): string =>
  bytes.replaceAll(
    /[^\w.~-]/g,
    (byte) => `%${(byte.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
