/** `silverback validate FILE`: every problem of a declarative config, and nothing started. */
import { readFileSync } from 'node:fs';
import type { Diagnostic } from '../../config/diagnostic.ts';
import { countFindings, renderPretty } from '../../report/pretty.ts';
import { fileSource } from '../documents.ts';
import { inspectDocument } from '../inspect.ts';
import { print, printError, settingsFrom, type ExitCode, type SettingFlags } from './context.ts';

const STDIN = 0;

/** Loads and compiles the file; `-` is standard input. Throws the system's error for what cannot be read. */
export async function validateCommand(
  file: string,
  flags: SettingFlags,
  success = `${file} is valid`,
): Promise<ExitCode> {
  const { settings } = settingsFrom(flags);
  const isStdin = file === '-';
  const text = readFileSync(isStdin ? STDIN : file, 'utf8');
  const { diagnostics, texts } = await inspectDocument(
    fileSource(isStdin ? '<stdin>' : file, text),
    settings,
  );
  if (diagnostics.length > 0) {
    print(renderPretty(diagnostics, { texts, color: process.stdout.isTTY }));
    printError(`\n${countFindings(diagnostics)}`);
  }
  if (diagnostics.some(isError)) return 1;
  print(success);
  return 0;
}

const isError = ({ severity }: Diagnostic): boolean => severity === 'error';
