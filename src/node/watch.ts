/** Watches the declarative file: written in place, renamed over, or behind a symlink that moves. */
import { unwatchFile as unwatchStat, watchFile as watchStat } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { watch } from 'chokidar';
import type { Logger } from '../log.ts';

export interface WatchOptions {
  readonly file: string;
  /** What the running config was read from; the same bytes again are no change. */
  readonly initial: string | undefined;
  readonly onChange: (text: string) => void;
  readonly log: Logger;
}

export interface FileWatch {
  close(): Promise<void>;
}

/** A writer is given this long after its last event. */
const QUIET_MS = 50;
/** Between two looks at a file that may still be written. */
const STABLE_MS = 20;
const LOOKS_MAX = 50;
/** What makes no event in the folder (a symlink's target elsewhere, some mounts) is seen this late. */
const POLL_MS = 1000;
/** Kubernetes mounts a ConfigMap as `..data/kong.yaml`, and replaces `..data`. */
const SWAPPED_LINK = '..data';

/** Resolves when changes are seen. `onChange` gets whole files only, one after the other. */
export async function watchFile(options: WatchOptions): Promise<FileWatch> {
  const file = resolve(options.file);
  const { log, onChange } = options;
  let known = options.initial;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let looking = Promise.resolve();

  const look = async (): Promise<void> => {
    const text = await readStable(file);
    if (closed || text === known) return;
    if (text === undefined) {
      log.warn({ file }, 'the declarative file is gone; the config that runs goes on');
      return;
    }
    known = text;
    onChange(text);
  };
  const schedule = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      looking = looking.then(look).catch((err: unknown) => {
        log.error(
          { err, file },
          'the declarative file cannot be read; the config that runs goes on',
        );
      });
    }, QUIET_MS);
  };
  // The folder, because the file itself may be another one after each change.
  const watcher = watch(dirname(file), {
    depth: 0,
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (path) => path !== dirname(file) && !isOurs(path, file),
  });
  watcher.on('all', schedule);
  watcher.on('error', (err) => log.error({ err, file }, 'watching the declarative file'));
  await new Promise<void>((ready) => watcher.once('ready', () => ready()));
  // What was written between the first read and now has made no event.
  schedule();
  // The system's watch of one file, which polls: it follows symlinks.
  watchStat(file, { interval: POLL_MS, persistent: false }, schedule);
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      unwatchStat(file, schedule);
      await watcher.close();
      await looking;
    },
  };
}

function isOurs(path: string, file: string): boolean {
  return path === file || basename(path) === SWAPPED_LINK;
}

/** Its text once two looks agree; `undefined` when there is no file. */
async function readStable(file: string): Promise<string | undefined> {
  let before = await facts(file);
  for (let looks = 0; looks < LOOKS_MAX && before !== undefined; looks++) {
    // oxlint-disable-next-line no-await-in-loop -- one look after the other is the point
    await new Promise((done) => setTimeout(done, STABLE_MS));
    // oxlint-disable-next-line no-await-in-loop -- see above
    const after = await facts(file);
    // oxlint-disable-next-line no-await-in-loop -- see above
    if (after === before) return readFile(file, 'utf8');
    before = after;
  }
  return before === undefined ? undefined : readFile(file, 'utf8');
}

async function facts(file: string): Promise<string | undefined> {
  try {
    const { size, mtimeMs, ino } = await stat(file);
    return `${size} ${mtimeMs} ${ino}`;
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return undefined;
    throw error;
  }
}
