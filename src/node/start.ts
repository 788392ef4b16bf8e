/** The composition root: settings in, a running gateway out. */
import { mkdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAdminHandler, createStatusHandler } from '../admin/index.ts';
import { emptyConfig, type DocumentSource } from '../config/load.ts';
import { NODE_ID_FILE } from '../settings/load.ts';
import type { Settings } from '../settings/types.ts';
import { adminDepsOf } from './admin-deps.ts';
import { openTokens } from './admin-tokens.ts';
import { openAuditLog } from './audit-log.ts';
import { startApiServers, type ApiServers } from './admin-servers.ts';
import { startClusterDataPlane } from './cluster-data-plane.ts';
import { createConfigManager, type LoadedDocument } from './config-manager.ts';
import { createDocumentReader, STDIN } from './document-files.ts';
import { createLoader, firstDocument, keepDocument } from './documents.ts';
import { startLocalDataPlane } from './local-data-plane.ts';
import { createNodeKeyHost } from './key-host.ts';
import { createHistory } from './history/history.ts';
import { createLogs, type Logs } from './logger.ts';
import { referencedFiles, type Parts } from './node-parts.ts';
import { createPluginLoader } from './plugin-loader.ts';
import { catchFaults, type FaultCatcher } from './plugin-faults.ts';
import { createReferences } from './references.ts';
import { certificates } from './certificates.ts';
import { createWarningLog } from './warning-log.ts';
import { watchDocument, type FileWatch } from './watch.ts';
import { prepareFiles } from './write-start.ts';

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
  const load: Parts['load'] = async (source, earlier) =>
    read(source, await pluginLoader.load(), earlier);
  if (settings.adminWrite) await prepareFiles(reader.paths);
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
  const served = { settings, logs, dataPlane, load, first, initial };
  const { manager, warnings, history } = manage(served);
  const files = { reader, references, pluginLoader };
  const base = { settings, logs, dataPlane, manager, warnings, keys, tls, ...files };
  const more = { namedTokens, audit, history, load };
  const parts: Parts = { ...base, ...more, watch: undefined, isDraining: false };
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

interface ServedParts extends Pick<Parts, 'settings' | 'logs' | 'dataPlane' | 'load'> {
  readonly first: DocumentSource | undefined;
  readonly initial: LoadedDocument;
}

/** The manager of the config that serves, and who is told of each. */
function manage({
  settings,
  logs,
  dataPlane,
  load,
  first,
  initial,
}: ServedParts): Pick<Parts, 'manager' | 'warnings' | 'history'> {
  const history = createHistory(settings, logs.proxy);
  const warnings = createWarningLog(settings, logs.proxy);
  const { sources } = initial;
  const isKept = settings.adminWrite && first !== undefined && sources !== undefined;
  const manager = createConfigManager({
    initial,
    document: isKept ? { source: first, sources } : undefined,
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
  return { manager, warnings, history };
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

async function open(parts: Parts, first: DocumentSource | undefined): Promise<RunningNode> {
  const { settings, logs, dataPlane, tls } = parts;
  const deps = adminDepsOf(parts);
  const admin = await startApiServers({
    settings,
    listeners: settings.adminListen,
    tls: tls.admin,
    clientCa: settings.adminClientCa,
    handler: createAdminHandler({ ...deps, log: logs.admin }),
    accessLog: logs.adminAccess,
  });
  let status: ApiServers | undefined;
  try {
    status = await startApiServers({
      settings,
      listeners: settings.statusListen,
      tls: tls.status,
      handler: createStatusHandler({ ...deps, log: logs.status }),
      accessLog: logs.statusAccess,
    });
    parts.watch = await startWatch(parts, first);
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
    stop: (graceMs) => stop(parts, { apis, graceMs }),
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

async function startWatch(
  parts: Parts,
  initial: DocumentSource | undefined,
): Promise<FileWatch | undefined> {
  const { settings, logs, manager, reader } = parts;
  if (!settings.watch || reader.paths.every((path) => path === STDIN)) return undefined;
  return watchDocument({
    reader,
    initial,
    references: () => referencedFiles(parts),
    log: logs.proxy,
    async onChange(read) {
      try {
        await manager.alone(async (session) => {
          const source = await read();
          if (source !== undefined) await session.load(source);
        });
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
    await manager.reload(() => reader.read());
  } catch (err) {
    logs.proxy.error({ err }, 'the reload failed; the config before goes on');
  }
}

interface StopOptions {
  readonly apis: readonly ApiServers[];
  readonly graceMs: number;
}

async function stop(parts: Parts, { apis, graceMs }: StopOptions): Promise<boolean> {
  const { dataPlane, manager, warnings, keys, logs } = parts;
  parts.isDraining = true;
  const idle = manager.stop();
  warnings.close();
  await parts.watch?.close();
  await idle;
  const finished = await dataPlane.drain(graceMs);
  await keys.close();
  for (const api of apis) api.close();
  logs.proxy.info({ finished }, finished ? 'stopped' : 'stopped; some requests were cut');
  await logs.written();
  return finished;
}
