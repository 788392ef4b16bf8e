/**
 * Keysets as files of one folder. Each version is a file of its own (`<name>.<version>.json`), and
 * `link` puts it in place only if no other process was first: no lock that a crash could leave behind.
 */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, link, mkdir, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { KeysetError } from '../errors.ts';
import { isObject, parseJson } from '../http/json.ts';
import { NAMES_MAX, type KeyStore, type Stored } from './store.ts';

const POLL_MS = 500;
/** Older versions stay for as long as somebody may still be about to write the one after them. */
const KEEP_OLD_MS = 60_000;
const FILE = /^(.+)\.(\d{1,15})\.json$/;
/** Of one file: some hundred keys. */
const BYTES_MAX = 4 * 1024 * 1024;

/** Makes the folder on first use (0700). `pollMs` is for tests. */
export function openFileStore(folder: string, pollMs = POLL_MS): KeyStore {
  const context: Folder = { path: folder };
  let poll: NodeJS.Timeout | undefined;
  return {
    place: folder,
    read: (name) =>
      guarded(context, 'read', async () => {
        const { version, text } = await readNewest(context, stemOf(name));
        return { version, text };
      }),
    write: (name, version, text) =>
      guarded(context, 'written', () => writeVersion(context, name, { version, text })),
    list: () => guarded(context, 'read', () => listNames(context)),
    watch(onChange) {
      let before = '';
      poll = setInterval(() => {
        void signatureOf(context).then((now) => {
          if (now !== before) onChange();
          before = now;
          return undefined;
        });
      }, pollMs);
      poll.unref();
    },
    close() {
      clearInterval(poll);
      return Promise.resolve();
    },
  };
}

interface Folder {
  readonly path: string;
}

/** A missing folder is an empty one; any other failure of the system says which folder and why. */
async function guarded<T>({ path }: Folder, action: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof KeysetError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KeysetError(`keysets cannot be ${action} in ${path}: ${reason}`, { cause });
  }
}

/** Readable for people, unique by its hash, and harmless as a file name. */
export function stemOf(name: string): string {
  const readable = name.replaceAll(/[^A-Za-z0-9_-]+/g, '_').slice(0, 40);
  return `${readable}-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}

interface VersionFile {
  readonly stem: string;
  readonly version: number;
}

async function versionFiles({ path }: Folder): Promise<VersionFile[]> {
  const files = await readdir(path).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  });
  return files.flatMap((file) => {
    const [, stem = '', version = ''] = FILE.exec(file) ?? [];
    return stem === '' ? [] : [{ stem, version: Number(version) }];
  });
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && Reflect.get(error, 'code') === code;

async function newestOf(folder: Folder, stem: string): Promise<number> {
  const files = await versionFiles(folder);
  return files.reduce(
    (newest, file) => (file.stem === stem ? Math.max(newest, file.version) : newest),
    0,
  );
}

const fileOf = ({ path }: Folder, stem: string, version: number): string =>
  join(path, `${stem}.${version}.json`);

async function readNewest(folder: Folder, stem: string): Promise<Content & Stored> {
  const version = await newestOf(folder, stem);
  if (version === 0) return { name: '', version, text: undefined };
  try {
    return { version, ...(await readFile(fileOf(folder, stem, version))) };
  } catch (error) {
    // A newer one came, and this one was emptied, between the two looks.
    if ((await newestOf(folder, stem)) > version) return readNewest(folder, stem);
    throw error;
  }
}

interface Content {
  readonly name: string;
  readonly text: string | undefined;
}

async function readFile(path: string): Promise<Content> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size, mode } = await file.stat();
    if (size > BYTES_MAX) throw new KeysetError(`${path} is longer than ${BYTES_MAX} bytes`);
    if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
      throw new KeysetError(`${path} may be read by others; make it private: chmod 600 ${path}`);
    }
    const value = parseJson(await file.readFile())?.value;
    const { name, text } = isObject(value) ? value : {};
    if (typeof name !== 'string' || (text !== null && typeof text !== 'string')) {
      throw new KeysetError(
        `${path} is damaged; restore it from a backup, or delete it to have new keys`,
      );
    }
    return { name, text: text ?? undefined };
  } finally {
    await file.close();
  }
}

async function writeVersion(
  folder: Folder,
  name: string,
  { version, text }: Stored,
): Promise<boolean> {
  await mkdir(folder.path, { recursive: true, mode: 0o700 });
  await chmod(folder.path, 0o700);
  const stem = stemOf(name);
  if ((await newestOf(folder, stem)) !== version) return false;
  const names =
    version === 0 ? new Set((await versionFiles(folder)).map((file) => file.stem)) : undefined;
  if (names !== undefined && names.size >= NAMES_MAX)
    throw new KeysetError(`more than ${NAMES_MAX} keysets`);
  const temporary = join(folder.path, `.${stem}.${randomBytes(8).toString('hex')}.tmp`);
  try {
    await writeDurably(temporary, JSON.stringify({ name, text: text ?? null }));
    await link(temporary, fileOf(folder, stem, version + 1));
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(folder);
  await removeOld(folder, stem, version);
  return true;
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** So that the name is as durable as the bytes. */
async function syncFolder({ path }: Folder): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Takes the keys out of the versions up to `version`, and removes their names when nobody can be
 * about to write after them any more; also remains of crashes.
 */
async function removeOld(folder: Folder, stem: string, version: number): Promise<void> {
  const prefix = `.${stem}.`;
  const remains = (await readdir(folder.path)).filter(
    (file) => file.startsWith(prefix) && file.endsWith('.tmp'),
  );
  const old = (await versionFiles(folder)).filter(
    (file) => file.stem === stem && file.version <= version,
  );
  await Promise.all([
    ...remains.map((file) => removeAged(join(folder.path, file))),
    ...old.map(async (file) => {
      const path = fileOf(folder, stem, file.version);
      if (!(await removeAged(path))) await truncate(path, 0).catch(() => undefined);
    }),
  ]);
}

/** True when it is gone. */
async function removeAged(path: string): Promise<boolean> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) return true;
  if (Date.now() - facts.birthtimeMs < KEEP_OLD_MS) return false;
  await rm(path, { force: true });
  return true;
}

async function listNames(folder: Folder): Promise<readonly string[]> {
  const stems = [...new Set((await versionFiles(folder)).map(({ stem }) => stem))];
  const contents = await Promise.all(stems.map((stem) => readNewest(folder, stem)));
  return contents.flatMap(({ name, text }) => (text === undefined ? [] : [name])).toSorted();
}

/** Differs when a version was added; never rejects. */
async function signatureOf(folder: Folder): Promise<string> {
  try {
    return (await versionFiles(folder))
      .map(({ stem, version }) => `${stem}.${version}`)
      .toSorted()
      .join();
  } catch {
    return 'unreadable';
  }
}
