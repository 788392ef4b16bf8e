/** The tests of several files, run one after the other, and everything a report says about them. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { diagnosticsOf, type Diagnostic } from '../config/diagnostic.ts';
import { ConfigError } from '../errors.ts';
import type { Report, ReportCase } from '../report/types.ts';
import type { Keysets } from '../services.ts';
import type { Settings } from '../settings/types.ts';
import { makeKey, type TestKey } from '../simulate/tests/keys.ts';
import { readTests } from '../simulate/tests/read.ts';
import { runTest, type TestBench } from '../simulate/tests/run.ts';
import type { LoadedTests } from '../simulate/tests/test-file.ts';
import { throwawayKeysets } from '../simulate/throwaway-keysets.ts';
import { createDocumentReader, NoDocumentError } from './document-files.ts';
import { createLoader } from './documents.ts';
import { textsOf } from './inspect.ts';
import { loadPluginsOnce } from './plugin-loader.ts';
import { createReferences } from './references.ts';

export interface TestRunOptions {
  readonly settings: Settings;
  /** Only tests whose name holds this text, in any case. */
  readonly filter?: string | undefined;
  /** Told before each test. */
  readonly onTest?: (done: number, name: string) => void;
}

export interface TestRunReport extends Report {
  readonly cases: readonly ReportCase[];
}

/**
 * A file with mistakes, or whose config does not load, has them in the report, and its tests are not run.
 * Rejects with NoDocumentError or the system's error when a file cannot be read.
 */
export async function runTestFiles(
  files: readonly string[],
  options: TestRunOptions,
): Promise<TestRunReport> {
  const texts = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  const cases: ReportCase[] = [];
  const context: FileContext = { texts, keysets: throwawayKeysets(), cases, ...options };
  for (const file of files) {
    // oxlint-disable-next-line no-await-in-loop -- in order: reports and progress follow the files
    diagnostics.push(...(await runFile(file, context)));
  }
  return { diagnostics, texts, failOn: 'error', cases };
}

interface FileContext extends TestRunOptions {
  readonly texts: Map<string, string>;
  readonly keysets: Keysets;
  readonly cases: ReportCase[];
}

async function runFile(file: string, context: FileContext): Promise<readonly Diagnostic[]> {
  const text = await readFile(file, 'utf8');
  context.texts.set(file, text);
  try {
    const tests = readTests(text, file);
    const wanted = chosen(tests, context.filter);
    if (wanted.length === 0) return [];
    return await runWanted(await openBench(tests, context), wanted, context);
  } catch (error) {
    if (error instanceof ConfigError) return diagnosticsOf(error);
    throw error;
  }
}

/** Indexes of the tests. */
function chosen({ recipe: { tests } }: LoadedTests, filter = ''): readonly number[] {
  return tests.flatMap(({ name }, i) =>
    name.toLowerCase().includes(filter.toLowerCase()) ? [i] : [],
  );
}

async function runWanted(
  bench: TestBench,
  wanted: readonly number[],
  { cases, onTest }: FileContext,
): Promise<readonly Diagnostic[]> {
  const { file, locate, recipe } = bench.tests;
  const all: Diagnostic[] = [];
  for (const index of wanted) {
    onTest?.(cases.length, recipe.tests[index]?.name ?? '');
    // oxlint-disable-next-line no-await-in-loop -- one after the other, so that times are those of a test
    const result = await runTest(bench, index);
    cases.push({ ...result, file, line: locate(['tests', index], 'name')?.line ?? 1 });
    all.push(...result.diagnostics);
  }
  return all;
}

/** Rejects with ConfigError: of the config, or of what the file says about config and keys. */
async function openBench(
  tests: LoadedTests,
  { settings, keysets, texts }: FileContext,
): Promise<TestBench> {
  const { recipe, file } = tests;
  const references = createReferences({ ...process.env, ...recipe.env });
  const source = await readConfig(tests);
  for (const [name, text] of textsOf(source)) texts.set(name, text);
  const load = createLoader(settings, references);
  const { config, sources, plugins } = load(source, await loadPluginsOnce(settings));
  const keys = await keysOf(tests, dirname(file));
  return { tests, config, sources, plugins, settings, keys, keysets };
}

async function readConfig(tests: LoadedTests) {
  const { recipe, file } = tests;
  const { config = basename(file).replace(/\.test(?=\.\w+$)/, '') } = recipe;
  const names = typeof config === 'string' ? [config] : config;
  try {
    return await createDocumentReader(names.map((name) => join(dirname(file), name))).read();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const reason =
      error instanceof NoDocumentError ? error.message : `it cannot be read: ${error.message}`;
    throw mistake(tests, ['config'], `there is no config for these tests: ${reason}`, {
      hint: "name it with 'config', relative to this file",
    });
  }
}

const readText = (path: string): string => readFileSync(path, 'utf8');

async function keysOf(tests: LoadedTests, folder: string): Promise<ReadonlyMap<string, TestKey>> {
  const keys = new Map<string, TestKey>();
  for (const [name, recipe] of Object.entries(tests.recipe.keys ?? {})) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- there are few
      keys.set(name, await makeKey(name, recipe, { folder, read: readText }));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const hint = "give an 'alg', or the 'file' of a PEM private key";
      throw mistake(tests, ['keys', name], `the key '${name}' cannot be had: ${reason}`, { hint });
    }
  }
  return keys;
}

function mistake(
  { locate }: LoadedTests,
  path: readonly string[],
  summary: string,
  { hint }: { readonly hint: string },
): ConfigError {
  const position = locate(path, 'name');
  const issue = { code: 'SB3002', path, message: summary, summary, hint };
  return new ConfigError([position === undefined ? issue : { ...issue, position }]);
}
