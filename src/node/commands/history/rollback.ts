/**
 * `silverback rollback N`: the files as they were in a version. The files are what a gateway runs, so
 * they are what is changed, as a person would, whether a gateway runs or not: it validates and follows.
 */
import { readFile, unlink } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { diagnosticsOf, lineOf } from '../../../config/diagnostic.ts';
import { ConfigError } from '../../../errors.ts';
import { listFiles } from '../../document-files.ts';
import { loadDocument } from '../../documents.ts';
import { createFile, FileChangedError, stageFile, type StagedFile } from '../../durable-file.ts';
import { keepFound } from '../../history/history.ts';
import { haveSameFiles, type Version, type VersionFile } from '../../history/version.ts';
import { runningPid } from '../../run.ts';
import { print, printError, type ExitCode, type SettingFlags } from '../context.ts';
import { findHistory, sourceOf, versionOf, type FoundHistory } from './find.ts';

export interface RollbackFlags extends SettingFlags {
  /** Do not check that the version loads. */
  readonly force?: boolean;
}

/** What it replaces is kept as a version, and so is what it makes: a rollback can be rolled back. */
export async function rollbackCommand(number: string, flags: RollbackFlags): Promise<ExitCode> {
  const found = await findHistory(flags);
  const version = found && versionOf(found, number);
  if (found === undefined || version === undefined) return 1;
  const current = await readCurrent(version);
  if (haveSameFiles(current, version.files)) {
    print(`nothing to do: the files are those of version ${number}`);
    return 0;
  }
  if (flags.force !== true && !loads(version, found)) return 1;
  await keepFound(found.store, version.paths, current);
  try {
    await replace(current, version.files);
  } catch (error) {
    if (!(error instanceof FileChangedError)) throw error;
    printError(`silverback: ${error.message} was changed meanwhile; nothing is done, try again`);
    return 1;
  }
  const made = await found.store.add({
    ...describe(`rollback to version ${number}`),
    paths: version.paths,
    files: version.files,
  });
  const pid = runningPid(found.settings.prefix);
  const who = pid === undefined ? 'a gateway that watches them' : `the gateway (pid ${pid})`;
  print(
    `the files are those of version ${number} again, as version ${made}; ${who} takes them now ` +
      '(with --no-watch: silverback reload), and its log says so',
  );
  return 0;
}

/** What the paths of the version hold now. A path that is gone holds nothing. */
async function readCurrent({ paths, files }: Version): Promise<readonly VersionFile[]> {
  const listed = await Promise.all(
    paths.map((path) => listFiles([path]).catch((): readonly string[] => [])),
  );
  const names = new Set([...files.map(({ path }) => path), ...listed.flat()]);
  const read = await Promise.all(
    [...names].map(async (path) => {
      try {
        return [{ path, text: await readFile(path, 'utf8') }];
      } catch (error) {
        if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return [];
        throw error;
      }
    }),
  );
  return read.flat();
}

function loads(version: Version, { settings, plugins }: FoundHistory): boolean {
  try {
    loadDocument(sourceOf(version), settings, { plugins });
    return true;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const diagnostic of diagnosticsOf(error)) printError(`silverback: ${lineOf(diagnostic)}`);
    printError(
      `silverback: version ${version.number} does not load here, and nothing is done; where only the ` +
        "gateway's variables and files are missing, --force writes it all the same",
    );
    return false;
  }
}

const describe = (what: string) => ({
  time: new Date().toISOString(),
  who: { kind: 'command', user: userInfo().username } as const,
  what,
});

/** All new texts are on disk before the first one is put in place. Files that the version has not are removed. */
async function replace(
  current: readonly VersionFile[],
  next: readonly VersionFile[],
): Promise<void> {
  const texts = new Map(current.map(({ path, text }) => [path, text]));
  const staged: StagedFile[] = [];
  const created: VersionFile[] = [];
  try {
    for (const { path, text } of next) {
      const oldText = texts.get(path);
      if (oldText === undefined) created.push({ path, text });
      // oxlint-disable-next-line no-await-in-loop -- few
      else if (oldText !== text) staged.push(await stageFile({ path, oldText, newText: text }));
    }
    for (const each of staged) each.check();
    for (const each of staged) each.commit();
    await Promise.all(staged.map((each) => each.settle()));
  } catch (error) {
    await Promise.all(staged.map((each) => each.discard()));
    throw error;
  }
  const kept = new Set(next.map(({ path }) => path));
  await Promise.all(created.map(({ path, text }) => createFile(path, text)));
  await Promise.all(
    [...texts.keys()].filter((path) => !kept.has(path)).map((path) => unlink(path)),
  );
}
