/** The composition root: settings in, a running gateway out. */
import { mkdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  createAdminHandler,
  createStatusHandler,
  type AdminDeps,
  type AdminPlugins,
  type NodeStatus,
  type Readiness,
} from '../admin/index.ts';
import { emptyConfig, type DocumentSource } from '../config/load.ts';
import { NODE_ID_FILE } from '../settings/load.ts';
import type { Settings, TlsPair } from '../settings/types.ts';
import { openTokens, type TokenSource } from './admin-tokens.ts';
import { openAuditLog, type AuditLog } from './audit-log.ts';
import { answerCachesOf } from './answer-caches.ts';
import { startApiServers, type ApiServers } from './admin-servers.ts';
import { startClusterDataPlane } from './cluster-data-plane.ts';
import { createConfigManager, type ConfigManager, type LoadedDocument } from './config-manager.ts';
import type { DataPlane } from './data-plane.ts';
import { createDocumentReader, STDIN, type DocumentReader } from './document-files.ts';
import { createLoader, enabledPlugins, firstDocument, keepDocument } from './documents.ts';
import { startLocalDataPlane } from './local-data-plane.ts';
import { createNodeKeyHost } from './key-host.ts';
import { createKeyAdmin } from '../keys/admin.ts';
import type { KeyHost } from '../keys/host.ts';
import { createHistory } from './history/history.ts';
import { createLogs, type Logs } from './logger.ts';
import { createPluginLoader, type PluginLoader } from './plugin-loader.ts';
import { catchFaults, type FaultCatcher } from './plugin-faults.ts';
import { createReferences, type References } from './references.ts';
import { selfSignedPair } from './self-signed.ts';
import { createWarningLog, type WarningLog } from './warning-log.ts';
import { watchDocument, type FileWatch } from './watch.ts';

export interface RunningNode {
  /** In the order of the settings. */
  readonly proxy: readonly AddressInfo[];
  readonly admin: readonly AddressInfo[];
  readonly status: readonly AddressInfo[];
  /** Reads the declarative file again, if there is one. */
  reload(): Promise<void>;
  reopenLogs(): void;
  /**
   * Not ready, then closed, then done: requests get `graceMs` to finish. Resolves with true when
   * they did.
   */
  readonly stop: (graceMs: number) => Promise<boolean>;
  /** Resolves with the reason when the node cannot go on. */
  readonly failed: Promise<Error>;
}

/** Whoever has the process for this node alone. */
export interface NodeOwner {
  /** Told what nobody has caught and is not the fault of an own plugin; absent: nothing is caught. */
  readonly endProcess?: (error: unknown) => void;
}

/**
 * Starts everything in its order: config, listeners of the proxy, Admin and Status API, file watch.
 * Rejects with ConfigError for an invalid first document and with the system's error for a port
 * that cannot be had; nothing is left open then.
 */
export async function startNode(
  settings: Settings,
  warnings: readonly string[] = [],
  { endProcess }: NodeOwner = {},
): Promise<RunningNode> {
  const logs = createLogs(settings);
  for (const warning of warnings) logs.proxy.warn({}, warning);
  try {
    await prepareFolder(settings);
    const faults = endProcess && catchFaults(logs.proxy, endProcess);
    return await assemble(settings, logs, faults);
  } catch (error) {
    logs.flush();
    throw error;
  }
}

/** Makes the prefix and keeps the node id there. */
async function prepareFolder({ prefix, nodeId }: Settings): Promise<void> {
  await mkdir(prefix, { recursive: true });
  await writeFile(join(prefix, NODE_ID_FILE), `${nodeId}\n`);
}

