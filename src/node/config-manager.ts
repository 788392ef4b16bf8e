/** Which config serves: loads one at a time, keeps the last good one, and says what a load changed. */
import { createHash } from 'node:crypto';
import type { ApplyOptions, ApplyOutcome } from '../admin/types.ts';
import { diagnosticsOf, lineOf } from '../config/diagnostic.ts';
import type { DocumentSource } from '../config/load.ts';
import { filesOf } from '../config/read.ts';
import type { Config } from '../config/types.ts';
import { ConfigError } from '../errors.ts';
import type { EntitySources } from '../gateway/compile.ts';
import type { PluginSet } from '../gateway/plugins.ts';
import type { Logger } from '../log.ts';
import { diffConfigs } from './config-diff.ts';
import type { DataPlane } from './data-plane.ts';

export interface LoadedDocument {
  readonly config: Config;
  readonly sources: EntitySources | undefined;
  readonly plugins: PluginSet;
}

export interface ConfigManagerOptions {
  readonly initial: Pick<LoadedDocument, 'config' | 'plugins'>;
  readonly dataPlane: Pick<DataPlane, 'apply'>;
  /** Rejects with ConfigError. */
  readonly load: (source: DocumentSource) => Promise<LoadedDocument>;
  readonly log: Logger;
  /** Keeps a document that was applied for the next start. A failure is logged. */
  readonly persist: (source: DocumentSource) => Promise<void>;
  /** Told of every document that serves from then on. Must not throw. */
  readonly applied?: (source: DocumentSource, plugins: PluginSet) => void;
}

export interface ConfigManager {
  config(): Config;
  /** Those of the config that serves. */
  plugins(): PluginSet;
  /** For requests: `busy` while another load runs. Rejects on our own bugs only. */
  apply(source: DocumentSource, options: ApplyOptions): Promise<ApplyOutcome>;
  /**
   * For files: waits for the load that runs; of several that wait, the last one counts and the
   * others resolve with `busy`.
   */
  reload(source: DocumentSource): Promise<ApplyOutcome>;
  /** From now on every load is answered `exiting`. */
  stop(): void;
}

interface Waiting {
  readonly source: DocumentSource;
  readonly resolve: (outcome: ApplyOutcome | Promise<ApplyOutcome>) => void;
}

export function createConfigManager(options: ConfigManagerOptions): ConfigManager {
  let { config, plugins } = options.initial;
  let isLoading = false;
  let isStopped = false;
  let waiting: Waiting | undefined;

  const run = async (source: DocumentSource): Promise<ApplyOutcome> => {
    isLoading = true;
    try {
      const { outcome, loaded } = await load(source, config, options);
      if (loaded !== undefined) ({ config, plugins } = loaded);
      return outcome;
    } finally {
      isLoading = false;
      const next = waiting;
      waiting = undefined;
      if (next !== undefined) next.resolve(isStopped ? { kind: 'exiting' } : run(next.source));
    }
  };

  return {
    config: () => config,
    plugins: () => plugins,
    async apply(source, { checkHash }) {
      if (isStopped) return { kind: 'exiting' };
      if (isLoading) return { kind: 'busy' };
      if (checkHash && hashOf(source) === config.hash) return { kind: 'unchanged' };
      return run(source);
    },
    reload(source) {
      if (isStopped) return Promise.resolve({ kind: 'exiting' });
      if (!isLoading) return run(source);
      waiting?.resolve({ kind: 'busy' });
      return new Promise((resolve) => (waiting = { source, resolve }));
    },
    stop() {
      isStopped = true;
    },
  };
}

function hashOf(source: DocumentSource): string | undefined {
  return source.kind === 'text' ? createHash('md5').update(source.text).digest('hex') : undefined;
}

/** What came of a load; with what serves now, if it does. */
interface LoadResult {
  readonly outcome: ApplyOutcome;
  readonly loaded?: LoadedDocument;
}

async function load(
  source: DocumentSource,
  before: Config,
  { load: read, dataPlane, log, persist, applied }: ConfigManagerOptions,
): Promise<LoadResult> {
  const file = filesOf(source).join(', ') || undefined;
  try {
    const loaded = await read(source);
    const { config, plugins } = loaded;
    await dataPlane.apply(config, loaded);
    const from = file ?? 'the Admin API';
    log.info(
      { hash: config.hash, ...diffConfigs(before, config) },
      `declarative config loaded from ${from}`,
    );
    applied?.(source, plugins);
    await persist(source).catch((err: unknown) => {
      log.warn({ err }, 'the config could not be kept for the next start');
    });
    return { outcome: { kind: 'applied', config }, loaded };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const problems = diagnosticsOf(error).map(lineOf);
    log.error(
      { problems },
      `declarative config${file === undefined ? '' : ` ${file}`} not loaded; the one before goes on`,
    );
    return { outcome: { kind: 'rejected', error } };
  }
}
