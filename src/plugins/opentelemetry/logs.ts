/** What the gateway logs, to the collector: with the request and the trace that a line is about. */
import { maskSecrets } from '../../http/mask.ts';
import type { LineLevel, LogLine } from '../../log-tap.ts';
import type { PluginBuild, PluginPhases, RequestContext } from '../../plugin.ts';
import { createRecentMap } from '../../recent-map.ts';
import { createExport, resourceAttributes, type Config } from './exporter.ts';
import {
  attribute,
  nanos,
  sizeOfAttributes,
  type KeyValue,
  type LogMessage,
  type OtlpEncoder,
} from './otlp.ts';
import type { TraceFlags } from './traces.ts';

/** Kong's severities of the levels there are here. */
const SEVERITIES: Readonly<Record<LineLevel, readonly [number: number, text: string]>> = {
  debug: [5, 'DEBUG'],
  info: [9, 'INFO'],
  warn: [13, 'WARN'],
  error: [17, 'ERR'],
  fatal: [19, 'CRIT'],
};

/** Lines of requests that are under way, of which nobody knows yet whether they are this entry's. */
const REQUESTS_MAX = 1000;
const LINES_PER_REQUEST_MAX = 100;
const RECORD_BYTES = 80;
const NO_ID = Buffer.alloc(0);

interface TraceOfLine {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly flags: number;
}

const NO_TRACE: TraceOfLine = { traceId: NO_ID, spanId: NO_ID, flags: 0 };

/** `undefined` without a `logs_endpoint`. */
export function compileLogs(
  config: Config,
  build: PluginBuild,
  options: {
    readonly encoder: OtlpEncoder;
    readonly flagsOf: (ctx: RequestContext) => TraceFlags | undefined;
  },
): PluginPhases | undefined {
  const { encoder, flagsOf } = options;
  const resource = resourceAttributes(config, build.nodeId);
  const queue = createExport<LogMessage>(config, build, {
    field: 'logs_endpoint',
    sizeOf: ({ attributes, body }) =>
      RECORD_BYTES +
      sizeOfAttributes(attributes) +
      ('stringValue' in body ? body.stringValue.length : 0),
    encode: (records) => encoder.logs(resource, records),
  });
  if (queue === undefined) return undefined;
  const waiting = createRecentMap<LogLine[]>({
    entriesMax: REQUESTS_MAX,
    keyLengthsMax: REQUESTS_MAX * 64,
  });
  const unsubscribe = build.services.logTap.subscribe((line) => {
    // What this entry itself says of its collector would never end.
    if (Reflect.get(line.fields, 'plugin_id') === build.entity.id) return;
    const requestId: unknown = Reflect.get(line.fields, 'request_id');
    if (typeof requestId !== 'string') return queue.push(messageOf(line, NO_TRACE));
    const lines = waiting.get(requestId);
    if (lines === undefined) waiting.set(requestId, [line]);
    else if (lines.length < LINES_PER_REQUEST_MAX) lines.push(line);
  });
  return {
    log(ctx) {
      const lines = waiting.get(ctx.id);
      if (lines === undefined) return;
      const trace = traceOf(ctx, flagsOf(ctx));
      for (const line of lines.splice(0)) queue.push(messageOf(line, trace));
    },
    async close() {
      unsubscribe();
      await queue.close();
    },
  };
}

function traceOf({ spans }: RequestContext, known: TraceFlags | undefined): TraceOfLine {
  const traceId = spans?.traceId ?? known?.traceId;
  return {
    traceId: traceId === undefined ? NO_ID : Buffer.from(traceId, 'hex'),
    spanId: spans === undefined ? NO_ID : Buffer.from(spans.rootId, 'hex'),
    flags: known?.flags ?? 0,
  };
}

function messageOf(line: LogLine, trace: TraceOfLine): LogMessage {
  const [severityNumber, severityText] = SEVERITIES[line.level];
  const time = nanos(line.at);
  return {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber,
    severityText,
    body: { stringValue: maskSecrets(line.message) },
    attributes: attributesOf(line.fields),
    ...trace,
  };
}

/** What a line carries beside its text, under Kong's name for the request; through the log's own mask. */
function attributesOf(fields: object): readonly KeyValue[] {
  return Object.entries(fields).flatMap(([name, value]: [string, unknown]) => {
    const key = name === 'request_id' ? 'request.id' : name;
    if (value instanceof Error) return [attribute('exception.message', maskSecrets(value.message))];
    if (typeof value === 'string') return [maskedAttribute(key, value)];
    return typeof value === 'number' || typeof value === 'boolean' ? [attribute(key, value)] : [];
  });
}

/** The mask looks at names, too: it is shown the member as it would stand in the log. */
function maskedAttribute(key: string, value: string): KeyValue {
  const shown: unknown = JSON.parse(maskSecrets(JSON.stringify({ [key]: value })));
  return attribute(key, String(Reflect.get(Object(shown), key)));
}
