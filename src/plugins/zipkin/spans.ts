/** The spans of one request in Zipkin's form (v2): of the request, of its proxying, and of each try of an upstream. */
import { textOfBytes } from '../../http/bytes.ts';
import { STATUS_OF, type ProxyErrorCode } from '../../errors.ts';
import { isIPv6 } from 'node:net';
import type { ZipkinConfig } from '../../config/schema-types.ts';
import type { Immutable, Outcome, RequestContext, Try } from '../../plugin.ts';
import type { ZipkinTrace } from './trace.ts';

type Config = Immutable<ZipkinConfig>;

/** Microseconds. */
interface Annotation {
  readonly value: string;
  readonly timestamp: number;
}

interface Span {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly name: string;
  readonly kind: 'SERVER' | 'CLIENT';
  /** Microseconds. */
  readonly timestamp: number;
  readonly duration: number;
  readonly remote: Remote;
  readonly tags: Tags;
  readonly annotations: readonly Annotation[];
}

/** What is `undefined` or empty is left out. */
type Tags = ReadonlyMap<string, string | number | boolean | undefined>;

interface Remote {
  readonly serviceName: string | undefined;
  readonly ip: string | undefined;
  readonly port: number | undefined;
}

export interface SpanFacts {
  readonly config: Config;
  readonly nodeId: string;
  readonly trace: ZipkinTrace;
  readonly ctx: RequestContext;
  readonly outcome: Outcome;
  readonly nextSpanId: () => string;
}

/** Kong's order: the tries, the proxying, the request. Without values that Zipkin does not take. */
export function spansOf(facts: SpanFacts): readonly object[] {
  const clock = clockOf(facts.outcome);
  const times = timesOf(facts);
  const tries = facts.outcome.tries.map((attempt, i) => trySpan(facts, attempt, i));
  return [...tries, proxySpan(facts, times, clock), requestSpan(facts, times, clock)].map((span) =>
    shown(span, facts),
  );
}

/** From the clock of `performance.now` to microseconds since the epoch. */
type Clock = (at: number) => number;

function clockOf({ startedAt, requestMs }: Outcome): Clock {
  const begin = performance.now() - requestMs;
  return (at) => Math.floor((startedAt + Math.max(0, at - begin)) * 1000);
}

/** When what began and ended; milliseconds on the clock of `performance.now`. */
interface Times {
  readonly begin: number;
  readonly accessAt: number;
  readonly accessEnd: number;
  readonly headerFilterAt: number | undefined;
  readonly bodyFilterAt: number | undefined;
  readonly end: number;
}

function timesOf({ trace, outcome }: SpanFacts): Times {
  const end = performance.now();
  const begin = end - outcome.requestMs;
  const { accessAt, headerFilterAt, bodyFilterAt } = trace;
  const isProxied = outcome.tries.length > 0;
  return {
    begin,
    accessAt: accessAt ?? begin,
    accessEnd: isProxied ? begin + outcome.kongMs : (headerFilterAt ?? end),
    headerFilterAt,
    bodyFilterAt,
    end,
  };
}

function spanName({ config, ctx }: SpanFacts): string {
  return config.http_span_name === 'method_path' ? `${ctx.method} ${ctx.path}` : ctx.method;
}

function requestSpan(facts: SpanFacts, times: Times, clock: Clock): Span {
  const { config, nodeId, trace, ctx, outcome } = facts;
  const { begin, accessAt, end } = times;
  const isAnnotated = config.phase_duration_flavor === 'annotations';
  const tags = new Map<string, string | number | boolean | undefined>([
    ['lc', 'kong'],
    ['http.method', ctx.method],
    ['http.host', hostOf(ctx)],
    ['http.path', ctx.path],
    ['http.protocol', `HTTP/${ctx.httpVersion.replace(/\.0$/, '')}`],
    ...(config.static_tags ?? []).map(({ name, value }) => [name, value] as const),
    ...trace.requestTags,
    ...(isAnnotated ? [] : [['kong.rewrite.duration_ms', Math.round(accessAt - begin)] as const]),
    ['http.status_code', outcome.status],
    ['kong.consumer', ctx.consumer?.id],
    ['kong.credential', config.include_credential ? ctx.credential?.id : undefined],
    ['kong.node.id', nodeId],
  ]);
  return {
    id: trace.requestSpanId,
    parentId: trace.parentId,
    name: spanName(facts),
    kind: 'SERVER',
    timestamp: clock(begin),
    duration: clock(end) - clock(begin),
    remote: {
      serviceName: undefined,
      ip: ctx.clientAddress,
      port: outcome.details().clientPort,
    },
    tags,
    annotations: isAnnotated
      ? [
          { value: 'krf', timestamp: clock(accessAt) },
          { value: 'krs', timestamp: clock(begin) },
        ]
      : [],
  };
}

/** As nginx gives it: without the port, in lower case; its own name when there is none. */
const hostOf = ({ host }: RequestContext): string =>
  textOfBytes(host).replace(/:\d*$/, '').toLowerCase() || 'kong';

