/** What `${NAME}` and `${file:…}` in a declarative file stand for: the environment, and small files of text. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { UnreadableFileError, type ReferenceSources } from '../config/references-in-text.ts';

/** Bytes: a secret, a key, a chain of certificates. */
const SIZE_MAX = 1024 * 1024;

export interface References {
  readonly sources: ReferenceSources;
  /** Forgets which files were asked for. */
  readonly begin: () => void;
  /** Absolute paths that were asked for since `begin`, with what was found: `undefined` where nothing was. */
  readonly files: () => ReadonlyMap<string, string | undefined>;
}

/** Each file is read once per load. */
export function createReferences(env: ReferenceSources['env']): References {
  let files = new Map<string, string | undefined>();
  return {
    begin: () => void (files = new Map()),
    files: () => files,
    sources: {
      env,
      readFile(path, folder) {
        const absolute = resolve(folder, path);
        const known = files.get(absolute);
        if (known !== undefined) return known;
        files.set(absolute, undefined);
        const text = readSmallFile(absolute);
        files.set(absolute, text);
        return text;
      },
    },
  };
}

/** Throws UnreadableFileError: no folder, device or pipe is opened for good, and nothing large is read. */
export function readSmallFile(path: string): string {
  const file = open(path);
  try {
    const facts = fstatSync(file);
    if (!facts.isFile()) throw new UnreadableFileError('is no regular file');
    if (facts.size > SIZE_MAX) throw new UnreadableFileError(`is larger than ${SIZE_MAX} bytes`);
    return decode(readFileSync(file));
  } finally {
    closeSync(file);
  }
}

/** Without waiting for the writer of a pipe. */
function open(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error ? String(Reflect.get(error, 'code')) : '';
    throw new UnreadableFileError(REASONS.get(code) ?? `cannot be read (${code})`, {
      cause: error,
    });
  }
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'does not exist'],
  ['ENOTDIR', 'does not exist'],
  ['EACCES', 'may not be read by this user'],
  ['ELOOP', 'is a link to itself'],
]);

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UnreadableFileError('is no UTF-8 text', { cause: error });
  }
}
