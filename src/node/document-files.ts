/** The files of a declarative config: which ones `declarative_config` names, and their texts. */
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { dirname, extname, join } from 'node:path';
import type { DocumentSource, DocumentText } from '../config/read.ts';

/** As a path: standard input. */
export const STDIN = '-';
const STDIN_NAME = '<stdin>';

/** False for the name of standard input in messages. */
export const isFileName = (name: string): boolean => name !== STDIN_NAME;
const EXTENSIONS: ReadonlySet<string> = new Set(['.yaml', '.yml', '.json']);

/** A path that names no file to read. */
export class NoDocumentError extends Error {}

export interface DocumentReader {
  readonly paths: readonly string[];
  /** Everything as it is now. Rejects with NoDocumentError, or with the system's error. */
  readonly read: () => Promise<DocumentSource>;
}

/**
 * Reads files, folders and standard input in the order given; a folder's files in the order of their
 * names. A file that is named twice is read once. Standard input is read once and remembered.
 */
export function createDocumentReader(paths: readonly string[]): DocumentReader {
  let stdin: Promise<string> | undefined;
  const readStdin = (): Promise<string> => (stdin ??= textOf(process.stdin));
  return {
    paths,
    async read() {
      const texts: DocumentText[] = [];
      for (const file of await listFiles(paths)) {
        // oxlint-disable-next-line no-await-in-loop -- files may be many, and open files are limited
        texts.push(file === STDIN ? stdinText(await readStdin()) : await fileText(file));
      }
      return { kind: 'files', texts };
    },
  };
}

/** A file's text as part of a document; JSON when it is that, else YAML. */
export const fileDocument = (file: string, text: string): DocumentText => ({
  text,
  file,
  format: 'auto',
  folder: dirname(file),
});

const fileText = async (file: string): Promise<DocumentText> =>
  fileDocument(file, await readFile(file, 'utf8'));

const stdinText = (text: string): DocumentText => ({
  text,
  file: STDIN_NAME,
  format: 'auto',
  folder: '.',
});

/** Every file that the paths name, once. */
export async function listFiles(paths: readonly string[]): Promise<readonly string[]> {
  const listed: string[] = [];
  for (const path of paths) {
    // oxlint-disable-next-line no-await-in-loop -- in order
    listed.push(...(path === STDIN ? [STDIN] : await filesAt(path)));
  }
  const real = await Promise.all(listed.map(realPath));
  return listed.filter((_, index) => real.indexOf(real[index] ?? '') === index);
}

const realPath = async (file: string): Promise<string> =>
  file === STDIN ? file : realpath(file).catch(() => file);

/** A file by whatever name, or the documents of a folder. */
async function filesAt(path: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path);
  const documents = await Promise.all(
    entries
      .filter(isDocumentName)
      .toSorted()
      .map(async (name) => {
        const file = join(path, name);
        return (await stat(file)).isFile() ? [file] : [];
      }),
  );
  const files = documents.flat();
  if (files.length > 0) return files;
  throw new NoDocumentError(
    `there is no *.yaml, *.yml or *.json in the folder ${path}; folders inside of it are not looked into`,
  );
}

/** Hidden names are left out: Kubernetes keeps its versions of a ConfigMap behind some. So are tests. */
export const isDocumentName = (name: string): boolean =>
  !name.startsWith('.') && EXTENSIONS.has(extname(name).toLowerCase()) && !isTestName(name);

/** `kong.test.yaml`: tests of the config beside it. */
export const isTestName = (name: string): boolean => /.\.test\.(?:ya?ml|json)$/i.test(name);
