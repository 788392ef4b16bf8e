/** Declarative documents: where the first one comes from, how one is loaded, how the last one is kept. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig, type DocumentSource, type LoadedConfig } from '../config/load.ts';
import { checkPattern } from '../router/regex.ts';
import type { Settings } from '../settings/types.ts';
import { KONG_VERSION } from '../version.ts';
import type { LoadedDocument } from './config-manager.ts';

const KEPT_FILE = 'config.json';

/** Reads a document as these settings want it: with the plugins that are enabled. Throws ConfigError. */
export const loadDocument = (
  source: DocumentSource,
  settings: Pick<Settings, 'plugins'>,
): LoadedConfig =>
  loadConfig(source, {
    plugins: settings.plugins,
    now: Date.now(),
    checkPathRegex: checkPattern,
  });

/** The same for one set of settings. */
export function createLoader(
  settings: Pick<Settings, 'plugins'>,
): (source: DocumentSource) => LoadedDocument {
  return (source) => {
    const loaded = loadDocument(source, settings);
    return { config: loaded.config, sources: loaded };
  };
}

/** A file's text as a source; JSON by its name, else by its content. */
export const fileSource = (file: string, text: string): DocumentSource => ({
  kind: 'text',
  text,
  file,
  format: 'auto',
});

/**
 * Kong's order: the file, the string, what was loaded last in this prefix. `undefined` when there is
 * none of them. Rejects with the system's error when the file cannot be read.
 */
export async function firstDocument(settings: Settings): Promise<DocumentSource | undefined> {
  const { declarativeConfig: file, declarativeConfigString: text } = settings;
  if (file !== undefined) return fileSource(file, await readFile(file, 'utf8'));
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
  return kind === 'text' && typeof Reflect.get(value, 'text') === 'string';
}