function proxySpan(facts: SpanFacts, times: Times, clock: Clock): Span {
  const { config, trace, ctx, outcome } = facts;
  const last = outcome.tries.at(-1);
  const timestamp = clock(trace.accessAt ?? times.headerFilterAt ?? times.end);
  const isAnnotated = config.phase_duration_flavor === 'annotations';
  return {
    id: trace.proxySpanId,
    parentId: trace.requestSpanId,
    name: `${spanName(facts)} (proxy)`,
    kind: 'CLIENT',
    timestamp,
    duration: clock(times.end) - timestamp,
    remote: { serviceName: serviceName(ctx), ip: last?.ip, port: last?.port },
    tags: new Map<string, string | number | undefined>([
      ...(isAnnotated ? [] : phaseTags(times)),
      ['peer.hostname', last?.hostname],
      ...entityTags(ctx),
    ]),
    annotations: isAnnotated ? phaseAnnotations(times, clock) : [],
  };
}

function phaseAnnotations(times: Times, clock: Clock): readonly Annotation[] {
  const { accessAt, accessEnd, headerFilterAt, bodyFilterAt, end } = times;
  const found: readonly (readonly [string, number | undefined])[] = [
    ['khs', headerFilterAt],
    ['khf', bodyFilterAt],
    ['kbs', bodyFilterAt],
    ['kas', accessAt],
    ['kaf', accessEnd],
    ...(bodyFilterAt === undefined ? [['khf', end] as const] : []),
    ['kbf', end],
  ];
  return found.flatMap(([value, at]) =>
    at === undefined ? [] : [{ value, timestamp: clock(at) }],
  );
}

/** Whole milliseconds. */
const between = (from: number | undefined, to: number): number | undefined =>
  from === undefined ? undefined : Math.max(0, Math.round(to - from));

function phaseTags(times: Times): readonly (readonly [string, number | undefined])[] {
  const { accessAt, accessEnd, headerFilterAt, bodyFilterAt, end } = times;
  return [
    ['kong.access.duration_ms', between(accessAt, accessEnd)],
    ['kong.header_filter.duration_ms', between(headerFilterAt, bodyFilterAt ?? end)],
    ['kong.body_filter.duration_ms', between(bodyFilterAt, end)],
  ];
}

function entityTags({
  route,
  service,
}: RequestContext): readonly (readonly [string, string | undefined])[] {
  return [
    ['kong.service', service?.id],
    ['kong.service_name', service?.name ?? undefined],
    ['kong.route', route?.id],
    ['kong.route_name', route?.name ?? undefined],
  ];
}

const serviceName = ({ service }: RequestContext): string | undefined => service?.name ?? undefined;

/** How long connecting took is not known: the span is that of choosing the address. */
function trySpan(facts: SpanFacts, attempt: Try, index: number): Span {
  const { trace, ctx, outcome } = facts;
  const hasFollower = index < outcome.tries.length - 1;
  return {
    id: facts.nextSpanId(),
    parentId: trace.requestSpanId,
    name: `${spanName(facts)} (balancer try ${index + 1})`,
    kind: 'CLIENT',
    timestamp: Math.floor(attempt.startedAt * 1000),
    duration: Math.floor(attempt.balancerMs * 1000),
    remote: { serviceName: serviceName(ctx), ip: attempt.ip, port: attempt.port },
    tags: new Map<string, string | number | boolean | undefined>([
      ['kong.balancer.try', index + 1],
      ['error', hasFollower ? true : undefined],
      ['kong.balancer.state', hasFollower ? 'failed' : undefined],
      ['http.status_code', hasFollower ? statusOf(attempt) : undefined],
      ...entityTags(ctx),
    ]),
    annotations: [],
  };
}

const isProxyError = (code: string): code is ProxyErrorCode => Object.hasOwn(STATUS_OF, code);

const statusOf = ({ error }: Try): number =>
  error !== undefined && isProxyError(error) ? STATUS_OF[error] : 502;

/** The JSON of a span. Values are texts, and not empty. */
function shown(span: Span, { config, trace }: SpanFacts): object {
  const { id, parentId, name, kind, timestamp, duration, annotations } = span;
  const tags = [...span.tags].flatMap(([tag, value]) =>
    value === undefined || value === '' ? [] : [[tag, String(value)] as const],
  );
  return {
    traceId: trace.traceId,
    name,
    parentId,
    id,
    kind,
    timestamp,
    duration,
    localEndpoint: { serviceName: config.local_service_name },
    remoteEndpoint: remoteOf(span.remote, config.default_service_name),
    tags: tags.length === 0 ? undefined : Object.fromEntries(tags),
    annotations: annotations.length === 0 ? undefined : annotations,
  };
}

function remoteOf({ serviceName: name, ip, port }: Remote, fallback: string | null): object | null {
  const known = name ?? fallback ?? undefined;
  if (port === undefined && known === undefined) return null;
  const address = ip === undefined ? {} : { [isIPv6(ip) ? 'ipv6' : 'ipv4']: ip };
  return { serviceName: known, port, ...address };
}
