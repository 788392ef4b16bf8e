/** What a request says about the trace it belongs to, whatever the header format it came in. */
import type { HeaderList } from '../http/headers.ts';

/** Kong's names. `b3` and `b3-single` are read by one extractor and written by two injectors. */
export type ExtractFormat = 'w3c' | 'b3' | 'jaeger' | 'ot' | 'datadog' | 'aws' | 'gcp';
export type InjectFormat = ExtractFormat | 'b3-single';

/** Ids are lower-case hex, as wide as their format is. */
export interface TraceContext {
  readonly traceId: string | undefined;
  /** How long the trace id was when it came in; 0 for one that was made here. Hex digits. */
  readonly traceIdDigits: number;
  /** The caller's span; in formats that share a span between both sides, the one that is shared. */
  readonly spanId: string | undefined;
  /** The parent of a shared span. */
  readonly parentId: string | undefined;
  /** The format lets both sides report the same span. */
  readonly sharesSpan: boolean;
  /** `undefined`: the caller leaves the decision to us. */
  readonly sampled: boolean | undefined;
  /** B3 debug flag, as it came. */
  readonly flags: string | undefined;
  /** The flags byte of a `traceparent`. */
  readonly w3cFlags: number | undefined;
  /** It came in the one header of B3, not in its several. */
  readonly isSingleHeader: boolean;
  /** Byte strings by name. */
  readonly baggage: ReadonlyMap<string, string> | undefined;
}

export const NO_CONTEXT: TraceContext = {
  traceId: undefined,
  traceIdDigits: 0,
  spanId: undefined,
  parentId: undefined,
  sharesSpan: false,
  sampled: undefined,
  flags: undefined,
  w3cFlags: undefined,
  isSingleHeader: false,
  baggage: undefined,
};

export const TRACE_ID_DIGITS = 32;
export const SPAN_ID_DIGITS = 16;

/** The last `digits` of an id, or the id behind zeros. */
export const resizeId = (id: string, digits: number): string =>
  id.length > digits ? id.slice(-digits) : id.padStart(digits, '0');

const BAGGAGE = /^(?:uberctx|ot-baggage)-/;

const NAMES: ReadonlySet<string> = new Set([
  'traceparent',
  'tracestate',
  'b3',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'x-b3-flags',
  'uber-trace-id',
  'ot-tracer-traceid',
  'ot-tracer-spanid',
  'ot-tracer-sampled',
  'x-datadog-trace-id',
  'x-datadog-parent-id',
  'x-datadog-sampling-priority',
  'x-amzn-trace-id',
  'x-cloud-trace-context',
]);

/** The header fields that formats are made of, picked out of a request in one pass. */
export class TracingHeaders {
  readonly #values = new Map<string, string[]>();

  /** `undefined` for a request without any: most of them. */
  static of(headers: Readonly<HeaderList>): TracingHeaders | undefined {
    let found: TracingHeaders | undefined;
    for (let i = 0; i < headers.length; i += 2) {
      const name = (headers[i] ?? '').toLowerCase();
      if (!NAMES.has(name) && !BAGGAGE.test(name)) continue;
      found ??= new TracingHeaders();
      found.#add(name, headers[i + 1] ?? '');
    }
    return found;
  }

  #add(name: string, value: string): void {
    const values = this.#values.get(name);
    if (values === undefined) this.#values.set(name, [value]);
    else values.push(value);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The value of a field that stands once; the empty string, which is valid in no format, if more often. */
  one(name: string): string | undefined {
    const values = this.#values.get(name);
    if (values === undefined) return undefined;
    return values.length === 1 ? values[0] : '';
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** What stands behind the prefix in names, and the values, decoded. `undefined` when there is none. */
  baggage(prefix: string): ReadonlyMap<string, string> | undefined {
    const items = [...this.#values.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name): [string, string] => [
        name.slice(prefix.length),
        decodeBytes(this.one(name) ?? ''),
      ]);
    return items.length === 0 ? undefined : new Map(items);
  }
}

/** Bytes that are `%XX`, and `+` for a space; what is no escape stays. */
function decodeBytes(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replaceAll(/%([\dA-Fa-f]{2})/g, (_, digits: string) =>
      String.fromCodePoint(Number.parseInt(digits, 16)),
    );
}