async function assemble(
  settings: Settings,
  logs: Logs,
  faults: FaultCatcher | undefined,
): Promise<RunningNode> {
  const reader = createDocumentReader(settings.declarativeConfig);
  const references = createReferences(process.env);
  const namedTokens = await openTokens(settings.adminTokensFile, logs.admin);
  const pluginLoader = createPluginLoader(settings, (plugins) => faults?.follow(plugins));
  const audit = openAuditLog(settings, logs.admin, () => pluginLoader.current().schemas);
  const read = createLoader(settings, references);
  const load = async (source: DocumentSource): Promise<LoadedDocument> =>
    read(source, await pluginLoader.load());
  const first = await firstDocument(settings, reader);
  const initial: LoadedDocument =
    first === undefined
      ? {
          config: emptyConfig(Date.now()),
          sources: undefined,
          plugins: await pluginLoader.load(),
        }
      : await load(first);
  const tls = await certificates(settings);
  const start = settings.workers > 1 ? startClusterDataPlane : startLocalDataPlane;
  const keys = createNodeKeyHost(settings, logs.proxy);
  const dataPlane = await start({
    settings,
    logs,
    defaultTls: tls.proxy,
    shared: { connectKeys: keys.connect },
    config: initial.config,
    compile: initial,
  }).catch(async (error: unknown) => {
    await keys.close();
    throw error;
  });
  const history = createHistory(settings, logs.proxy);
  const warnings = createWarningLog(settings, logs.proxy);
  const manager = createConfigManager({
    initial,
    dataPlane,
    load,
    log: logs.proxy,
    persist: (source) => keepDocument(settings.prefix, source),
    applied(source, plugins) {
      warnings.look(source, plugins);
      void history.loaded(source);
    },
  });
  if (first !== undefined) {
    warnings.look(first, initial.plugins);
    void history.loaded(first);
  }
  const files = { reader, references, pluginLoader };
  const base = { settings, logs, dataPlane, manager, warnings, keys, tls, ...files };
  const parts: Parts = { ...base, namedTokens, audit, isDraining: false };
  try {
    await keepFirst(parts, first);
    return await open(parts, first);
  } catch (error) {
    warnings.close();
    await dataPlane.drain(0);
    await keys.close();
    throw error;
  }
}

/** What runs is what a later start without a document finds, wherever it came from. */
async function keepFirst(
  { settings, logs }: Parts,
  first: DocumentSource | undefined,
): Promise<void> {
  const { declarativeConfig, declarativeConfigString, prefix } = settings;
  if (first === undefined) return;
  if (declarativeConfig.length === 0 && declarativeConfigString === undefined) {
    logs.proxy.info({ prefix }, 'the config that was loaded last in this prefix is loaded again');
    return;
  }
  await keepDocument(prefix, first).catch((err: unknown) => {
    logs.proxy.warn({ err }, 'the config could not be kept for the next start');
  });
}

interface Certificates {
  readonly proxy: TlsPair | undefined;
  readonly admin: TlsPair | undefined;
  readonly status: TlsPair | undefined;
}

interface Parts {
  readonly settings: Settings;
  readonly logs: Logs;
  readonly dataPlane: DataPlane;
  readonly manager: ConfigManager;
  readonly warnings: WarningLog;
  readonly keys: KeyHost;
  readonly tls: Certificates;
  readonly reader: DocumentReader;
  readonly references: References;
  readonly namedTokens: TokenSource;
  readonly audit: AuditLog;
  readonly pluginLoader: PluginLoader;
  isDraining: boolean;
}

/** Listeners with `ssl` and without a certificate share one that is made here. */
async function certificates(settings: Settings): Promise<Certificates> {
  const { proxyTls, adminTls, statusTls, proxyListen, adminListen, statusListen } = settings;
  const hasSsl = [...proxyListen, ...adminListen, ...statusListen].some(({ ssl }) => ssl);
  const own = hasSsl ? await selfSignedPair(settings.prefix) : undefined;
  return { proxy: proxyTls ?? own, admin: adminTls ?? own, status: statusTls ?? own };
}

async function open(parts: Parts, first: DocumentSource | undefined): Promise<RunningNode> {
  const { settings, logs, dataPlane, tls } = parts;
  const deps = adminDeps(parts);
  const admin = await startApiServers({
    settings,
    listeners: settings.adminListen,
    tls: tls.admin,
    clientCa: settings.adminClientCa,
    handler: createAdminHandler({ ...deps, log: logs.admin }),
    accessLog: logs.adminAccess,
  });
  let status: ApiServers | undefined;
  let watch: FileWatch | undefined;
  try {
    status = await startApiServers({
      settings,
      listeners: settings.statusListen,
      tls: tls.status,
      handler: createStatusHandler({ ...deps, log: logs.status }),
      accessLog: logs.statusAccess,
    });
    watch = await startWatch(parts, first);
  } catch (error) {
    admin.close();
    status?.close();
    throw error;
  }
  const running = {
    proxy: dataPlane.addresses(),
    admin: admin.addresses(),
    status: status.addresses(),
  };
  warnOfStrangers(settings, logs);
  logs.proxy.info(running, 'listening');
  const { declarativeConfig: paths } = settings;
  if (paths.length > 0) {
    logs.proxy.info({}, `declarative config loaded from ${paths.join(', ')}`);
  }
  const apis = [admin, status];
  return {
    ...running,
    reload: () => reload(parts),
    reopenLogs() {
      dataPlane.reopenLogs();
      parts.audit.reopen();
    },
    stop: (graceMs) => stop(parts, { apis, watch, graceMs }),
    failed: dataPlane.failed,
  };
}

