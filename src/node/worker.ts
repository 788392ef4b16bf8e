/** A worker process: it proxies, and does what the primary says. Loaded by `cluster.fork` only. */
import {
  createRemoteAnswers,
  type CacheBatch,
  type CacheEntry,
  type RemoteAnswers,
} from '../answer-cache/remote.ts';
import { createRemoteCounters } from '../counters/remote.ts';
import type { Config } from '../config/types.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { pluginSet, type PluginSet } from '../gateway/plugins.ts';
import { importPlugins } from '../own-plugins/import.ts';
import { createHealthBoard, type HealthBoard } from '../proxy/health/board.ts';
import { NO_MONITOR } from '../proxy/health/monitor.ts';
import { startLocalDataPlane, type LocalDataPlane } from './local-data-plane.ts';
import { createMetricStore } from '../metrics/store.ts';
import { createLogs, type Logs } from './logger.ts';
import { createWorkerKeys } from './worker-keys.ts';
import { catchFaults, type FaultCatcher } from './plugin-faults.ts';
import { isToWorker, type ToPrimary, type ToWorker } from './messages.ts';

const STATUS_INTERVAL_MS = 500;
/** What a scrape may not know yet, and what dies with a worker. */
const METRICS_DELAY_MS = 100;

let plane: LocalDataPlane | undefined;
let logs: Logs | undefined;
let health: HealthBoard | undefined;
let answers: RemoteAnswers | undefined;
let faults: FaultCatcher | undefined;
const prepared = new Map<number, Gateway>();
const metrics = createMetricStore(() => setTimeout(tellMetrics, METRICS_DELAY_MS).unref());
const counters = createRemoteCounters((batch) => tell({ kind: 'count', batch }));
const keys = createWorkerKeys((message) => tell(message));

// The terminal sends these to the whole process group; the primary decides what they mean.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP', 'SIGUSR1'] as const) {
  process.on(signal, () => undefined);
}
process.on('disconnect', () => exit(1));
/** One after the other: what follows `start` finds it done. */
let queue = Promise.resolve();
process.on('message', (message: unknown) => {
  // Requests wait for these, and a config that is being compiled need not.
  if (!isToWorker(message) || keys.receive(message)) return;
  if (message.kind === 'counted') return counters.receive(message.replies);
  if (message.kind === 'cached') return answers?.receive(message.replies);
  queue = queue
    .then(() => handle(message))
    .catch((error: unknown) => {
      tell({ kind: 'failed', message: textOf(error) });
      // Before it listens, the primary says it once for all.
      if (plane !== undefined) logs?.proxy.error({ err: error }, 'worker failed');
    });
});

tell({ kind: 'hello' });

/** `sent` is called when the message has left, or cannot. */
function tell(message: ToPrimary, sent?: () => void): void {
  if (!process.connected) sent?.();
  else if (sent === undefined) process.send?.(message);
  else process.send?.(message, undefined, undefined, sent);
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function exit(code: number): void {
  logs?.flush();
  process.exit(code);
}

async function handle(message: ToWorker): Promise<void> {
  switch (message.kind) {
    case 'start':
      return start(message);
    case 'prepare':
      return prepare(message);
    case 'commit':
      return commit(message.version);
    case 'abort':
      return abort(message.version);
    case 'drain': {
      const finished = (await plane?.drain(message.graceMs)) ?? true;
      tellMetrics();
      // The primary kills at once who says that it is done.
      await logs?.written();
      tell({ kind: 'drained', finished });
      return;
    }
    case 'reopen':
      logs?.reopen();
      return;
    case 'health':
      for (const change of message.changes) health?.follow(change);
      return;
    case 'counted':
    case 'cached':
    case 'key-answer':
    case 'key-state':
  }
}

// The primary wrote it from a Config.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
const readConfig = (text: string): Config => JSON.parse(text) as Config;

/** Modules that the primary has made. */
async function pluginsOf(urls: readonly string[]): Promise<PluginSet> {
  const plugins = pluginSet(await importPlugins(urls));
  faults?.follow(plugins);
  return plugins;
}

function endProcess(error: unknown): void {
  logs?.proxy.error({ err: error }, 'worker failed');
  exit(1);
}

async function start(message: Extract<ToWorker, { kind: 'start' }>): Promise<void> {
  const { settings, defaultTls, version } = message;
  logs = createLogs(settings);
  const config = readConfig(message.config);
  health = createHealthBoard({
    log: logs.proxy,
    send: (report) => tell({ kind: 'observed', report }),
  });
  const link = {
    ask: (batch: CacheBatch) => tell({ kind: 'cache-ask', batch }),
    keep: (entry: CacheEntry, sent: () => void) => tell({ kind: 'cache-keep', entry }, sent),
  };
  answers = createRemoteAnswers(link, settings.memCacheBytes);
  const { connect: connectKeys } = keys;
  const shared = { counters, answers, metrics, health, monitor: NO_MONITOR, connectKeys };
  faults = catchFaults(logs.proxy, endProcess);
  const compile = { plugins: await pluginsOf(message.plugins) };
  plane = await startLocalDataPlane({ settings, logs, defaultTls, config, compile, shared });
  tellStatus();
  setInterval(tellStatus, STATUS_INTERVAL_MS).unref();
  tell({ kind: 'listening', addresses: plane.addresses(), version });
}

function tellMetrics(): void {
  const counted = metrics.take();
  if (counted.length > 0) tell({ kind: 'metrics', counted });
}

function tellStatus(): void {
  const [status] = plane?.status() ?? [];
  if (status !== undefined) tell({ kind: 'status', status });
}

async function prepare(message: Extract<ToWorker, { kind: 'prepare' }>): Promise<void> {
  const { version, config, plugins: urls } = message;
  if (plane === undefined) throw new TypeError('prepare before start');
  try {
    const plugins = await pluginsOf(urls);
    prepared.set(version, plane.compile(readConfig(config), { plugins }));
    tell({ kind: 'prepared', version, problem: undefined });
  } catch (error) {
    tell({ kind: 'prepared', version, problem: textOf(error) });
  }
}

function commit(version: number): void {
  const gateway = prepared.get(version);
  prepared.delete(version);
  if (gateway !== undefined) plane?.serve(gateway);
  tell({ kind: 'committed', version });
}

async function abort(version: number): Promise<void> {
  const gateway = prepared.get(version);
  prepared.delete(version);
  await gateway?.close();
}
