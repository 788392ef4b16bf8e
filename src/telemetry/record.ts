/** Kong's log record: one JSON object about one request, as `kong.log.serialize` makes it. */
import { textOfBytes } from '../http/bytes.ts';
import type { HeaderList } from '../http/headers.ts';
import { maskTarget, maskTokens } from '../http/mask.ts';
import type { QueryArgs } from '../http/query.ts';
import type { Outcome, OutcomeDetails, RequestContext, Try } from '../plugin.ts';

/** Of DB-less Kong, which has this one. */
export const WORKSPACE_ID = '0dc6f45b-8f8d-40d2-a504-473544ee190b';
export const WORKSPACE_NAME = 'default';

const REDACTED = 'REDACTED';
const ALWAYS_SECRET: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization']);
/** Kong: `lua_max_req_headers` and `lua_max_resp_headers`. */
const HEADERS_MAX = 100;
/** Kong's name for itself as the origin of an answer is the same for plugins and errors. */
const SOURCE_NAMES = { upstream: 'upstream', exit: 'kong', error: 'kong' } as const;

const texts = new WeakMap<Outcome, string>();

/**
 * The record as JSON without line ends, made once per request however many plugins log it. Values of
 * credentials are replaced, and so is all that looks like a token.
 */
export function recordText(ctx: RequestContext, outcome: Outcome): string {
  const known = texts.get(outcome);
  if (known !== undefined) return known;
  const text = maskTokens(JSON.stringify(recordOf(ctx, outcome)));
  texts.set(outcome, text);
  return text;
}

function recordOf(ctx: RequestContext, outcome: Outcome): object {
  const details = outcome.details();
  const isProxied = outcome.tries.length > 0;
  return {
    request: requestOf(ctx, details),
    upstream_uri: maskTarget(textOfBytes(details.upstreamUri), details.secretQueryNames),
    upstream_status: details.upstreamStatus,
    response: {
      status: outcome.status,
      headers: fieldsOf(details.responseHeaders, new Set(), details.secretQueryNames),
      size: details.responseBytes,
    },
    latencies: {
      kong: Math.round(outcome.kongMs),
      proxy: isProxied ? Math.round(outcome.proxyMs) : -1,
      request: Math.round(outcome.requestMs),
      receive: Math.round(details.receiveMs),
    },
    // An empty list is `{}` in Kong, whose language has one type for both.
    tries: ctx.route === undefined ? undefined : isProxied ? outcome.tries.map(tryOf) : {},
    authenticated_entity: entityOf(ctx),
    route: withoutNulls(ctx.route),
    service: withoutNulls(ctx.service),
    consumer: withoutNulls(ctx.consumer),
    client_ip: ctx.clientAddress,
    trace_id: ctx.traceIds,
    // A client may have chosen it.
    correlation_id: ctx.correlationId === undefined ? undefined : textOfBytes(ctx.correlationId),
    started_at: Math.round(outcome.startedAt),
    source: SOURCE_NAMES[outcome.source],
    workspace: WORKSPACE_ID,
    workspace_name: WORKSPACE_NAME,
  };
}

function requestOf(ctx: RequestContext, details: OutcomeDetails): object {
  const { secretQueryNames, tls } = details;
  const uri = maskTarget(textOfBytes(ctx.target), secretQueryNames);
  // nginx falls back to the name of its server.
  const host = textOfBytes(ctx.host).replace(/:\d*$/, '').toLowerCase() || 'kong';
  const secretHeaders = new Set([...ALWAYS_SECRET, ...details.secretHeaderNames]);
  return {
    id: ctx.id,
    uri,
    url: `${ctx.scheme}://${host}:${details.publicPort}${uri}`,
    querystring: queryOf(ctx.query(), secretQueryNames),
    method: ctx.method,
    headers: fieldsOf(ctx.headers, secretHeaders, secretQueryNames),
    size: details.requestBytes,
    tls:
      tls === undefined
        ? undefined
        : // Clients are not asked for certificates.
          { version: tls.version, cipher: tls.cipher, client_verify: 'NONE' },
  };
}

/** By lower-case name; a field that stands more than once is a list. */
function fieldsOf(
  list: Readonly<HeaderList>,
  secretNames: ReadonlySet<string>,
  secretQueryNames: ReadonlySet<string>,
): object {
  const fields = new Map<string, string | string[]>();
  for (let i = 0; i < list.length && i < 2 * HEADERS_MAX; i += 2) {
    const name = (list[i] ?? '').toLowerCase();
    const text = textOfBytes(list[i + 1] ?? '');
    const value = secretNames.has(name) ? REDACTED : shownValue(name, text, secretQueryNames);
    const present = fields.get(name);
    fields.set(name, present === undefined ? value : [present, value].flat());
  }
  return Object.fromEntries(fields);
}

/** URLs are shown as the request's own. */
function shownValue(name: string, text: string, secretQueryNames: ReadonlySet<string>): string {
  return name === 'referer' || name === 'location' ? maskTarget(text, secretQueryNames) : text;
}

function queryOf(args: QueryArgs, secretNames: ReadonlySet<string>): object {
  return Object.fromEntries(
    [...args].map(([name, value]) => [name, secretNames.has(name) ? REDACTED : value]),
  );
}

function tryOf({ ip, port, startedAt, balancerMs, error }: Try): object {
  return {
    balancer_start: startedAt,
    balancer_start_ns: startedAt * 1e6,
    ip,
    port,
    balancer_latency: Math.round(balancerMs),
    balancer_latency_ns: Math.round(balancerMs * 1e6),
    ...(error === undefined
      ? {}
      : { state: 'failed', code: error === 'ERR_UPSTREAM_TIMEOUT' ? 504 : 502 }),
  };
}

function entityOf({ credential }: RequestContext): object | undefined {
  return credential === undefined
    ? undefined
    : { id: credential.id, consumer_id: credential.consumerId };
}

const shownEntities = new WeakMap<object, object>();

/** Entities of a load are frozen, so each is worked out once. Kong leaves out what is unset. */
function withoutNulls(entity: object | undefined): object | undefined {
  if (entity === undefined) return undefined;
  const known = shownEntities.get(entity);
  if (known !== undefined) return known;
  const members = Object.entries(entity).filter(([, value]) => value !== null);
  const shown = { ...Object.fromEntries(members), ws_id: WORKSPACE_ID };
  shownEntities.set(entity, shown);
  return shown;
}
