/**
 * Versions as files of one folder, `<number>.json`. `link` puts each in place only if no other process
 * took its number first; whoever may not read the config may not read them (0600 in 0700).
 */
import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { parseVersion, type Version } from './version.ts';

export interface StoreLimits {
  /** Versions that are kept; 0 keeps no history. */
  readonly versions: number;
  /** Bytes of all of them. */
  readonly bytes: number;
}

export interface VersionStore {
  /** From the oldest to the newest. What cannot be read is left out. */
  list(): Promise<readonly Version[]>;
  read(number: number): Promise<Version | undefined>;
  newest(): Promise<Version | undefined>;
  /** Gives its number. The oldest go when there are more than the limits allow. */
  add(version: Omit<Version, 'number'>): Promise<number>;
}

/** What a write needs to be undone is kept whatever the limits say: the version before, and its own. */
const KEPT_ALWAYS = 2;
const NAME = /^(\d{1,15})\.json$/;
const STAGED = /^\.[\da-f-]{36}\.new$/;
/** Longer than any write takes; what is older was left by a process that was killed. */
const STAGED_MS = 60_000;
const TRIES_MAX = 100;

const HISTORY_FOLDER = 'history';

/** The folder of the versions of one `declarative_config`, below the folder of all data. */
export function versionsFolder(dataFolder: string, paths: readonly string[]): string {
  const name = createHash('sha256').update(JSON.stringify(paths)).digest('hex').slice(0, 16);
  return join(dataFolder, HISTORY_FOLDER, name);
}

/** The folders of everything that has a history here. */
export async function allVersionsFolders(dataFolder: string): Promise<readonly string[]> {
  const root = join(dataFolder, HISTORY_FOLDER);
  return (await namesIn(root)).toSorted().map((name) => join(root, name));
}

/** The folder is made when something is added. Functions reject with the system's error. */
export function openVersions(folder: string, limits: StoreLimits): VersionStore {
  const read = async (number: number): Promise<Version | undefined> => {
    try {
      return parseVersion(number, await readFile(join(folder, `${number}.json`)));
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  };
  return {
    read,
    async list() {
      const numbers = await numbersIn(folder);
      const versions: (Version | undefined)[] = [];
      // oxlint-disable-next-line no-await-in-loop -- each may be large
      for (const number of numbers) versions.push(await read(number));
      return versions.filter((version) => version !== undefined);
    },
    async newest() {
      for (const number of (await numbersIn(folder)).toReversed()) {
        // oxlint-disable-next-line no-await-in-loop -- nearly always the first
        const version = await read(number);
        if (version !== undefined) return version;
      }
      return undefined;
    },
    async add(version) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const number = await place(folder, JSON.stringify(version));
      await prune(folder, limits);
      return number;
    },
  };
}

async function numbersIn(folder: string): Promise<readonly number[]> {
  return (await namesIn(folder))
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Writes the text and gives it the first number that is free. */
async function place(folder: string, text: string): Promise<number> {
  const staged = join(folder, `.${randomUUID()}.new`);
  const file = await open(staged, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    let number = ((await numbersIn(folder)).at(-1) ?? 0) + 1;
    for (let tries = 0; tries < TRIES_MAX; tries++, number++) {
      // oxlint-disable-next-line no-await-in-loop -- one number after the other
      if (await linkIfFree(staged, join(folder, `${number}.json`))) return number;
    }
    throw new Error(`no number is free in ${folder}`);
  } finally {
    await unlink(staged);
  }
}

async function linkIfFree(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Removes the oldest beyond the limits, and what killed processes left. */
async function prune(folder: string, limits: StoreLimits): Promise<void> {
  const numbers = await numbersIn(folder);
  let bytes = 0;
  for (const [index, number] of numbers.toReversed().entries()) {
    const path = join(folder, `${number}.json`);
    // oxlint-disable-next-line no-await-in-loop -- few
    bytes += (await stat(path)).size;
    const isOver = index >= limits.versions || bytes > limits.bytes;
    // oxlint-disable-next-line no-await-in-loop -- few
    if (index >= KEPT_ALWAYS && isOver) await remove(path);
  }
  for (const name of (await namesIn(folder)).filter((each) => STAGED.test(each))) {
    const path = join(folder, name);
    // oxlint-disable-next-line no-await-in-loop -- hardly ever any
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    // oxlint-disable-next-line no-await-in-loop -- as above
    if (Date.now() - mtimeMs > STAGED_MS) await remove(path);
  }
}

/** Another process may have been first. */
async function remove(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!isCode(error, 'ENOENT')) throw error;
  });
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && Reflect.get(error, 'code') === code;
