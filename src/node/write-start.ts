/** The declarative files of a process that writes them: a first one that is there, and nothing left over. */
import { readFile, stat } from 'node:fs/promises';
import { isBlankText } from '../edit/edit-text.ts';
import { listFiles, STDIN } from './document-files.ts';
import { createFile, removeLeftovers, stageFile } from './durable-file.ts';

/** What Kong accepts as a config of nothing. */
const EMPTY_DOCUMENT = '_format_version: "3.0"\n';

/**
 * Creates the first file if it is missing and completes it if there is nothing in it but comments.
 * Rejects with the system's error.
 */
export async function prepareFiles(paths: readonly string[]): Promise<void> {
  const [first] = paths;
  if (first === undefined || first === STDIN) return;
  await createMissing(first);
  if ((await stat(first)).isFile()) await completeBlank(first);
  for (const file of await listFiles(paths)) {
    // oxlint-disable-next-line no-await-in-loop -- few, and nobody waits
    if (file !== STDIN) await removeLeftovers(file);
  }
}

async function createMissing(path: string): Promise<void> {
  try {
    await stat(path);
  } catch (error) {
    if (!(error instanceof Error) || Reflect.get(error, 'code') !== 'ENOENT') throw error;
    await createFile(path, EMPTY_DOCUMENT);
  }
}

async function completeBlank(path: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  if (!isBlankText(text)) return;
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  const staged = await stageFile({ path, oldText: text, newText: `${before}${EMPTY_DOCUMENT}` });
  staged.commit();
  await staged.settle();
}
