/** `silverback test [PATH…]`: requests of test files, run through the gateway in this process. */
import type { ReportCase } from '../../report/types.ts';
import { renderReport, type ReportFormat } from '../../report/render.ts';
import { NoDocumentError } from '../document-files.ts';
import { findTestFiles } from '../test-files.ts';
import { runTestFiles } from '../test-run.ts';
import {
  print,
  printError,
  settingsFrom,
  wantsColor,
  type ExitCode,
  type SettingFlags,
} from './context.ts';
import { showCount } from './progress.ts';
import { unreadable } from './validate.ts';

export interface TestFlags extends SettingFlags {
  readonly format: ReportFormat;
  readonly filter?: string;
  readonly quiet?: boolean;
}

/**
 * The report goes to stdout, talk to stderr.
 * @returns 0 all came as expected, 1 something did not, 2 nothing to run
 */
export async function testCommand(paths: readonly string[], flags: TestFlags): Promise<ExitCode> {
  const { format, filter, quiet = false } = flags;
  const { settings } = settingsFrom(flags);
  const files = await filesOf(paths.length === 0 ? ['.'] : paths);
  if (files === undefined) return 2;
  const progress = showCount(quiet ? 0 : files.length);
  const report = await runTestFiles(files, { settings, filter, onTest: progress.at }).finally(
    progress.end,
  );
  const { diagnostics, cases } = report;
  if (cases.length === 0 && diagnostics.length === 0) {
    const which = filter === undefined ? '' : ` whose name holds '${filter}'`;
    printError(`silverback: there is no test${which} in ${files.join(', ')}`);
    return 2;
  }
  const rendered = renderReport(format, report, wantsColor(process.stdout));
  if (rendered !== '') print(rendered);
  if (!quiet) printError(`${diagnostics.length > 0 ? '\n' : ''}${summaryOf(cases)}`);
  return diagnostics.length > 0 ? 1 : 0;
}

/** `98 tests passed, 2 failed (0.8 s)`. */
function summaryOf(cases: readonly ReportCase[]): string {
  const failed = cases.filter(({ diagnostics }) => diagnostics.length > 0).length;
  const seconds = cases.reduce((sum, each) => sum + each.seconds, 0);
  const passed = cases.length - failed;
  const words = `${passed} ${passed === 1 ? 'test' : 'tests'} passed`;
  return `${words}${failed === 0 ? '' : `, ${failed} failed`} (${seconds.toFixed(1)} s)`;
}

/** `undefined` when there is none, which is said. */
async function filesOf(paths: readonly string[]): Promise<readonly string[] | undefined> {
  try {
    return await findTestFiles(paths);
  } catch (error) {
    const message = error instanceof NoDocumentError ? error.message : unreadable(error, paths);
    printError(`silverback: ${message}`);
    return undefined;
  }
}
