/** Which history a command is about: that of the files it names, or the only one there is. */
import { readdirSync } from 'node:fs';
import { fileDocument } from '../../document-files.ts';
import {
  allVersionsFolders,
  openVersions,
  versionsFolder,
  type VersionStore,
} from '../../history/store.ts';
import type { Version } from '../../history/version.ts';
import type { DocumentSource } from '../../../config/load.ts';
import type { Settings } from '../../../settings/types.ts';
import type { PluginSet } from '../../../gateway/plugins.ts';
import { loadPluginsOnce } from '../../plugin-loader.ts';
import { printError, settingsFrom, type SettingFlags } from '../context.ts';

export interface FoundHistory {
  readonly store: VersionStore;
  readonly settings: Settings;
  readonly plugins: PluginSet;
  /** Never empty. */
  readonly versions: readonly Version[];
}

/** Reports and gives `undefined` when there is none, or more than one to choose from. */
export async function findHistory(flags: SettingFlags): Promise<FoundHistory | undefined> {
  const { settings } = settingsFrom(flags);
  const plugins = await loadPluginsOnce(settings);
  const { declarativeConfig: paths, data, history } = settings;
  const own = versionsFolder(data.folder, paths);
  const folders = hasFiles(own) ? [own] : await allVersionsFolders(data.folder);
  const found: FoundHistory[] = [];
  for (const folder of folders) {
    const store = openVersions(folder, history);
    // oxlint-disable-next-line no-await-in-loop -- few
    const versions = await store.list();
    const newest = versions.at(-1);
    if (newest !== undefined && paths.every((path) => isOf(newest, path))) {
      found.push({ store, settings, plugins, versions });
    }
  }
  const [first, second] = found;
  if (first !== undefined && second === undefined) return first;
  if (first === undefined) {
    const files = paths.length === 0 ? '' : ` of ${paths.join(', ')}`;
    printError(
      `silverback: there is no history${files} in ${data.folder}; it begins when a gateway loads the files (see --data-dir)`,
    );
    return undefined;
  }
  const choices = found.map(
    ({ versions }) => `  -c ${(versions.at(-1)?.paths ?? []).join(' -c ')}`,
  );
  printError(`silverback: which files? There are histories of\n${choices.join('\n')}`);
  return undefined;
}

/** The version with a number; reports when there is none. */
export function versionOf({ versions }: FoundHistory, number: string): Version | undefined {
  const version = versions.find((each) => String(each.number) === number);
  if (version === undefined) {
    const numbers = `${versions[0]?.number} to ${versions.at(-1)?.number}`;
    printError(`silverback: there is no version ${number}; see: silverback history (${numbers})`);
  }
  return version;
}

/** The version as a document that can be loaded. */
export const sourceOf = ({ files }: Version): DocumentSource => ({
  kind: 'files',
  texts: files.map(({ path, text }) => fileDocument(path, text)),
});

function hasFiles(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
}

const isOf = ({ paths, files }: Version, path: string): boolean =>
  paths.includes(path) || files.some((file) => file.path === path);
