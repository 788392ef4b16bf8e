/** What went wrong, as lines for a person, and the exit code for it. */
import { ConfigError, SettingsError } from '../../errors.ts';
import { formatIssue } from '../issues.ts';
import { printError, type ExitCode } from './context.ts';

/** Writes the cause to stderr: one line each, then what to do. */
export function reportFailure(error: unknown): ExitCode {
  if (error instanceof SettingsError) {
    for (const problem of error.problems) printError(`silverback: ${problem}`);
    return 1;
  }
  if (error instanceof ConfigError) {
    printError(`silverback: the declarative config has ${error.issues.length} problem(s):`);
    for (const issue of error.issues) printError(`  ${formatIssue(issue)}`);
    return 1;
  }
  printError(`silverback: ${messageOf(error)}`);
  return 1;
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
