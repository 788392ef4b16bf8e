/** An OTLP collector for tests: what it was sent, decoded with the messages that OpenTelemetry generates. */
import type { TestContext } from 'node:test';
import generated from '@opentelemetry/otlp-transformer/build/src/generated/root.js';
import { until } from '../../src/gateway/log-run.test.fixture.ts';
import { startOrigin, type RecordingOrigin } from './origin.ts';

type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface SeenSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: string;
  /** Nanoseconds. */
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
  readonly status: string | undefined;
}

export interface SeenRecord {
  readonly severityNumber: number | string;
  readonly severityText: string;
  readonly body: string;
  readonly attributes: Attributes;
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
  readonly time: bigint;
}

export interface Collector {
  readonly origin: RecordingOrigin;
  readonly tracesUrl: string;
  readonly logsUrl: string;
  /** Wait for that many, however they were batched. */
  spans(count: number): Promise<readonly SeenSpan[]>;
  records(count: number): Promise<readonly SeenRecord[]>;
  /** Of the first request. */
  resource(): Attributes;
  scope(): object;
}

interface Decoder {
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): Raw;
}

/** The generated code of a message; its types say nothing of it. */
function decoderOf(name: string): Decoder {
  let at: unknown = generated;
  for (const step of `opentelemetry.proto.collector.${name}`.split('.')) {
    at = Reflect.get(Object(at), step);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return at as Decoder;
}

const TRACES = decoderOf('trace.v1.ExportTraceServiceRequest');
const LOGS = decoderOf('logs.v1.ExportLogsServiceRequest');
const TO_OBJECT = { longs: String, bytes: Buffer, enums: String };

/** What `toObject` gives, as far as it is looked at. */
interface Raw {
  readonly [member: string]: unknown;
}

const isRaw = (value: unknown): value is Raw => typeof value === 'object' && value !== null;

function rawList(from: unknown, name: string): readonly Raw[] {
  const value = isRaw(from) ? from[name] : undefined;
  return Array.isArray(value) ? value.filter(isRaw) : [];
}

const hex = (value: unknown): string => (Buffer.isBuffer(value) ? value.toString('hex') : '');
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const big = (value: unknown): bigint => BigInt(text(value) || '0');

function plainValue(value: unknown): string | number | boolean {
  if (!isRaw(value)) return '';
  const { stringValue, intValue, doubleValue, boolValue } = value;
  if (typeof stringValue === 'string') return stringValue;
  if (typeof doubleValue === 'number') return doubleValue;
  if (typeof boolValue === 'boolean') return boolValue;
  // Told from a double: tests compare it with a text.
  return `int:${text(intValue)}`;
}

const attributesOf = (from: unknown): Attributes =>
  Object.fromEntries(
    rawList(from, 'attributes').map((pair) => [text(pair['key']), plainValue(pair['value'])]),
  );

const spanOf = (span: Raw): SeenSpan => ({
  traceId: hex(span['traceId']),
  spanId: hex(span['spanId']),
  parentSpanId: hex(span['parentSpanId']),
  name: text(span['name']),
  kind: text(span['kind']),
  start: big(span['startTimeUnixNano']),
  end: big(span['endTimeUnixNano']),
  attributes: attributesOf(span),
  events: rawList(span, 'events').map((event) => ({
    name: text(event['name']),
    attributes: attributesOf(event),
  })),
  status: isRaw(span['status']) ? text(span['status']['code']) : undefined,
});

const recordOf = (record: Raw): SeenRecord => ({
  severityNumber: text(record['severityNumber']),
  severityText: text(record['severityText']),
  body: String(plainValue(record['body'])),
  attributes: attributesOf(record),
  traceId: hex(record['traceId']),
  spanId: hex(record['spanId']),
  flags: Number(record['flags'] ?? 0),
  time: big(record['timeUnixNano']),
});

const atLeast = <T>(find: () => readonly T[], count: number): Promise<readonly T[]> =>
  until(() => {
    const found = find();
    return found.length >= count ? found : undefined;
  });

export async function startCollector(
  t: TestContext,
  status: (bodies: number) => number = () => 200,
): Promise<Collector> {
  const origin = await startOrigin(t, (_req, res) =>
    res.writeHead(status(origin.seen.length)).end(),
  );
  const bodiesAt = (path: string): readonly Buffer[] =>
    origin.seen.filter(({ url }) => url === path).map(({ body }) => Buffer.from(body, 'latin1'));
  const decoded = (decoder: Decoder, path: string): readonly Raw[] =>
    bodiesAt(path).map((body) => decoder.toObject(decoder.decode(body), TO_OBJECT));
  const resourceSpans = () =>
    decoded(TRACES, '/v1/traces').flatMap((request) => rawList(request, 'resourceSpans'));
  const scopeSpans = () => resourceSpans().flatMap((of) => rawList(of, 'scopeSpans'));
  const allRecords = () =>
    decoded(LOGS, '/v1/logs')
      .flatMap((request) => rawList(request, 'resourceLogs'))
      .flatMap((of) => rawList(of, 'scopeLogs'))
      .flatMap((of) => rawList(of, 'logRecords'))
      .map(recordOf);
  const allSpans = () =>
    scopeSpans()
      .flatMap((of) => rawList(of, 'spans'))
      .map(spanOf);
  return {
    origin,
    tracesUrl: `${origin.url}/v1/traces`,
    logsUrl: `${origin.url}/v1/logs`,
    spans: (count) => atLeast(allSpans, count),
    records: (count) => atLeast(allRecords, count),
    resource: () => attributesOf(resourceSpans()[0]?.['resource']),
    scope: () => Object(scopeSpans()[0]?.['scope']),
  };
}
