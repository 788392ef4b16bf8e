/** What the Admin and Status API tell about the process. */
import { isObject, parseJson } from '../http/json.ts';
import { KONG_VERSION } from '../version.ts';
import { fieldOf, indexOf, rowsOf } from './index-config.ts';
import type { Handler } from './request.ts';
import { empty, json, message, NOT_FOUND, type AdminResponse } from './response.ts';
import type { AdminDeps, Readiness } from './types.ts';

const MASK = '******';
/** Settings that are secrets. The settings mask them already; a second look costs nothing. */
const SECRETS: ReadonlySet<string> = new Set([
  'admin_token',
  'admin_gui_ssl_cert_key',
  'admin_ssl_cert_key',
  'client_ssl_cert_key',
  'cluster_cert_key',
  'debug_ssl_cert_key',
  'declarative_config_string',
  'pg_password',
  'pg_ro_password',
  'proxy_server',
  'ssl_cert_key',
  'status_ssl_cert_key',
]);

const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

function shownSettings(effective: ReadonlyMap<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    [...effective].map(([name, value]) => [name, SECRETS.has(name) && isSet(value) ? MASK : value]),
  );
}

function enabledPlugins(deps: AdminDeps): readonly string[] {
  const rows = rowsOf(indexOf(deps.config()), 'plugins');
  return [...new Set(rows.map((row) => String(fieldOf(row, 'name'))))];
}

/** `GET /`. */
export const readNode: Handler = (_request, deps) => {
  const { settings } = deps;
  const { enabled } = deps.plugins();
  return json(200, {
    tagline: 'Welcome to kong',
    version: KONG_VERSION,
    edition: 'community',
    hostname: settings.hostname,
    node_id: settings.nodeId,
    lua_version: `none (Node.js ${process.version})`,
    timers: { running: 0, pending: 0 },
    plugins: {
      available_on_server: Object.fromEntries(
        enabled.map(({ name, priority, version = KONG_VERSION }) => [name, { version, priority }]),
      ),
      enabled_in_cluster: enabledPlugins(deps),
    },
    pids: deps.node().pids,
    configuration: shownSettings(settings.effective),
  });
};

/** Bytes per unit, and its name after a number; `b` alone gives plain numbers. */
const UNITS: ReadonlyMap<string, { readonly bytes: number; readonly name: string }> = new Map([
  ['b', { bytes: 1, name: '' }],
  ['k', { bytes: 1024, name: 'KiB' }],
  ['m', { bytes: 1024 ** 2, name: 'MiB' }],
  ['g', { bytes: 1024 ** 3, name: 'GiB' }],
]);
const SCALE_DEFAULT = 2;
const SCALE_MAX = 20;

/** `GET /status?unit=m&scale=2`. There are no shared dictionaries here. */
export const readStatus: Handler = ({ query }, deps) => {
  const asked = query.get('unit') ?? 'm';
  const unit = typeof asked === 'string' ? UNITS.get(asked.toLowerCase()) : undefined;
  if (unit === undefined) {
    const text = `invalid unit '${String(asked)}' (expected 'k/K', 'm/M', or 'g/G')`;
    return message(400, text);
  }
  const scale = Number(query.get('scale') ?? SCALE_DEFAULT);
  const digits =
    Number.isInteger(scale) && scale >= 0 && scale <= SCALE_MAX ? scale : SCALE_DEFAULT;
  const size = (bytes: number): number | string =>
    unit.name === '' ? bytes : `${(bytes / unit.bytes).toFixed(digits)} ${unit.name}`;
  const { memory, connections } = deps.node();
  return json(200, {
    memory: {
      workers_lua_vms: memory
        .toSorted((a, b) => a.pid - b.pid)
        .map(({ pid, heapUsedBytes }) => ({ pid, http_allocated_gc: size(heapUsedBytes) })),
      lua_shared_dicts: {},
    },
    server: {
      connections_accepted: connections.accepted,
      connections_handled: connections.handled,
      connections_active: connections.active,
      connections_reading: connections.reading,
      connections_writing: connections.writing,
      connections_waiting: connections.waiting,
      total_requests: connections.requests,
    },
    configuration_hash: deps.config().hash,
  });
};

function readyAnswer(readiness: Readiness): AdminResponse {
  switch (readiness.kind) {
    case 'ready':
      return message(200, 'ready');
    case 'empty':
      return message(503, 'no configuration available (empty configuration present)');
    case 'building': {
      const progress = `router ready in ${readiness.ready} of ${readiness.workers} workers`;
      return message(503, `router builds not yet complete, ${progress}`);
    }
    case 'draining':
      return message(503, 'draining');
  }
}

/** `GET /status/ready` (Status API): whether a load balancer should send traffic here. */
export const readReady: Handler = (_request, deps) => readyAnswer(deps.node().readiness);

/** `POST /status/ready` with `{"status":"draining"}`: not ready from now on. */
export const drainNode: Handler = (request, deps) => {
  const body =
    request.mediaType === 'application/json' ? parseJson(request.body)?.value : undefined;
  if (!isObject(body) || body['status'] !== 'draining') return empty(400);
  deps.drain();
  return empty(204);
};

export const readDnsStatus: Handler = () =>
  message(501, 'not implemented with the legacy DNS client');

/** `GET /timers`: this runtime has no timers of Kong's kind, so all counts are zero. */
export const readTimers: Handler = (_request, deps) =>
  json(200, {
    worker: { id: 0, count: deps.node().pids.workers.length },
    stats: {
      flamegraph: { running: '', elapsed_time: '', pending: '' },
      sys: { running: 0, pending: 0, waiting: 0, total: 0 },
      timers: {},
    },
  });

export const readEnabledPlugins: Handler = (_request, deps) =>
  json(200, { enabled_plugins: deps.plugins().enabled.map(({ name }) => name) });

export const readLogLevel: Handler = (_request, deps) =>
  message(200, `log level: ${deps.settings.logLevel}`);

export const refuseLogLevel: Handler = () =>
  message(405, 'cannot change log level when not using a database');

export const refuseClustering: Handler = () =>
  message(
    400,
    'this endpoint is only available when Kong is configured to run as Control Plane for the cluster',
  );

export const refuseFilterChains: Handler = () =>
  message(400, 'this endpoint is only available when wasm is enabled');

/** Nothing is cached by key: a config is compiled as a whole. */
export const readCache: Handler = () => NOT_FOUND;
export const purgeCache: Handler = () => empty(204);

export const readRobots: Handler = () => ({
  status: 200,
  body: 'User-agent: *\nDisallow: /\n',
  contentType: 'text/plain',
  headers: [],
});
