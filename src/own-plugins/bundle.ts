/**
 * A plugin's file or package → one module that this Node can import: TypeScript becomes JavaScript, and
 * the files it imports by relative paths are taken in, so that a change of any of them makes another
 * module. Packages it imports stay outside and are loaded as Node loads them.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, extname, resolve as resolvePath } from 'node:path';
import { pathToFileURL } from 'node:url';
import type {
  BuildFailure,
  Loader,
  Message,
  OnLoadArgs,
  OnLoadResult,
  OnResolveArgs,
  OnResolveResult,
  Plugin,
  PluginBuild,
} from 'esbuild';
import type { SourceRange } from '../errors.ts';
import type { PluginLocation } from '../settings/types.ts';
import { SourceFiles, placeIn } from './source-files.ts';

/** The module of one plugin. */
export interface Bundle {
  readonly url: string;
  readonly files: SourceFiles;
}

/** Why there is none: one problem of the source. */
export interface BundleProblem {
  readonly message: string;
  readonly position: SourceRange | undefined;
}

/** A plugin's source that cannot be made into a module. */
export class BundleError extends Error {
  readonly problems: readonly BundleProblem[];
  /** What was read until then: a change of it is worth another try. */
  readonly files: SourceFiles;
  constructor(problems: readonly BundleProblem[], files: SourceFiles) {
    super('the source cannot be made into a module');
    this.problems = problems;
    this.files = files;
  }
}

/** What a plugin imports of this program, whichever copies of it are around. */
const OWN_MODULES: ReadonlyMap<string, string> = new Map(
  (['index', 'testing'] as const).map((name) => [
    name === 'index' ? 'silverback' : `silverback/${name}`,
    new URL(`../${name}${extname(import.meta.url)}`, import.meta.url).href,
  ]),
);

/** @param folder where the module is written, by a name that tells its contents. Rejects with BundleError. */
export async function bundle(location: PluginLocation, folder: string): Promise<Bundle> {
  // Loaded by who needs it: it is large, and most gateways have no plugins of their own.
  const { build } = await import('esbuild');
  const files = new SourceFiles();
  const isFile = location.kind === 'file';
  try {
    const { outputFiles } = await build({
      entryPoints: [isFile ? location.path : location.name],
      absWorkingDir: isFile ? dirname(location.path) : location.folder,
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'silent',
      sourcemap: 'inline',
      sourcesContent: false,
      outdir: folder,
      entryNames: '[name]-[hash]',
      outExtension: { '.js': '.mjs' },
      plugins: [sourcePlugin(files)],
    });
    const [output] = outputFiles;
    if (output === undefined) throw new TypeError('the bundler gave no output');
    writeModule(output.path, withRequire(output.text, files.entry));
    return { url: pathToFileURL(output.path).href, files };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    const base = isFile ? dirname(location.path) : location.folder;
    throw new BundleError(
      error.errors.map((message) => problemOf(message, base)),
      files,
    );
  }
}

/** Lets the helper process of the bundler go; the next plugin starts another. */
export async function endBundler(): Promise<void> {
  await (await import('esbuild')).stop();
}

const isBuildFailure = (error: unknown): error is BuildFailure =>
  error instanceof Error && Array.isArray(Reflect.get(error, 'errors'));

function problemOf({ text, location }: Message, base: string): BundleProblem {
  if (location === null) return { message: text, position: undefined };
  const { file, line, column, length } = location;
  const start = { line, column: column + 1, length: Math.max(1, length) };
  return { message: text, position: placeIn(resolvePath(base, file), start) };
}

/** Whole or not at all: workers import it, and the name says what it holds. */
function writeModule(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, text, { mode: 0o600 });
  renameSync(`${path}.${process.pid}`, path);
}

/** CommonJS that was taken in still asks for built-in modules and packages by `require`. */
function withRequire(text: string, entry: string): string {
  if (!text.includes('__require')) return text;
  const [from, base] = ['node:module', pathToFileURL(entry).href].map((value) =>
    JSON.stringify(value),
  );
  return `import { createRequire as silverbackRequire } from ${from};const require = silverbackRequire(${base});${text}`;
}

const SOURCE = /\.([cm]?[jt]sx?|json)$/;
const LOADERS: ReadonlyMap<string, Loader> = new Map([
  ['.ts', 'ts'],
  ['.mts', 'ts'],
  ['.cts', 'ts'],
  ['.tsx', 'tsx'],
  ['.jsx', 'jsx'],
  ['.json', 'json'],
]);

const RESOLVING = Symbol('resolving');

function sourcePlugin(files: SourceFiles): Plugin {
  return {
    name: 'silverback',
    setup(setup) {
      setup.onResolve({ filter: /^[^./]/ }, (args) => resolveName(args, setup));
      setup.onLoad({ filter: SOURCE }, (args) => load(args, files));
    },
  };
}

/** Where an import by name leads; `undefined` leaves it to the bundler. */
async function resolveName(
  { path, kind, importer, resolveDir, pluginData }: OnResolveArgs,
  setup: PluginBuild,
): Promise<OnResolveResult | undefined> {
  if (pluginData === RESOLVING) return undefined;
  const own = OWN_MODULES.get(path);
  if (own !== undefined) return { path: own, external: true };
  if (isBuiltin(path)) return { path, external: true };
  const isEntry = kind === 'entry-point';
  const found = await setup.resolve(path, {
    importer,
    resolveDir,
    pluginData: RESOLVING,
    kind: isEntry ? 'import-statement' : kind,
  });
  if (found.errors.length > 0) return { errors: found.errors };
  // A package of the user's own workspace is linked, and not below node_modules.
  if (isEntry || !/[\\/]node_modules[\\/]/.test(found.path)) return { path: found.path };
  const isRequired = kind === 'require-call' || kind === 'require-resolve';
  return { path: isRequired ? found.path : pathToFileURL(found.path).href, external: true };
}

function load({ path }: OnLoadArgs, files: SourceFiles): OnLoadResult {
  const text = readFileSync(path, 'utf8');
  files.add(path, text);
  const loader = LOADERS.get(extname(path)) ?? 'js';
  return { contents: loader === 'json' ? text : inPlace(text, path), loader };
}

/** A module finds its own files by where it stood, and not where its text went. */
function inPlace(text: string, path: string): string {
  const placed = text
    .replaceAll('import.meta.url', () => JSON.stringify(pathToFileURL(path).href))
    .replaceAll('import.meta.dirname', () => JSON.stringify(dirname(path)))
    .replaceAll('import.meta.filename', () => JSON.stringify(path));
  const names = [
    ['__dirname', dirname(path)],
    ['__filename', path],
  ] as const;
  const used = names.filter(([name]) => text.includes(name) && !text.includes(`${name} =`));
  const declarations = used.map(([name, value]) => `var ${name} = ${JSON.stringify(value)};`);
  // On the first line, so that the others keep their numbers.
  return text.startsWith('#!') ? placed : declarations.join('') + placed;
}
