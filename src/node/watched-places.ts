/** The places that a watch of declarative files looks at: by events of folders, and by looks from time to time. */
import { unwatchFile as unwatchStat, watchFile as watchStat } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { watch, type FSWatcher } from 'chokidar';
import type { Logger } from '../log.ts';
import { STDIN, isDocumentName, listFiles } from './document-files.ts';

/** What makes no event in the folder (a symlink's target elsewhere, some mounts) is seen this late. */
const POLL_MS = 1000;
/** Kubernetes mounts a ConfigMap as `..data/kong.yaml`, and replaces `..data`. */
const SWAPPED_LINK = '..data';

export interface WatchedPlaces {
  /** From now on these are watched as well; what is gone may come back, and stays watched. */
  readonly follow: (
    paths: readonly string[],
    references: ReadonlyMap<string, unknown>,
  ) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** @param schedule called when something there may have changed */
export function createWatchedPlaces(schedule: () => void, log: Logger): WatchedPlaces {
  const watched = new Set<string>();
  const folders = new Set<string>();
  /** Of these every document counts. */
  const documentFolders = new Set<string>();
  let watcher: FSWatcher | undefined;

  const isOurs = (path: string): boolean =>
    watched.has(path) ||
    folders.has(path) ||
    basename(path) === SWAPPED_LINK ||
    (documentFolders.has(dirname(path)) && isDocumentName(basename(path)));

  const add = (path: string, folder: string): void => {
    if (!watched.has(path)) {
      watched.add(path);
      // The system's watch of one path, which polls: it follows symlinks.
      watchStat(path, { interval: POLL_MS, persistent: false }, schedule);
    }
    folders.add(folder);
  };

  return {
    async follow(paths, references) {
      for (const path of paths.filter((each) => each !== STDIN).map((each) => resolve(each))) {
        // oxlint-disable-next-line no-await-in-loop -- a few paths, in order
        const isFolder = await stat(path).then(
          (facts) => facts.isDirectory(),
          () => false,
        );
        if (isFolder) documentFolders.add(path);
        add(path, isFolder ? path : dirname(path));
      }
      const files = await listFiles(paths).catch(() => []);
      for (const file of [...files, ...references.keys()]) {
        if (file !== STDIN) add(resolve(file), dirname(resolve(file)));
      }
      // Folders, because a file itself may be another one after each change.
      if (watcher !== undefined) watcher.add([...folders]);
      else watcher = await startWatcher([...folders], isOurs, schedule, log);
    },
    async close() {
      for (const path of watched) unwatchStat(path, schedule);
      await watcher?.close();
    },
  };
}

async function startWatcher(
  folders: readonly string[],
  isOurs: (path: string) => boolean,
  schedule: () => void,
  log: Logger,
): Promise<FSWatcher> {
  const watcher = watch([...folders], {
    depth: 0,
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (path) => !isOurs(path),
  });
  watcher.on('all', schedule);
  watcher.on('error', (err) => log.error({ err }, 'watching the declarative files'));
  if (folders.length > 0) await new Promise<void>((ready) => watcher.once('ready', () => ready()));
  return watcher;
}
