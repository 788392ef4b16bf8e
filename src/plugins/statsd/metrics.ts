/** The lines of one request: what Kong calls its metrics, in the order of the config. */
import type { StatsdConfig } from '../../config/schema-types.ts';
import type { Consumer, Service } from '../../config/types.ts';
import type { Immutable, Outcome, RequestContext } from '../../plugin.ts';
import { WORKSPACE_ID, WORKSPACE_NAME } from '../../telemetry/record.ts';
import { lineFormat, type Tags } from './line.ts';

type Config = Immutable<StatsdConfig>;
type MetricConfig = NonNullable<Config['metrics']>[number];

/** One request as the metrics see it. Times are whole milliseconds, sizes bytes. */
interface Sample {
  readonly ctx: RequestContext;
  readonly status: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly requestMs: number;
  readonly kongMs: number;
  /** `undefined` when no upstream was asked. */
  readonly proxyMs: number | undefined;
}

type Metric = (sample: Sample) => string | undefined;

/** Gives the lines of a request. */
export function compileMetrics(
  config: Config,
  hostname: string,
): (ctx: RequestContext, outcome: Outcome) => readonly string[] {
  const metrics = (config.metrics ?? []).map((metric) => compileMetric(metric, config, hostname));
  return (ctx, outcome) => {
    const sample = sampleOf(ctx, outcome);
    const lines: string[] = [];
    for (const metric of metrics) {
      const line = metric(sample);
      if (line !== undefined) lines.push(line);
    }
    return lines;
  };
}

function sampleOf(ctx: RequestContext, outcome: Outcome): Sample {
  const { requestBytes, responseBytes } = outcome.details();
  return {
    ctx,
    status: outcome.status,
    requestBytes,
    responseBytes,
    requestMs: Math.round(outcome.requestMs),
    kongMs: Math.round(outcome.kongMs),
    proxyMs: outcome.tries.length === 0 ? undefined : Math.round(outcome.proxyMs),
  };
}

type Value = readonly [stat: string, value: (sample: Sample) => number | undefined];

/** Metrics of a value: their type is the config's. The others have types of their own. */
const VALUES: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['request_count', ['request.count', () => 1]],
  ['request_size', ['request.size', ({ requestBytes }) => requestBytes]],
  ['response_size', ['response.size', ({ responseBytes }) => responseBytes]],
  ['latency', ['latency', ({ requestMs }) => requestMs]],
  ['upstream_latency', ['upstream_latency', ({ proxyMs }) => proxyMs]],
  ['kong_latency', ['kong_latency', ({ kongMs }) => kongMs]],
]);

/** The names of what a metric is about, as the config wants them. */
interface Identifiers {
  readonly scope: (sample: Sample) => string;
  readonly service: (sample: Sample) => string | undefined;
  readonly consumer: (sample: Sample) => string | undefined;
  readonly workspace: string;
}

function compileMetric(metric: MetricConfig, config: Config, hostname: string): Metric {
  const names = identifiersFor(metric, config);
  const write = lineFormat({
    prefix: prefixOf(config, hostname),
    // Users are not counted but told apart.
    sampleRate: metric.name === 'unique_users' ? undefined : (metric.sample_rate ?? undefined),
    tagStyle: config.tag_style ?? undefined,
  });
  const value = VALUES.get(metric.name);
  if (value === undefined) {
    const count = COUNTS.get(metric.name);
    // There are no shared dictionaries (`shdict_usage`). With tags Kong sends none of the others.
    if (count === undefined || config.tag_style !== null) return () => undefined;
    return (sample) => count(sample, names, write);
  }
  const [stat, valueOf] = value;
  return (sample) => {
    const found = valueOf(sample);
    if (found === undefined) return undefined;
    if (config.tag_style === null) {
      return write(`${names.scope(sample)}.${stat}`, found, metric.stat_type);
    }
    return write(stat, found, metric.stat_type, tagsOf(sample, names, hostname));
  };
}

