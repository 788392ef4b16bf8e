/** What went wrong, as lines for a person, and the exit code for it. */
import { readFileSync, statSync } from 'node:fs';
import { diagnosticsOf, type Diagnostic } from '../../config/diagnostic.ts';
import { ConfigError, SettingsError } from '../../errors.ts';
import { countFindings, renderPretty } from '../../report/pretty.ts';
import { printError, wantsColor, type ExitCode } from './context.ts';

/** Writes the cause to stderr: where it is, what it is, and what to do. */
export function reportFailure(error: unknown): ExitCode {
  if (error instanceof SettingsError) {
    for (const problem of error.problems) printError(`silverback: ${problem}`);
    return 1;
  }
  if (error instanceof ConfigError) {
    const diagnostics = diagnosticsOf(error);
    const color = wantsColor(process.stderr);
    printError(renderPretty(diagnostics, { texts: readTexts(diagnostics), color }));
    printError(
      `\nsilverback: the declarative config was not loaded: ${countFindings(diagnostics)}`,
    );
    return 1;
  }
  printError(`silverback: ${messageOf(error)}`);
  return 1;
}

/** For what ends as diff(1) does, where 1 says that there is a difference: what goes wrong is 2. */
export async function orTrouble(compare: () => Promise<0 | 1 | 2>): Promise<0 | 1 | 2> {
  try {
    return await compare();
  } catch (error) {
    reportFailure(error);
    return 2;
  }
}

/** The files that the findings are in, to show their lines; what cannot be read has none. */
function readTexts(diagnostics: readonly Diagnostic[]): ReadonlyMap<string, string> {
  const files = new Set(diagnostics.flatMap(({ range }) => range?.file ?? []));
  const texts = new Map<string, string>();
  for (const file of files) {
    try {
      if (statSync(file).isFile()) texts.set(file, readFileSync(file, 'utf8'));
    } catch {
      // It was no file but a setting or the Admin API: the place is said without its line.
    }
  }
  return texts;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code: unknown = Reflect.get(error, 'code');
  if (code === 'EADDRINUSE' || error.message.includes('EADDRINUSE')) {
    return `${error.message}; stop what listens there, or choose another port (--proxy-listen, --admin-listen)`;
  }
  if (code === 'EACCES' || error.message.includes('EACCES')) {
    return `${error.message}; choose a port above 1023, or a file that this user may open`;
  }
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return `${error.message}; it must be a folder: choose another one (--prefix)`;
  }
  if (code === 'ENOENT') return `${error.message}; check the path`;
  return error.message;
}
