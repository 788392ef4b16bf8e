/** argv + environment + kong.conf → Settings. Every problem is collected before anything is thrown. */
import { randomUUID } from 'node:crypto';
import { availableParallelism, homedir, hostname } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { SettingsError } from '../errors.ts';
import { readAdmin } from './admin.ts';
import { readClientLimits, readHttp } from './client.ts';
import { parseListeners } from './listeners.ts';
import { HONOURED } from './properties.ts';
import { createReader, type Reader } from './reader.ts';
import {
  collectValues,
  dereference,
  shownValue,
  sortNames,
  type RawValues,
  type Reports,
  type SettingsInput,
} from './sources.ts';
import type { LogLevel, LogTarget, Settings } from './types.ts';
import { readData } from './data.ts';
import { readPlugins } from './plugins.ts';
import { readTracing } from './tracing.ts';
import { readDns, readTls, readUpstream } from './upstream.ts';
import * as values from './values.ts';

export type { SettingsInput } from './sources.ts';

export interface LoadSettingsOptions extends SettingsInput {
  /** Names of the plugins of this build: what `bundled` stands for. */
  readonly plugins: readonly string[];
  /** Whether logs are read by a person; decides `log_format = auto`. */
  readonly isTerminal?: boolean;
}

export interface LoadedSettings {
  readonly settings: Settings;
  readonly warnings: readonly string[];
}

const MASK = '******';

/** Reads everything a process is set up with. Throws SettingsError with all problems at once. */
export function loadSettings(options: LoadSettingsOptions): LoadedSettings {
  const problems: string[] = [];
  const warnings: string[] = [];
  const reports: Reports = {
    problem: (text) => void problems.push(text),
    warning: (text) => void warnings.push(text),
  };
  const env = options.env ?? {};
  const written = withDefaults(sortNames(collectValues(options, reports), reports), env);
  const reader = createReader(dereference(written, env, reports), reports.problem);
  const settings = readSettings(reader, written, options);
  if (problems.length > 0) throw new SettingsError(problems);
  return { settings, warnings };
}

function withDefaults(
  given: RawValues,
  env: Readonly<Record<string, string | undefined>>,
): RawValues {
  const state = env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state');
  const all = new Map<string, string | undefined>([
    ['prefix', join(state, 'silverback')],
    ['data_dir', join(state, 'silverback', 'data')],
  ]);
  for (const [name, property] of HONOURED) {
    if (!all.has(name)) all.set(name, property.default);
  }
  for (const [name, value] of given) all.set(name, value);
  return all;
}

function readSettings(reader: Reader, written: RawValues, options: LoadSettingsOptions): Settings {
  const prefix = resolve(reader.text('prefix') ?? '.');
  checkDatabase(reader);
  return {
    prefix,
    ...readProcess(reader, prefix, options),
    ...readListeners(reader),
    ...readAdmin(reader, options.readFile),
    ...readDeclarative(reader, options),
    ...readLogs(reader, prefix, options),
    ...readHttp(reader),
    tracing: readTracing(reader),
    ...readClientLimits(reader),
    ...readUpstream(reader, options),
    ...readTls(reader, options),
    data: readData(reader),
    history: {
      versions: reader.number('history_versions') ?? 0,
      bytes: reader.size('history_size'),
    },
    memCacheBytes: reader.size('mem_cache_size'),
    dns: readDns(reader, options),
    effective: effectiveValues(written),
  };
}

