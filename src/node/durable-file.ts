/** Replaces a file as a whole: after a crash at any instant there is the old one or the new one. */
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync } from 'node:fs';
import { open, readdir, realpath, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The file is not what the new text was made from. */
export class FileChangedError extends Error {}

/** A new text beside its file, on disk and not yet in place. */
export interface StagedFile {
  /** Throws FileChangedError when the file has other bytes by now. */
  check(): void;
  /** Puts it in place. */
  commit(): void;
  /** Resolves when the folder knows of it, even after a power cut. */
  settle(): Promise<void>;
  discard(): Promise<void>;
}

export interface Replacement {
  readonly path: string;
  readonly oldText: string;
  readonly newText: string;
}

/**
 * Writes the new text to a file in the same folder, with the mode and the owner of the old one; a
 * symbolic link stays, and what it leads to is replaced. Rejects with the system's error.
 */
export async function stageFile({ path, oldText, newText }: Replacement): Promise<StagedFile> {
  const target = await realpath(path);
  const { mode, uid, gid } = await stat(target);
  const staged = stagedPath(target);
  const discard = (): Promise<void> => unlink(staged).catch(() => undefined);
  try {
    const file = await open(staged, 'wx', mode);
    try {
      await file.writeFile(newText);
      const made = await file.stat();
      if (made.uid !== uid || made.gid !== gid) await file.chown(uid, gid);
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    check() {
      if (!readFileSync(target).equals(Buffer.from(oldText))) throw new FileChangedError(path);
    },
    commit: () => renameSync(staged, target),
    settle: () => syncFolder(dirname(target)),
    discard,
  };
}

const STAGED = /\.silverback-[\da-f-]{36}$/;

/** Hidden: a folder of documents does not take it for one of them. */
const stagedPath = (target: string): string =>
  join(dirname(target), `.${basename(target)}.silverback-${randomUUID()}`);

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes what a process left beside a file when it was killed while it wrote. */
export async function removeLeftovers(path: string): Promise<void> {
  const target = await realpath(path);
  const folder = dirname(target);
  const prefix = `.${basename(target)}.`;
  const names = await readdir(folder);
  await Promise.all(
    names
      .filter((name) => name.startsWith(prefix) && STAGED.test(name))
      .map((name) => unlink(join(folder, name)).catch(() => undefined)),
  );
}

/** Creates a file with a text, durably. Rejects with the system's error, `EEXIST` among them. */
export async function createFile(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o644);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(dirname(path));
}
