/** OTLP over protobuf: the messages of opentelemetry-proto 1.x, as far as spans and log records need them. */
import protobuf from 'protobufjs/light.js';

/** 64 bits in two halves, as protobufjs takes them. */
export interface Fixed64 {
  readonly low: number;
  readonly high: number;
  readonly unsigned: true;
}

export type AnyValue =
  | { readonly stringValue: string }
  | { readonly intValue: number }
  | { readonly doubleValue: number }
  | { readonly boolValue: boolean };

export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

export interface SpanMessage {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly parentSpanId: Buffer;
  readonly name: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: 1 | 2 | 3;
  readonly startTimeUnixNano: Fixed64;
  readonly endTimeUnixNano: Fixed64;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly EventMessage[];
  /** 2: an error. */
  readonly status: { readonly code: 2 } | undefined;
}

export interface EventMessage {
  readonly timeUnixNano: Fixed64;
  readonly name: string;
  readonly attributes: readonly KeyValue[];
}

export interface LogMessage {
  readonly timeUnixNano: Fixed64;
  readonly observedTimeUnixNano: Fixed64;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: AnyValue;
  readonly attributes: readonly KeyValue[];
  readonly flags: number;
  readonly traceId: Buffer;
  readonly spanId: Buffer;
}

type FieldType = readonly [id: number, type: string, rule?: 'repeated'];

/** Numbers of fields never change; their wire names do not matter. */
const MESSAGES: Readonly<Record<string, Readonly<Record<string, FieldType>>>> = {
  ExportTraceServiceRequest: { resourceSpans: [1, 'ResourceSpans', 'repeated'] },
  ResourceSpans: { resource: [1, 'Resource'], scopeSpans: [2, 'ScopeSpans', 'repeated'] },
  ScopeSpans: { scope: [1, 'Scope'], spans: [2, 'Span', 'repeated'] },
  ExportLogsServiceRequest: { resourceLogs: [1, 'ResourceLogs', 'repeated'] },
  ResourceLogs: { resource: [1, 'Resource'], scopeLogs: [2, 'ScopeLogs', 'repeated'] },
  ScopeLogs: { scope: [1, 'Scope'], logRecords: [2, 'LogRecord', 'repeated'] },
  Resource: { attributes: [1, 'KeyValue', 'repeated'] },
  Scope: { name: [1, 'string'], version: [2, 'string'] },
  KeyValue: { key: [1, 'string'], value: [2, 'AnyValue'] },
  AnyValue: {
    stringValue: [1, 'string'],
    boolValue: [2, 'bool'],
    intValue: [3, 'int64'],
    doubleValue: [4, 'double'],
  },
  Span: {
    traceId: [1, 'bytes'],
    spanId: [2, 'bytes'],
    parentSpanId: [4, 'bytes'],
    name: [5, 'string'],
    kind: [6, 'int32'],
    startTimeUnixNano: [7, 'fixed64'],
    endTimeUnixNano: [8, 'fixed64'],
    attributes: [9, 'KeyValue', 'repeated'],
    events: [11, 'Event', 'repeated'],
    status: [15, 'Status'],
  },
  Event: {
    timeUnixNano: [1, 'fixed64'],
    name: [2, 'string'],
    attributes: [3, 'KeyValue', 'repeated'],
  },
  Status: { code: [3, 'int32'] },
  LogRecord: {
    timeUnixNano: [1, 'fixed64'],
    severityNumber: [2, 'int32'],
    severityText: [3, 'string'],
    body: [5, 'AnyValue'],
    attributes: [6, 'KeyValue', 'repeated'],
    flags: [8, 'fixed32'],
    traceId: [9, 'bytes'],
    spanId: [10, 'bytes'],
    observedTimeUnixNano: [11, 'fixed64'],
  },
};

/** An attribute that is empty, 0 or false is sent all the same. */
const ONEOFS: Readonly<Record<string, Record<string, protobuf.IOneOf>>> = {
  AnyValue: { value: { oneof: Object.keys(MESSAGES['AnyValue'] ?? {}) } },
};

/** Kong's name for what makes the spans. */
const SCOPE = { name: 'kong-internal', version: '0.1.0' };

export interface OtlpEncoder {
  traces(resource: readonly KeyValue[], spans: readonly SpanMessage[]): Uint8Array;
  logs(resource: readonly KeyValue[], logRecords: readonly LogMessage[]): Uint8Array;
}

/** Made when the first entry is compiled that needs it. */
export function createEncoder(): OtlpEncoder {
  const root = protobuf.Root.fromJSON({ nested: descriptors() });
  const traces = root.lookupType('ExportTraceServiceRequest');
  const logs = root.lookupType('ExportLogsServiceRequest');
  return {
    traces: (attributes, spans) =>
      traces
        .encode({
          resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope: SCOPE, spans }] }],
        })
        .finish(),
    logs: (attributes, logRecords) =>
      logs
        .encode({
          resourceLogs: [{ resource: { attributes }, scopeLogs: [{ scope: SCOPE, logRecords }] }],
        })
        .finish(),
  };
}

function descriptors(): Record<string, protobuf.IType> {
  return Object.fromEntries(
    Object.entries(MESSAGES).map(([name, fields]) => [
      name,
      {
        oneofs: ONEOFS[name] ?? {},
        fields: Object.fromEntries(
          Object.entries(fields).map(([field, [id, type, rule]]) => [
            field,
            { id, type, ...(rule && { rule }) },
          ]),
        ),
      },
    ]),
  );
}

/** From milliseconds since the epoch, as exact as microseconds. */
export function nanos(ms: number): Fixed64 {
  const value = BigInt(Math.round(ms * 1000)) * 1000n;
  return { low: Number(value & 0xffff_ffffn), high: Number(value >> 32n), unsigned: true };
}

/** Texts, numbers and booleans; a status is the one whole number that Kong sends as such. */
export function attribute(key: string, value: string | number | boolean): KeyValue {
  if (typeof value === 'string') return { key, value: { stringValue: value } };
  if (typeof value === 'boolean') return { key, value: { boolValue: value } };
  return {
    key,
    value: key === 'http.status_code' ? { intValue: value } : { doubleValue: value },
  };
}

/** About as many bytes as they become. */
export const sizeOfAttributes = (attributes: readonly KeyValue[]): number =>
  attributes.reduce(
    (bytes, { key, value }) =>
      bytes + key.length + ('stringValue' in value ? value.stringValue.length : 8) + 8,
    0,
  );
