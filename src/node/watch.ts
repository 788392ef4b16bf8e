/** Watches the declarative files: written in place, renamed over, new in a folder, or behind a symlink that moves. */
import { stat } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { DocumentSource } from '../config/read.ts';
import { UnreadableFileError } from '../config/references-in-text.ts';
import type { Logger } from '../log.ts';
import { NoDocumentError, STDIN, listFiles, type DocumentReader } from './document-files.ts';
import { readSmallFile } from './references.ts';
import { createWatchedPlaces } from './watched-places.ts';

export interface WatchOptions {
  readonly reader: DocumentReader;
  /** What the running config was read from; the same again is no change. */
  readonly initial: DocumentSource | undefined;
  /** Files that references in the documents name, with what the last load found in them. */
  readonly references: () => ReadonlyMap<string, string | undefined>;
  /**
   * Something has changed; what it is has loaded when this resolves. Called one at a time.
   * @param read the whole document as it is now; `undefined` when it is the known one after all
   */
  readonly onChange: (read: () => Promise<DocumentSource | undefined>) => Promise<void>;
  readonly log: Logger;
}

export interface FileWatch {
  /** What the files hold now was written by this process, while nothing was read: no change. */
  written(source: DocumentSource): void;
  close(): Promise<void>;
}

/** A writer is given this long after its last event. */
const QUIET_MS = 50;
/** Between two looks at files that may still be written. */
const STABLE_MS = 20;
const LOOKS_MAX = 50;

/** Resolves when changes are seen. Standard input never changes. */
export async function watchDocument(options: WatchOptions): Promise<FileWatch> {
  const { log, onChange, reader, references } = options;
  let known = options.initial;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let looking = Promise.resolve();

  const look = async (): Promise<void> => {
    if (closed) return;
    if (!(await untilStable(reader.paths, references))) {
      log.warn({ files: reader.paths }, 'a declarative file is gone; the config that runs goes on');
      return;
    }
    await onChange(async () => {
      const source = await reader.read();
      if (closed || (isDeepStrictEqual(source, known) && areUnchanged(references())))
        return undefined;
      known = source;
      return source;
    });
    // To follow is to watch again, and what is closed then stays watched for good.
    if (!closed) await places.follow(reader.paths, references());
  };
  const schedule = (): void => {
    clearTimeout(timer);
    if (closed) return;
    timer = setTimeout(() => {
      looking = looking.then(look).catch((err: unknown) => {
        log.error({ err }, 'the declarative files cannot be read; the config that runs goes on');
      });
    }, QUIET_MS);
  };
  const places = createWatchedPlaces(schedule, log);
  await places.follow(reader.paths, references());
  // What was written between the first read and now has made no event.
  schedule();
  return {
    written: (source) => void (known = source),
    async close() {
      closed = true;
      clearTimeout(timer);
      await looking;
      await places.close();
    },
  };
}

/** False when a file that a reference named has other contents now. */
export function areUnchanged(files: ReadonlyMap<string, string | undefined>): boolean {
  return [...files].every(([path, text]) => currentText(path) === text);
}

function currentText(path: string): string | undefined {
  try {
    return readSmallFile(path);
  } catch (error) {
    if (error instanceof UnreadableFileError) return undefined;
    throw error;
  }
}

/** Waits until two looks at all files agree; false when a path is gone. */
async function untilStable(
  paths: readonly string[],
  references: () => ReadonlyMap<string, unknown>,
): Promise<boolean> {
  let before = await factsOfAll(paths, references());
  for (let looks = 0; looks < LOOKS_MAX && before !== undefined; looks++) {
    // oxlint-disable-next-line no-await-in-loop -- one look after the other is the point
    await new Promise((done) => setTimeout(done, STABLE_MS));
    // oxlint-disable-next-line no-await-in-loop -- see above
    const after = await factsOfAll(paths, references());
    if (after === before) return true;
    before = after;
  }
  return before !== undefined;
}

/** What tells one state of the files from another; a file that only a reference names may be missing. */
async function factsOfAll(
  paths: readonly string[],
  references: ReadonlyMap<string, unknown>,
): Promise<string | undefined> {
  try {
    const files = await listFiles(paths);
    const documents = await Promise.all(files.filter((file) => file !== STDIN).map(factsOf));
    const others = await Promise.all(
      [...references.keys()].map((file) => factsOf(file).catch(() => 'missing')),
    );
    return [...files, ...documents, ...others].join('\n');
  } catch (error) {
    if (error instanceof NoDocumentError) return undefined;
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return undefined;
    throw error;
  }
}

async function factsOf(file: string): Promise<string> {
  const { size, mtimeMs, ino } = await stat(file);
  return `${size} ${mtimeMs} ${ino}`;
}
