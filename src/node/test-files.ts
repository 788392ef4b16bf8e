/** Test files: which ones paths, folders and patterns name. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NoDocumentError, isTestName } from './document-files.ts';

const SKIPPED: ReadonlySet<string> = new Set(['node_modules']);
/** Folders below a folder. */
const DEPTH_MAX = 32;

/**
 * Every test file that the paths name, once, in their order: files whatever their names, the `*.test.yaml`
 * (`.yml`, `.json`) of folders and the folders below, and what fits a pattern with `*`, `**` or `?`.
 * Rejects with NoDocumentError where there is none, or with the system's error.
 */
export async function findTestFiles(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map(filesOf));
  return [...new Set(found.flat())];
}

async function filesOf(path: string): Promise<readonly string[]> {
  const isPattern = /[*?]/.test(path);
  const root = isPattern ? rootOf(path) : path;
  if (!(await stat(root)).isDirectory()) return [path];
  const tests = await testsBelow(root, 0);
  const fitting = isPattern ? tests.filter((file) => patternOf(path).test(file)) : tests;
  if (fitting.length > 0) return fitting;
  throw new NoDocumentError(
    isPattern
      ? `no test file fits ${path}`
      : `there is no *.test.yaml, *.test.yml or *.test.json in ${path} or the folders below; silverback test --help has an example`,
  );
}

async function testsBelow(folder: string, depth: number): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const found = await Promise.all(
    sorted.map(async (entry) => {
      if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) return [];
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return depth < DEPTH_MAX ? testsBelow(path, depth + 1) : [];
      return isTestName(entry.name) ? [path] : [];
    }),
  );
  return found.flat();
}

/** The folder before the first sign of a pattern. */
function rootOf(pattern: string): string {
  const plain = pattern.slice(0, pattern.search(/[*?]/));
  const end = plain.lastIndexOf('/');
  return end === -1 ? '.' : plain.slice(0, end) || '/';
}

function patternOf(pattern: string): RegExp {
  const source = join(pattern).replaceAll(/\*\*\/|\*\*|[*?]|[.+^${}()|[\]\\]/g, (sign) => {
    if (sign === '**/') return '(?:.*/)?';
    if (sign === '**') return '.*';
    if (sign === '*') return '[^/]*';
    return sign === '?' ? '[^/]' : `\\${sign}`;
  });
  return new RegExp(`^${source}$`, 'u');
}
