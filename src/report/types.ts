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
}

/** Whether a finding makes the check fail. */
export const isFailure = ({ severity }: Diagnostic, failOn: Severity): boolean =>
  severity === 'error' || failOn === 'warning';
