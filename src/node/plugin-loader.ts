/** The plugins of each load: those of this build, and the user's own as their files are at the moment. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUNDLED, pluginSet, type PluginSet } from '../gateway/plugins.ts';
import { OwnPluginsError, loadOwnPlugins } from '../own-plugins/load.ts';
import type { PluginFiles } from '../own-plugins/types.ts';
import type { Settings } from '../settings/types.ts';

export interface PluginLoader {
  /** Files that did not change give the same plugins again. Rejects with ConfigError. */
  load(): Promise<PluginSet>;
  /** Of the last load that succeeded. */
  current(): PluginSet;
  /** What the last load read, also one that failed. */
  files(): PluginFiles;
}

/** Below the prefix: modules that workers import as well, and that a later worker must find again. */
const FOLDER = 'own-plugins';

/** For a gateway that runs: its modules are below the prefix. `onLoaded` hears of plugins before they run. */
export function createPluginLoader(
  { ownPlugins, prefix }: Pick<Settings, 'ownPlugins' | 'prefix'>,
  onLoaded: (plugins: PluginSet) => void,
): PluginLoader {
  const folder = join(prefix, FOLDER);
  let files: PluginFiles = new Map();
  let current = BUNDLED;
  // What another run has left there is of no use.
  if (ownPlugins.length > 0) rmSync(folder, { recursive: true, force: true });
  return {
    files: () => files,
    current: () => current,
    async load() {
      if (ownPlugins.length === 0) return BUNDLED;
      try {
        const loaded = await loadOwnPlugins(ownPlugins, folder);
        ({ files } = loaded);
        current = pluginSet(loaded.plugins);
        onLoaded(current);
        return current;
      } catch (error) {
        if (error instanceof OwnPluginsError) ({ files } = error);
        throw error;
      }
    },
  };
}

/** For a command that looks and ends: nothing is left behind. Rejects with ConfigError. */
export async function loadPluginsOnce({
  ownPlugins,
}: Pick<Settings, 'ownPlugins'>): Promise<PluginSet> {
  if (ownPlugins.length === 0) return BUNDLED;
  const folder = mkdtempSync(join(tmpdir(), 'silverback-plugins-'));
  try {
    return pluginSet((await loadOwnPlugins(ownPlugins, folder)).plugins);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
