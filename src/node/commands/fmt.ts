/** `silverback fmt [PATH…]`: declarative files in canonical order and style. */
import { readFile, writeFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { diagnosticsOf } from '../../config/diagnostic.ts';
import { formatText } from '../../edit/format.ts';
import { UneditableTextError } from '../../edit/yaml-text.ts';
import { ConfigError } from '../../errors.ts';
import { renderReport } from '../../report/render.ts';
import { STDIN, listFiles } from '../document-files.ts';
import { print, printError, wantsColor, type ExitCode } from './context.ts';

export interface FmtFlags {
  /** Says which files would change, and changes none. */
  readonly check?: boolean;
  /** To stdout, and not into the files. */
  readonly stdout?: boolean;
}

const DEFAULT_PATH = 'kong.yaml';

/**
 * Writes the files in place; standard input goes to standard output.
 * @returns 0 done, 1 with `--check` a file that would change, 2 a file that cannot be formatted
 */
export async function fmtCommand(paths: readonly string[], flags: FmtFlags): Promise<ExitCode> {
  const files = await listFiles(paths.length === 0 ? [DEFAULT_PATH] : paths);
  let code: ExitCode = 0;
  for (const file of files) {
    // oxlint-disable-next-line no-await-in-loop -- what is printed keeps the order of the files
    const outcome = await formatFile(file, flags);
    if (outcome > code) code = outcome;
  }
  return code;
}

async function formatFile(file: string, { check, stdout }: FmtFlags): Promise<ExitCode> {
  const text = file === STDIN ? await textOf(process.stdin) : await readFile(file, 'utf8');
  const formatted = await formatOrSay(text, file);
  if (formatted === undefined) return 2;
  if (check === true) {
    if (formatted === text) return 0;
    print(file);
    return 1;
  }
  if (file === STDIN || stdout === true) process.stdout.write(formatted);
  else if (formatted !== text) await writeFile(file, formatted);
  return 0;
}

async function formatOrSay(text: string, file: string): Promise<string | undefined> {
  try {
    return await formatText(text, file);
  } catch (error) {
    if (error instanceof UneditableTextError) {
      printError(`silverback: cannot format ${file}: ${error.message}`);
      return undefined;
    }
    if (!(error instanceof ConfigError)) throw error;
    const report = { diagnostics: diagnosticsOf(error), texts: new Map([[file, text]]) };
    printError(renderReport('pretty', { ...report, failOn: 'error' }, wantsColor(process.stderr)));
    return undefined;
  }
}
