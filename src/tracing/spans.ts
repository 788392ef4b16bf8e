/**
 * What is recorded of a request while the settings ask for spans (Kong: `tracing_instrumentations`): the
 * ids of its trace, and when the parts of its handling began and ended. Nobody pays for it otherwise.
 */
import { createIds } from '../http/request-id.ts';

/** Kong's names. Of `db_query` and `plugin_rewrite` there is nothing to record: no database, no such phase. */
export const INSTRUMENTATIONS = [
  'request',
  'db_query',
  'dns_query',
  'router',
  'http_client',
  'balancer',
  'plugin_rewrite',
  'plugin_access',
  'plugin_header_filter',
] as const;
export type Instrumentation = (typeof INSTRUMENTATIONS)[number];

export interface TracingSettings {
  readonly instrumentations: readonly Instrumentation[];
  /** Share of the traces that are reported, 0 to 1. */
  readonly samplingRate: number;
}

/** A part of the handling; a child of the request's own span. Times are on the clock of `performance.now`. */
export class RecordedSpan {
  readonly id: string;
  readonly name: string;
  readonly startAt: number;
  endAt: number | undefined = undefined;
  isFailed = false;
  /** What was thrown, if something was. */
  exception: string | undefined = undefined;

  constructor(id: string, name: string) {
    this.id = id;
    this.name = name;
    this.startAt = performance.now();
  }

  end(): void {
    this.endAt ??= performance.now();
  }

  fail(exception?: string): void {
    this.isFailed = true;
    this.exception = exception;
  }
}

export class RequestSpans {
  readonly tracer: Tracer;
  /** 32 hex digits; the caller's, once a plugin has found it. */
  traceId: string;
  isSampled: boolean;
  readonly rootId: string;
  /** The caller's span. */
  rootParentId: string | undefined = undefined;
  /** Of the span that the upstream is told; `undefined` where the balancer is not instrumented. */
  readonly balancerId: string | undefined;
  readonly recorded: RecordedSpan[] = [];
  /** Why the name of the upstream was not found. */
  dnsFailure: string | undefined = undefined;

  constructor(tracer: Tracer) {
    this.tracer = tracer;
    this.traceId = tracer.nextTraceId();
    this.rootId = tracer.nextSpanId();
    this.isSampled = isSampled(this.traceId, tracer.samplingRate);
    this.balancerId = tracer.records('balancer') ? tracer.nextSpanId() : undefined;
  }

  start(name: string): RecordedSpan {
    const span = new RecordedSpan(this.tracer.nextSpanId(), name);
    this.recorded.push(span);
    return span;
  }
}

/** Made once per process, where the settings ask for it. */
export class Tracer {
  readonly samplingRate: number;
  readonly nextTraceId = createIds(16);
  readonly nextSpanId = createIds(8);
  readonly #wanted: ReadonlySet<Instrumentation>;

  constructor({ instrumentations, samplingRate }: TracingSettings) {
    this.samplingRate = samplingRate;
    this.#wanted = new Set(instrumentations);
  }

  records(instrumentation: Instrumentation): boolean {
    return this.#wanted.has(instrumentation);
  }
}

const BYTES_COMPARED = 8;

/**
 * Kong's sampler: everybody who sees the same trace id decides in the same way. The first eight bytes
 * are compared as a little-endian number.
 */
export function isSampled(traceId: string, rate: number): boolean {
  if (rate >= 1) return true;
  if (rate <= 0) return false;
  let value = 0;
  for (let i = BYTES_COMPARED - 1; i >= 0; i--) {
    value = value * 256 + Number.parseInt(traceId.slice(2 * i, 2 * i + 2), 16);
  }
  return value < rate * 2 ** (8 * BYTES_COMPARED);
}
