/** `silverback validate FILE…`: every problem of a declarative config, and nothing started. */
import type { Severity } from '../../config/diagnostic.ts';
import type { DocumentSource } from '../../config/read.ts';
import { countFindings } from '../../report/pretty.ts';
import { renderReport, type ReportFormat } from '../../report/render.ts';
import { isFailure } from '../../report/types.ts';
import { NoDocumentError, createDocumentReader } from '../document-files.ts';
import { inspectDocument, textsOf } from '../inspect.ts';
import {
  print,
  printError,
  settingsFrom,
  wantsColor,
  type ExitCode,
  type SettingFlags,
} from './context.ts';
import { showProgress } from './progress.ts';

export interface ValidateFlags extends SettingFlags {
  readonly format?: ReportFormat;
  /** The least severity that ends with 1. */
  readonly failOn?: Severity;
  /** The findings and nothing else. */
  readonly quiet?: boolean;
  /** Codes of warnings, each of them one or several with commas between. */
  readonly allow?: readonly string[];
}

/**
 * Loads and compiles files and folders as one config; `-` is standard input. The report goes to
 * stdout, talk to stderr.
 * @returns 0 clean, 1 problems, 2 a file that cannot be read
 */
export async function validateCommand(
  paths: readonly string[],
  flags: ValidateFlags,
  success = `${paths.join(', ')} ${paths.length > 1 ? 'are' : 'is'} valid`,
): Promise<ExitCode> {
  const { format = 'pretty', failOn = 'error', quiet = false } = flags;
  const { settings } = settingsFrom(flags);
  const source = await readPaths(paths);
  if (source === undefined) return 2;
  const progress = showProgress(`checking ${paths.join(', ')}`, quiet ? 0 : lengthOf(source));
  const { diagnostics, texts } = await inspectDocument(source, settings, {
    allow: (flags.allow ?? []).flatMap((codes) => codes.split(',').map((code) => code.trim())),
    onPhase: progress.at,
  }).finally(progress.end);
  const rendered = renderReport(format, { diagnostics, texts, failOn }, wantsColor(process.stdout));
  if (rendered !== '') print(rendered);
  const hasFailed = diagnostics.some((each) => isFailure(each, failOn));
  if (quiet) return hasFailed ? 1 : 0;
  if (diagnostics.length > 0) printError(`\n${countFindings(diagnostics)}`);
  if (!hasFailed && format === 'pretty') print(success);
  return hasFailed ? 1 : 0;
}

const lengthOf = (source: DocumentSource): number =>
  [...textsOf(source).values()].reduce((sum, text) => sum + text.length, 0);

/** The config that the paths make together; `undefined` when one cannot be read, which is said. */
export async function readPaths(paths: readonly string[]): Promise<DocumentSource | undefined> {
  try {
    return await createDocumentReader(paths).read();
  } catch (error) {
    const message = error instanceof NoDocumentError ? error.message : unreadable(error, paths);
    printError(`silverback: ${message}`);
    return undefined;
  }
}

/** Why a file cannot be read, and what to do. Throws what is no such error. */
export function unreadable(error: unknown, paths: readonly string[]): string {
  if (!(error instanceof Error)) throw error;
  const why = REASONS.get(textOf(error, 'code'));
  if (why === undefined) throw error;
  return `cannot read ${textOf(error, 'path') ?? paths.join(', ')}: ${why}`;
}

const textOf = (error: object, name: string): string | undefined => {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : undefined;
};

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file; check the path'],
  ['ENOTDIR', 'a part of the path is no folder; check the path'],
  ['EACCES', 'this user may not read it; change its permissions'],
  ['EPERM', 'this user may not read it; change its permissions'],
]);