/** What `admin_unguarded` asks for is said each time, in the words of what it means. */
function warnOfStrangers({ adminUnguarded }: Settings, logs: Logs): void {
  if (adminUnguarded.length === 0) return;
  logs.admin.fatal(
    { listeners: adminUnguarded },
    'THE ADMIN API IS OPEN: whoever reaches these listeners reads every secret and changes everything (admin_unguarded = on)',
  );
}

/** Those of the config that serves. */
function adminPlugins({ settings, manager }: Parts): AdminPlugins {
  const plugins = manager.plugins();
  const versions = new Map(plugins.own.map(({ plugin, version }) => [plugin.name, version]));
  return {
    schemas: plugins.schemas,
    enabled: enabledPlugins(settings, plugins).map((name) => ({
      name,
      priority: plugins.priority(name),
      version: versions.get(name),
    })),
  };
}

function adminDeps(parts: Parts): Omit<AdminDeps, 'log'> {
  const { settings, manager } = parts;
  return {
    settings,
    namedTokens: parts.namedTokens,
    audit: parts.audit.trail,
    plugins: () => adminPlugins(parts),
    config: () => manager.config(),
    apply: (source, options) => manager.apply(source, options),
    node: () => nodeStatus(parts),
    keys: createKeyAdmin(parts.keys),
    answerCaches: () => answerCachesOf(manager.config(), parts.dataPlane),
    balancer: (upstreamId) => parts.dataPlane.balancers().get(upstreamId),
    metrics: () => parts.dataPlane.metrics(),
    drain() {
      parts.isDraining = true;
    },
  };
}

function nodeStatus(parts: Parts): NodeStatus {
  const workers = parts.dataPlane.status();
  const sum = (of: 'accepted' | 'active' | 'writing' | 'requests'): number =>
    workers.reduce((total, worker) => total + worker[of], 0);
  const ended = parts.dataPlane.ended();
  const accepted = ended.accepted + sum('accepted');
  const active = sum('active');
  const writing = sum('writing');
  return {
    pids: { master: process.pid, workers: workers.map(({ pid }) => pid) },
    connections: {
      accepted,
      handled: accepted,
      active,
      reading: 0,
      writing,
      waiting: Math.max(0, active - writing),
      requests: ended.requests + sum('requests'),
    },
    memory: workers.map(({ pid, heapUsedBytes }) => ({ pid, heapUsedBytes })),
    readiness: readiness(parts),
  };
}

function readiness({ isDraining, manager, dataPlane }: Parts): Readiness {
  if (isDraining) return { kind: 'draining' };
  if (/^0+$/.test(manager.config().hash)) return { kind: 'empty' };
  const workers = dataPlane.status();
  const ready = workers.filter((worker) => worker.ready).length;
  if (ready === workers.length && ready > 0) return { kind: 'ready' };
  return { kind: 'building', ready, workers: workers.length };
}

async function startWatch(
  { settings, logs, manager, reader, references, pluginLoader }: Parts,
  initial: DocumentSource | undefined,
): Promise<FileWatch | undefined> {
  if (!settings.watch || reader.paths.every((path) => path === STDIN)) return undefined;
  return watchDocument({
    reader,
    initial,
    references: () => new Map([...references.files(), ...pluginLoader.files()]),
    log: logs.proxy,
    async onChange(source) {
      try {
        await manager.reload(source);
      } catch (err) {
        logs.proxy.error({ err }, 'a reload failed; the config before goes on');
      }
    },
  });
}

async function reload({ reader, logs, manager }: Parts): Promise<void> {
  if (reader.paths.length === 0) {
    logs.proxy.warn({}, 'nothing to reload: declarative_config is not set');
    return;
  }
  try {
    await manager.reload(await reader.read());
  } catch (err) {
    logs.proxy.error({ err }, 'the reload failed; the config before goes on');
  }
}

interface StopOptions {
  readonly apis: readonly ApiServers[];
  readonly watch: FileWatch | undefined;
  readonly graceMs: number;
}

async function stop(parts: Parts, { apis, watch, graceMs }: StopOptions): Promise<boolean> {
  const { dataPlane, manager, warnings, keys, logs } = parts;
  parts.isDraining = true;
  manager.stop();
  warnings.close();
  await watch?.close();
  const finished = await dataPlane.drain(graceMs);
  await keys.close();
  for (const api of apis) api.close();
  logs.proxy.info({ finished }, finished ? 'stopped' : 'stopped; some requests were cut');
  logs.flush();
  return finished;
}
