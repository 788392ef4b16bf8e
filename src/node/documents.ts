/** Declarative documents: where the first one comes from, how one is loaded, how the last one is kept. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EarlierEntities } from '../config/earlier.ts';
import { loadConfig, type DocumentSource, type LoadedConfig } from '../config/load.ts';
import { checkPattern } from '../router/regex.ts';
import { BUNDLED, type PluginSet } from '../gateway/plugins.ts';
import type { Settings } from '../settings/types.ts';
import { KONG_VERSION } from '../version.ts';
import type { LoadedDocument } from './config-manager.ts';
import { createDocumentReader, fileDocument } from './document-files.ts';
import { createReferences, type References } from './references.ts';

const KEPT_FILE = 'config.json';

/** What a document is read with; `interpolate` off or absent: references in it are plain text. */
export type LoadSettings = Pick<Settings, 'plugins'> & Partial<Pick<Settings, 'interpolate'>>;

export interface LoadDocumentOptions {
  readonly references?: References;
  /** Absent: those of this build. */
  readonly plugins?: PluginSet;
  /** What the config before had, and no document says. */
  readonly earlier?: EarlierEntities | undefined;
}

/** Reads a document as these settings want it: with the plugins that are enabled. Throws ConfigError. */
export const loadDocument = (
  source: DocumentSource,
  settings: LoadSettings,
  {
    references = createReferences(process.env),
    plugins = BUNDLED,
    earlier,
  }: LoadDocumentOptions = {},
): LoadedConfig =>
  loadConfig(source, {
    earlier,
    plugins: enabledPlugins(settings, plugins),
    schemas: plugins.schemas,
    now: Date.now(),
    checkPathRegex: checkPattern,
    references: settings.interpolate === true ? references.sources : undefined,
  });

/** Names of the plugins that entries may have. Own ones are enabled by being named. */
export const enabledPlugins = (
  settings: Pick<Settings, 'plugins'>,
  { own }: PluginSet,
): readonly string[] => [...settings.plugins, ...own.map(({ plugin }) => plugin.name)];

/**
 * The same for one set of settings.
 * @param references remembers the files that the last document asked for
 */
export function createLoader(
  settings: LoadSettings,
  references = createReferences(process.env),
): (
  source: DocumentSource,
  plugins?: PluginSet,
  earlier?: EarlierEntities,
) => LoadedDocument & { readonly sources: LoadedConfig } {
  return (source, plugins = BUNDLED, earlier) => {
    references.begin();
    const loaded = loadDocument(source, settings, { references, plugins, earlier });
    return { config: loaded.config, sources: loaded, plugins };
  };
}

/** A file's text as a source. */
export const fileSource = (file: string, text: string): DocumentSource => ({
  kind: 'files',
  texts: [fileDocument(file, text)],
});

/**
 * Kong's order: the files, the string, what was loaded last in this prefix. `undefined` when there is
 * none of them. Rejects with the system's error when a file cannot be read.
 */
export async function firstDocument(
  settings: Settings,
  reader = createDocumentReader(settings.declarativeConfig),
): Promise<DocumentSource | undefined> {
  const { declarativeConfigString: text } = settings;
  if (reader.paths.length > 0) return reader.read();
  if (text !== undefined) {
    return { kind: 'text', text, file: 'declarative_config_string', format: 'auto' };
  }
  return readKept(settings.prefix);
}

/** Writes the document beside the other state of the process, whole or not at all; only its owner may read it. */
export async function keepDocument(prefix: string, source: DocumentSource): Promise<void> {
  const path = join(prefix, KEPT_FILE);
  await mkdir(prefix, { recursive: true });
  const text = JSON.stringify({ version: KONG_VERSION, source });
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** A document of another version, or none that can be read, counts as none. */
async function readKept(prefix: string): Promise<DocumentSource | undefined> {
  try {
    const kept: unknown = JSON.parse(await readFile(join(prefix, KEPT_FILE), 'utf8'));
    if (typeof kept !== 'object' || kept === null) return undefined;
    if (Reflect.get(kept, 'version') !== KONG_VERSION) return undefined;
    const source: unknown = Reflect.get(kept, 'source');
    return isSource(source) ? source : undefined;
  } catch {
    return undefined;
  }
}

function isSource(value: unknown): value is DocumentSource {
  if (typeof value !== 'object' || value === null) return false;
  const kind: unknown = Reflect.get(value, 'kind');
  if (kind === 'object') return 'value' in value;
  if (kind === 'text') return isText(value);
  const texts: unknown = Reflect.get(value, 'texts');
  return kind === 'files' && Array.isArray(texts) && texts.every(isText);
}

const isText = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  typeof Reflect.get(value, 'text') === 'string' &&
  Reflect.get(value, 'format') === 'auto' &&
  ['string', 'undefined'].includes(typeof Reflect.get(value, 'file')) &&
  ['string', 'undefined'].includes(typeof Reflect.get(value, 'folder'));