function checkDatabase({ text, problem, choice }: Reader): void {
  const database = choice('database', ['off', 'postgres', 'cassandra']);
  if (text('database') === undefined || database === 'off') return;
  problem(
    `database = ${database} is not supported: only 'off' is; set declarative_config to your kong.yaml`,
  );
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Where the generated node id is kept, below the prefix. */
export const NODE_ID_FILE = 'kong.id';

function readProcess(
  reader: Reader,
  prefix: string,
  { readFile }: LoadSettingsOptions,
): Pick<Settings, 'workers' | 'nodeId' | 'hostname' | 'gracePeriodMs'> {
  const workers = reader.text('nginx_worker_processes') ?? 'auto';
  const count = workers === 'auto' ? availableParallelism() : Number(workers);
  if (!Number.isInteger(count) || count < 1 || count > 1024) {
    reader.problem(
      `nginx_worker_processes must be 'auto' or a number from 1 to 1024, got '${workers}'`,
    );
  }
  const nodeId = reader.text('node_id');
  if (nodeId !== undefined && !UUID.test(nodeId)) reader.problem('node_id must be a valid UUID');
  return {
    workers: count,
    nodeId: nodeId ?? keptNodeId(join(prefix, NODE_ID_FILE), readFile) ?? randomUUID(),
    hostname: hostname(),
    gracePeriodMs: reader.timeMs('grace_period'),
  };
}

function keptNodeId(path: string, readFile: (path: string) => string): string | undefined {
  try {
    const id = readFile(path).trim();
    return UUID.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

function readListeners(
  reader: Reader,
): Pick<Settings, 'proxyListen' | 'statusListen' | 'portMaps'> {
  const listeners = (name: string): ReturnType<typeof parseListeners> =>
    parseListeners(name, reader.text(name) ?? 'off', reader.problem);
  return {
    proxyListen: listeners('proxy_listen'),
    statusListen: listeners('status_listen'),
    portMaps: readPortMaps(reader),
  };
}

function readPortMaps({ list, problem }: Reader): ReadonlyMap<number, number> {
  const maps = new Map<number, number>();
  for (const entry of list('port_maps')) {
    const [, open, listener] = /^(\d{1,5}):(\d{1,5})$/.exec(entry) ?? [];
    if (
      open === undefined ||
      listener === undefined ||
      Math.max(Number(open), Number(listener)) > 65_535
    ) {
      problem(`invalid port mapping (\`port_maps\`): ${entry}`);
    } else maps.set(Number(listener), Number(open));
  }
  return maps;
}

type DeclarativeSettings = Pick<
  Settings,
  | 'declarativeConfig'
  | 'declarativeConfigString'
  | 'interpolate'
  | 'watch'
  | 'adminWrite'
  | 'plugins'
  | 'ownPlugins'
  | 'vaultEnvPrefix'
>;

function readDeclarative(reader: Reader, options: LoadSettingsOptions): DeclarativeSettings {
  const paths = values.parseList(reader.text('declarative_config') ?? '');
  return {
    declarativeConfig: paths.map((path) => (path === '-' ? path : resolve(path))),
    declarativeConfigString: reader.text('declarative_config_string'),
    interpolate: reader.flag('interpolate'),
    watch: reader.flag('watch'),
    adminWrite: reader.flag('admin_write'),
    ...readPlugins(reader, options.plugins, options),
    vaultEnvPrefix: reader.text('vault_env_prefix'),
  };
}

type LogSettings = Pick<
  Settings,
  | 'logLevel'
  | 'logFormat'
  | 'proxyAccessLog'
  | 'proxyErrorLog'
  | 'adminAccessLog'
  | 'adminErrorLog'
  | 'adminAuditLog'
  | 'statusAccessLog'
  | 'statusErrorLog'
>;

const LOG_LEVELS: readonly LogLevel[] = [
  'debug',
  'info',
  'notice',
  'warn',
  'error',
  'crit',
  'alert',
  'emerg',
];

function readLogs(reader: Reader, prefix: string, options: LoadSettingsOptions): LogSettings {
  const target = (name: string): LogTarget => {
    const text = reader.text(name) ?? 'off';
    const parsed = values.parseLogTarget(text);
    if (parsed === undefined) {
      reader.problem(
        `${name} = ${text} is not supported: use off, /dev/stdout, /dev/stderr or a file`,
      );
    }
    if (parsed?.kind !== 'file' || isAbsolute(parsed.path)) return parsed ?? { kind: 'off' };
    return { kind: 'file', path: join(prefix, parsed.path) };
  };
  const format = reader.choice('log_format', ['auto', 'json', 'pretty']);
  const automatic = options.isTerminal === true ? 'pretty' : 'json';
  return {
    logLevel: reader.choice('log_level', LOG_LEVELS),
    logFormat: format === 'auto' ? automatic : format,
    proxyAccessLog: target('proxy_access_log'),
    proxyErrorLog: target('proxy_error_log'),
    adminAccessLog: target('admin_access_log'),
    adminErrorLog: target('admin_error_log'),
    adminAuditLog: target('admin_audit_log'),
    statusAccessLog: target('status_access_log'),
    statusErrorLog: target('status_error_log'),
  };
}

function effectiveValues(written: RawValues): ReadonlyMap<string, unknown> {
  const effective = new Map<string, unknown>();
  for (const name of [...written.keys()].toSorted()) {
    const { type, secret } = HONOURED.get(name) ?? { type: 'string' as const };
    const value = shownValue(type, written.get(name));
    effective.set(name, secret === true && value !== undefined ? MASK : value);
  }
  return effective;
}
