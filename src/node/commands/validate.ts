/** `silverback validate FILE`: every problem of a declarative config, and nothing started. */
import { readFileSync } from 'node:fs';
import type { Severity } from '../../config/diagnostic.ts';
import { countFindings } from '../../report/pretty.ts';
import { renderReport, type ReportFormat } from '../../report/render.ts';
import { isFailure } from '../../report/types.ts';
import { fileSource } from '../documents.ts';
import { inspectDocument } from '../inspect.ts';
import {
  print,
  printError,
  settingsFrom,
  wantsColor,
  type ExitCode,
  type SettingFlags,
} from './context.ts';
import { showProgress } from './progress.ts';

const STDIN = 0;

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
 * Loads and compiles the file; `-` is standard input. The report goes to stdout, talk to stderr.
 * @returns 0 clean, 1 problems, 2 a file that cannot be read
 */
export async function validateCommand(
  file: string,
  flags: ValidateFlags,
  success = `${file} is valid`,
): Promise<ExitCode> {
  const { format = 'pretty', failOn = 'error', quiet = false } = flags;
  const { settings } = settingsFrom(flags);
  const text = readDocument(file);
  if (text === undefined) return 2;
  const source = fileSource(file === '-' ? '<stdin>' : file, text);
  const progress = showProgress(`checking ${file}`, quiet ? 0 : text.length);
  const { diagnostics, texts } = await inspectDocument(source, settings, {
    allow: (flags.allow ?? []).flatMap((codes) => codes.split(',').map((code) => code.trim())),
  }).finally(progress.end);
  const rendered = renderReport(format, { diagnostics, texts, failOn }, wantsColor(process.stdout));
  if (rendered !== '') print(rendered);
  const hasFailed = diagnostics.some((each) => isFailure(each, failOn));
  if (quiet) return hasFailed ? 1 : 0;
  if (diagnostics.length > 0) printError(`\n${countFindings(diagnostics)}`);
  if (!hasFailed && format === 'pretty') print(success);
  return hasFailed ? 1 : 0;
}

/** `undefined` when it cannot be read, which is said. */
function readDocument(file: string): string | undefined {
  try {
    return readFileSync(file === '-' ? STDIN : file, 'utf8');
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    const why = REASONS.get(code);
    if (why === undefined) throw error;
    printError(`silverback: cannot read ${file}: ${why}`);
    return undefined;
  }
}

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file; check the path'],
  ['EISDIR', 'it is a folder; name a file in it'],
  ['ENOTDIR', 'a part of the path is no folder; check the path'],
  ['EACCES', 'this user may not read it; change its permissions'],
  ['EPERM', 'this user may not read it; change its permissions'],
]);
