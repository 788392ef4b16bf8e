/** What both exports have in common: the queue, the request to the collector, and what an answer means. */
import type { OpentelemetryConfig } from '../../config/schema-types.ts';
import { ConfigError } from '../../errors.ts';
import { bytesOfText } from '../../http/bytes.ts';
import type { Immutable, PluginBuild } from '../../plugin.ts';
import type { OutboundRequest } from '../../services.ts';
import { queueSettings } from '../../telemetry/queue-settings.ts';
import { createQueueOf, type Queue } from '../../telemetry/queue.ts';
import { partTimeouts } from '../../telemetry/timeouts.ts';
import { KONG_VERSION } from '../../version.ts';
import { attribute, type KeyValue } from './otlp.ts';

export type Config = Immutable<OpentelemetryConfig>;

export interface ExportOptions<Entry> {
  readonly field: 'traces_endpoint' | 'logs_endpoint';
  readonly sizeOf: (entry: Entry) => number;
  readonly encode: (entries: readonly Entry[]) => Uint8Array;
}

/** A queue whose batches go to the endpoint of that field; `undefined` when it has none. */
export function createExport<Entry>(
  config: Config,
  build: PluginBuild,
  { field, sizeOf, encode }: ExportOptions<Entry>,
): Queue<Entry> | undefined {
  const endpoint = config[field];
  if (endpoint === null) return undefined;
  const request = requestTo(build.reveal(endpoint), field, config, build);
  return createQueueOf<Entry>({
    settings: queueSettings('opentelemetry', config, build.log),
    log: build.log,
    sizeOf,
    async send(batch, signal) {
      const body = encode(batch);
      const { status } = await build.services.outbound.request({ ...request, body, signal });
      // Kong takes no other status for success.
      if (status !== 200) throw new Error(`the collector answered ${status}`);
    },
  });
}

const CONTENT_TYPE = 'content-type';

function requestTo(
  url: string,
  field: string,
  config: Config,
  { reveal }: PluginBuild,
): OutboundRequest {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) {
    throw new ConfigError([{ path: [field], message: 'must be an http or https URL' }]);
  }
  const given = Object.entries(config.headers ?? {});
  const hasType = given.some(([name]) => name.toLowerCase() === CONTENT_TYPE);
  return {
    url,
    method: 'POST',
    headers: [
      ...(hasType ? [] : [CONTENT_TYPE, 'application/x-protobuf']),
      ...given.flatMap(([name, value]) => [name, bytesOfText(reveal(value))]),
    ],
    ...partTimeouts(config),
  };
}

/** Of the resource that everything is about; the config's own go before. */
export function resourceAttributes(config: Config, nodeId: string): readonly KeyValue[] {
  const attributes = new Map([
    ['service.name', 'kong'],
    ['service.instance.id', nodeId],
    ['service.version', KONG_VERSION],
    ...Object.entries(config.resource_attributes ?? {}),
  ]);
  return [...attributes].map(([key, value]) => attribute(key, value));
}
