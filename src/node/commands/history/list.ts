/** `silverback history`: the versions that are kept, their texts, and what differs between them. */
import { diagnosticsOf, lineOf } from '../../../config/diagnostic.ts';
import type { DocumentSource } from '../../../config/load.ts';
import { ConfigError } from '../../../errors.ts';
import { diffAsJson, printable, renderDiff } from '../../diff-report.ts';
import { createDocumentReader } from '../../document-files.ts';
import { loadDocument } from '../../documents.ts';
import { diffEntities, rowsOf, type EntityRows } from '../../entity-diff.ts';
import type { Version, VersionAuthor } from '../../history/version.ts';
import { print, printError, wantsColor, type ExitCode, type SettingFlags } from '../context.ts';
import { orTrouble } from '../failure.ts';
import { findHistory, sourceOf, versionOf, type FoundHistory } from './find.ts';

export interface HistoryFlags extends SettingFlags {
  readonly format?: 'pretty' | 'json';
}

/** The newest first. No text of a file is shown: there are secrets in it. */
export async function listHistoryCommand(flags: HistoryFlags): Promise<ExitCode> {
  const found = await findHistory(flags);
  if (found === undefined) return 1;
  const rows = found.versions.toReversed();
  if (flags.format === 'json') {
    print(JSON.stringify({ versions: rows.map(asJson) }, null, 2));
    return 0;
  }
  const authors = rows.map(({ who }) => authorText(who));
  const [numbers, width] = [
    Math.max(...rows.map(({ number }) => String(number).length)),
    Math.max(...authors.map(({ length }) => length)),
  ];
  for (const [index, { number, time, what }] of rows.entries()) {
    const who = (authors[index] ?? '').padEnd(width);
    print(`${String(number).padStart(numbers)}  ${time}  ${who}  ${printable(what)}`);
  }
  return 0;
}

function asJson({ number, time, who, what, files }: Version): object {
  const shown = files.map(({ path, text }) => ({ path, bytes: Buffer.byteLength(text) }));
  return { number, time, who, what, files: shown };
}

function authorText(who: VersionAuthor): string {
  switch (who.kind) {
    case 'file':
      return '-';
    case 'command':
      return printable(who.user);
    case 'admin': {
      const names = [who.token, who.certificate].filter((name) => name !== null);
      return printable([...names, who.address ?? '?'].join(' '));
    }
  }
}

/** The files of a version as they were; several are told apart by a comment before each. */
export async function showVersionCommand(number: string, flags: SettingFlags): Promise<ExitCode> {
  const found = await findHistory(flags);
  const version = found && versionOf(found, number);
  if (version === undefined) return 1;
  for (const { path, text } of version.files) {
    if (version.files.length > 1) print(`# ${path}`);
    process.stdout.write(text);
  }
  return 0;
}

export interface DiffVersionsFlags extends HistoryFlags {
  readonly from: string;
  /** Absent: the files as they are now. */
  readonly to?: string | undefined;
}

/** As `silverback diff`: 0 no difference, 1 some, 2 trouble; secrets are masked. */
export const diffVersionsCommand = (flags: DiffVersionsFlags): Promise<0 | 1 | 2> =>
  orTrouble(() => diffVersions(flags));

async function diffVersions(flags: DiffVersionsFlags): Promise<0 | 1 | 2> {
  const found = await findHistory(flags);
  const from = found && versionOf(found, flags.from);
  if (found === undefined || from === undefined) return 2;
  const to = flags.to === undefined ? await currentFiles(found) : otherVersion(found, flags.to);
  const before = to && load(sourceOf(from), found);
  const after = before && load(to, found);
  if (before === undefined || after === undefined) return 2;
  const changes = diffEntities(before, after);
  const plugins = found.plugins.schemas;
  const color = wantsColor(process.stdout);
  if (flags.format === 'json') print(diffAsJson(changes, plugins));
  else if (changes.length > 0) print(renderDiff(changes, { color, plugins }));
  else printError('no difference');
  return changes.length === 0 ? 0 : 1;
}

function otherVersion(found: FoundHistory, number: string): DocumentSource | undefined {
  const version = versionOf(found, number);
  return version && sourceOf(version);
}

const currentFiles = ({ versions }: FoundHistory): Promise<DocumentSource> =>
  createDocumentReader(versions.at(-1)?.paths ?? []).read();

/** `undefined` when it does not load, which is said. */
function load(source: DocumentSource, { settings, plugins }: FoundHistory): EntityRows | undefined {
  try {
    return rowsOf(loadDocument(source, settings, { plugins }).config);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const diagnostic of diagnosticsOf(error)) printError(`silverback: ${lineOf(diagnostic)}`);
    return undefined;
  }
}
