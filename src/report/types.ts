/** What every format renders. */
import type { Diagnostic, Severity } from '../config/diagnostic.ts';

/** The outcome of one check of a declarative config. */
export interface Report {
  /** In the order to be shown in. */
  readonly diagnostics: readonly Diagnostic[];
  /** The source texts by the names that ranges carry, those without findings too. */
  readonly texts: ReadonlyMap<string, string>;
  /** The least severity that makes the check fail. */
  readonly failOn: Severity;
  /** Tests that were run, those that passed too; absent for a check. */
  readonly cases?: readonly ReportCase[];
}

/** One test; its findings are among those of the report. */
export interface ReportCase {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly seconds: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** Whether a finding makes the check fail. */
export const isFailure = ({ severity }: Diagnostic, failOn: Severity): boolean =>
  severity === 'error' || failOn === 'warning';