type Count = (
  sample: Sample,
  names: Identifiers,
  write: ReturnType<typeof lineFormat>,
) => string | undefined;

/** Metrics that count by what is in their name. */
const COUNTS: ReadonlyMap<string, Count> = new Map<string, Count>([
  [
    'status_count',
    (sample, { scope }, write) => write(`${scope(sample)}.status.${sample.status}`, 1, 'counter'),
  ],
  [
    'unique_users',
    (sample, { scope, consumer }, write) => {
      const id = consumer(sample);
      return id && write(`${scope(sample)}.user.uniques`, id, 'set');
    },
  ],
  [
    'request_per_user',
    (sample, { scope, consumer }, write) => {
      const id = consumer(sample);
      return id && write(`${scope(sample)}.user.${id}.request.count`, 1, 'counter');
    },
  ],
  [
    'status_count_per_user',
    (sample, { scope, consumer }, write) => {
      const id = consumer(sample);
      return id && write(`${scope(sample)}.user.${id}.status.${sample.status}`, 1, 'counter');
    },
  ],
  [
    'status_count_per_workspace',
    (sample, { scope, workspace }, write) =>
      write(`${scope(sample)}.workspace.${workspace}.status.${sample.status}`, 1, 'counter'),
  ],
  [
    'status_count_per_user_per_route',
    (sample, { consumer }, write) => {
      const id = consumer(sample);
      const route = sample.ctx.route?.id;
      if (id === undefined || route === undefined) return undefined;
      return write(`route.${route}.user.${id}.status.${sample.status}`, 1, 'counter');
    },
  ],
]);

/** With tags the host is one of them. */
function prefixOf(
  { prefix, hostname_in_prefix: isWanted, tag_style: style }: Config,
  host: string,
) {
  const own = prefix ?? 'kong';
  return isWanted && style === null ? `${own}.node.${host}` : own;
}

const SERVICE_NAMES: Readonly<
  Record<Config['service_identifier_default'], (service: Service) => string | null>
> = {
  service_id: ({ id }) => id,
  service_name: ({ name }) => name,
  service_host: ({ host }) => host,
  service_name_or_host: ({ name, host }) => name ?? host,
};

const CONSUMER_NAMES: Readonly<
  Record<Config['consumer_identifier_default'], (consumer: Consumer) => string | null>
> = {
  consumer_id: ({ id }) => id,
  custom_id: ({ custom_id: id }) => id,
  username: ({ username }) => username,
};

const WORKSPACES: Readonly<Record<Config['workspace_identifier_default'], string>> = {
  workspace_id: WORKSPACE_ID,
  workspace_name: WORKSPACE_NAME,
};

function identifiersFor(metric: MetricConfig, config: Config): Identifiers {
  const serviceName = SERVICE_NAMES[metric.service_identifier ?? config.service_identifier_default];
  const consumerName =
    CONSUMER_NAMES[metric.consumer_identifier ?? config.consumer_identifier_default];
  return {
    scope({ ctx: { service } }) {
      if (service === undefined) return 'global.unmatched';
      return `service.${serviceName(service)?.replaceAll('.', '_') ?? 'unnamed'}`;
    },
    service: ({ ctx: { service } }) =>
      service === undefined ? undefined : (serviceName(service) ?? undefined),
    consumer: ({ ctx: { consumer } }) =>
      consumer === undefined ? undefined : (consumerName(consumer) ?? undefined),
    workspace: WORKSPACES[metric.workspace_identifier ?? config.workspace_identifier_default],
  };
}

/** Without a name for the service there are no tags at all, as in Kong. */
function tagsOf(sample: Sample, names: Identifiers, hostname: string): Tags | undefined {
  const service = names.service(sample);
  if (service === undefined) return undefined;
  const { route } = sample.ctx;
  return [
    ['service', service],
    ['route', route === undefined ? undefined : (route.name ?? route.id)],
    ['workspace', names.workspace],
    ['consumer', names.consumer(sample)],
    ['node', hostname],
    ['status', String(sample.status)],
  ];
}
