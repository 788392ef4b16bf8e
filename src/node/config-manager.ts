/** Which config serves: loads one at a time, keeps the last good one, and says what a load changed. */
import { createHash } from 'node:crypto';
import type { ApplyOptions, ApplyOutcome } from '../admin/types.ts';
import { diagnosticsOf, lineOf } from '../config/diagnostic.ts';
import type { EarlierEntities } from '../config/earlier.ts';
import type { DocumentSource, LoadedConfig } from '../config/load.ts';
import { filesOf } from '../config/read.ts';
import type { Config } from '../config/types.ts';
import { ConfigError } from '../errors.ts';
import type { PluginSet } from '../gateway/plugins.ts';
import type { Logger } from '../log.ts';
import { diffConfigs } from './config-diff.ts';
import type { DataPlane } from './data-plane.ts';

/** A config and what it was loaded from. */
export interface LoadedDocument {
  readonly config: Config;
  /** What the load knows of the document; absent: there is none. */
  readonly sources: LoadedConfig | undefined;
  readonly plugins: PluginSet;
}

export interface ConfigManagerOptions {
  readonly initial: Pick<LoadedDocument, 'config' | 'plugins'>;
  readonly dataPlane: Pick<DataPlane, 'apply'>;
  /** Rejects with ConfigError. */
  readonly load: (source: DocumentSource, earlier?: EarlierEntities) => Promise<LoadedDocument>;
  readonly log: Logger;
  /** Keeps a document that was applied for the next start. A failure is logged. */
  readonly persist: (source: DocumentSource) => Promise<void>;
  /** Told of every document that serves from then on. Must not throw. */
  readonly applied?: (source: DocumentSource, plugins: PluginSet) => void;
  /**
   * What `initial` was loaded from. When given, documents are kept in memory, for writes to be planned on,
   * and what is drawn at random keeps its value over a reload.
   */
  readonly document?: ServingDocument | undefined;
}

/** What serves, with its source. */
export interface ServingDocument {
  readonly source: DocumentSource;
  readonly sources: LoadedConfig;
}

/** The manager as one who has it alone sees it. */
export interface ManagerSession {
  readonly config: Config;
  readonly plugins: PluginSet;
  /** Absent when there is none, or none is kept. */
  readonly document: ServingDocument | undefined;
  /**
   * Makes a loaded document the one that serves. Rejects as `DataPlane.apply` does, and with what
   * `prepared` rejects with; nothing has changed then.
   */
  serve(
    source: DocumentSource,
    loaded: LoadedDocument,
    prepared?: () => Promise<void>,
  ): Promise<void>;
  /** Loads and serves; what is wrong is logged. */
  load(source: DocumentSource): Promise<ApplyOutcome>;
}

export interface ConfigManager {
  config(): Config;
  /** Those of the config that serves. */
  plugins(): PluginSet;
  /** For requests: `busy` while another load runs. Rejects on our own bugs only. */
  apply(source: DocumentSource, options: ApplyOptions): Promise<ApplyOutcome>;
  /**
   * For files: waits for the load that runs, then reads; of several that wait, the last one counts
   * and the others resolve with `busy`. Rejects with what `read` rejects with.
   */
  reload(read: () => Promise<DocumentSource>): Promise<ApplyOutcome>;
  /** Runs when everything before has ended, and nothing else runs meanwhile; not at all after `stop`. */
  alone<T>(work: (session: ManagerSession) => Promise<T>): Promise<T | 'exiting'>;
  /** From now on every load is answered `exiting`. Resolves when the one that runs has ended. */
  stop(): Promise<void>;
}

export function createConfigManager(options: ConfigManagerOptions): ConfigManager {
  const { initial, document } = options;
  const serving: Serving = { ...initial, document };
  let isStopped = false;
  let waiting = 0;
  let next: WaitingReload | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const alone = <T>(work: (session: ManagerSession) => Promise<T>): Promise<T | 'exiting'> => {
    waiting += 1;
    const turn = async (): Promise<T | 'exiting'> =>
      isStopped ? 'exiting' : work(sessionOf(serving, options));
    const run = queue.then(turn).finally(() => (waiting -= 1));
    queue = run.catch(() => undefined);
    return run;
  };
  const load = async (source: DocumentSource): Promise<ApplyOutcome> => {
    const outcome = await alone((session) => session.load(source));
    return outcome === 'exiting' ? { kind: 'exiting' } : outcome;
  };

  return {
    config: () => serving.config,
    plugins: () => serving.plugins,
    async apply(source, { checkHash }) {
      if (isStopped) return { kind: 'exiting' };
      if (waiting > 0) return { kind: 'busy' };
      if (checkHash && hashOf(source) === serving.config.hash) return { kind: 'unchanged' };
      return load(source);
    },
    async reload(read) {
      next?.supersede({ kind: 'busy' });
      return new Promise<ApplyOutcome>((resolve, reject) => {
        const own: WaitingReload = { supersede: resolve };
        next = own;
        const run = alone(async (session): Promise<ApplyOutcome> => {
          if (next !== own) return { kind: 'busy' };
          next = undefined;
          return session.load(await read());
        });
        run.then(
          (outcome) => resolve(outcome === 'exiting' ? { kind: 'exiting' } : outcome),
          reject,
        );
      });
    },
    alone,
    async stop() {
      isStopped = true;
      await queue;
    },
  };
}

/** A reload whose turn has not come. */
interface WaitingReload {
  readonly supersede: (outcome: ApplyOutcome) => void;
}

interface Serving {
  config: Config;
  plugins: PluginSet;
  document: ServingDocument | undefined;
}

function sessionOf(serving: Serving, options: ConfigManagerOptions): ManagerSession {
  const serve: ManagerSession['serve'] = async (source, loaded, prepared) => {
    const { dataPlane, log, persist, applied } = options;
    const { config, sources, plugins } = loaded;
    await dataPlane.apply(config, loaded, prepared);
    const from = filesOf(source).join(', ') || 'the Admin API';
    log.info(
      { hash: config.hash, ...diffConfigs(serving.config, config) },
      `declarative config loaded from ${from}`,
    );
    serving.config = config;
    serving.plugins = plugins;
    const isKept = options.document !== undefined && sources !== undefined;
    serving.document = isKept ? { source, sources } : undefined;
    applied?.(source, plugins);
    await persist(source).catch((err: unknown) => {
      log.warn({ err }, 'the config could not be kept for the next start');
    });
  };
  const { config, plugins, document } = serving;
  return {
    config,
    plugins,
    document,
    serve,
    async load(source) {
      try {
        const loaded = await options.load(source, document?.sources.earlier());
        await serve(source, loaded);
        return { kind: 'applied', config: loaded.config };
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        logRejection(source, error, options.log);
        return { kind: 'rejected', error };
      }
    },
  };
}

function hashOf(source: DocumentSource): string | undefined {
  return source.kind === 'text' ? createHash('md5').update(source.text).digest('hex') : undefined;
}

function logRejection(source: DocumentSource, error: ConfigError, log: Logger): void {
  const file = filesOf(source).join(', ');
  const problems = diagnosticsOf(error).map(lineOf);
  log.error(
    { problems },
    `declarative config${file === '' ? '' : ` ${file}`} not loaded; the one before goes on`,
  );
}
