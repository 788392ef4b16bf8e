/** The history of the declarative files of a node: what each load found there, and what each write made of it. */
import { maskAdminTarget, type WriteChange } from '../../admin/index.ts';
import type { DocumentSource } from '../../config/load.ts';
import { singularName } from '../../config/schemas.ts';
import type { Logger } from '../../log.ts';
import type { Settings } from '../../settings/types.ts';
import { STDIN } from '../document-files.ts';
import { openVersions, versionsFolder, type VersionStore } from './store.ts';
import { haveSameFiles, type Version, type VersionFile } from './version.ts';

export interface NodeHistory {
  /** A document serves. One that `expect` was told of is left to `written`. Never rejects. */
  readonly loaded: (source: DocumentSource) => Promise<void>;
  /** This document is about to be made by a write. */
  readonly expect: (source: DocumentSource) => void;
  /** A write is done. Never rejects; what cannot be kept is logged. */
  readonly written: (change: WriteChange) => Promise<void>;
}

type HistorySettings = Pick<Settings, 'data' | 'declarativeConfig' | 'history'>;

const NONE: NodeHistory = {
  loaded: () => Promise.resolve(),
  expect: () => undefined,
  written: () => Promise.resolve(),
};

/** Keeps nothing when the config comes from no files that could be written back. */
export function createHistory(settings: HistorySettings, log: Logger): NodeHistory {
  const { data, declarativeConfig: paths, history: limits } = settings;
  if (limits.versions === 0 || paths.length === 0 || paths.includes(STDIN)) return NONE;
  const store = openVersions(versionsFolder(data.folder, paths), limits);
  const expected = new WeakSet<DocumentSource>();
  let queue = Promise.resolve();
  /** One after the other, in the order of the calls. */
  const enqueue = (work: () => Promise<void>): Promise<void> => {
    queue = queue.then(work).catch((err: unknown) => {
      log.warn({ err }, 'the history of the declarative files could not be kept');
    });
    return queue;
  };
  return {
    expect: (source) => void expected.add(source),
    loaded(source) {
      if (source.kind !== 'files' || expected.has(source)) return Promise.resolve();
      const files = source.texts.map(({ file = '', text }) => ({ path: file, text }));
      return enqueue(() => keepFound(store, paths, files));
    },
    written: (change) => enqueue(() => keepWrite(store, paths, change)),
  };
}

/** Keeps what somebody wrote into the files, unless it is what is kept already. */
export async function keepFound(
  store: VersionStore,
  paths: readonly string[],
  files: readonly VersionFile[],
  newest?: Version,
): Promise<void> {
  const before = newest ?? (await store.newest());
  if (before !== undefined && haveSameFiles(before.files, files)) return;
  const what = before === undefined ? 'the files as they were found' : 'edited by hand';
  await store.add({ time: now(), who: { kind: 'file' }, what, paths, files });
}

/** The version before a write is there as well, even when nobody has loaded it. */
async function keepWrite(
  store: VersionStore,
  paths: readonly string[],
  change: WriteChange,
): Promise<void> {
  if (change.files.length === 0) return;
  const newest = await store.newest();
  const texts = new Map(newest?.files.map(({ path, text }) => [path, text]));
  for (const { path, oldText } of change.files) texts.set(path, oldText);
  await keepFound(store, paths, filesOf(texts), newest);
  for (const { path, newText } of change.files) texts.set(path, newText);
  const { address, token = null, certificate = null } = change.who;
  await store.add({
    time: now(),
    who: { kind: 'admin', address, token, certificate },
    what: describe(change),
    paths,
    files: filesOf(texts),
  });
}

const now = (): string => new Date().toISOString();

const filesOf = (texts: ReadonlyMap<string, string>): readonly VersionFile[] =>
  [...texts].map(([path, text]) => ({ path, text }));

/** `POST /services: service pay created`. */
function describe({ method, path, entity, before, after }: WriteChange): string {
  const row = after ?? before;
  const name = [row?.['name'], row?.['username']].find((value) => typeof value === 'string');
  const verb = before === undefined ? 'created' : 'changed';
  const done = after === undefined ? 'removed' : verb;
  const kind = singularName(entity.kind).replaceAll('_', ' ');
  return `${method} ${maskAdminTarget(path)}: ${kind} ${name ?? entity.id} ${done}`;
}
