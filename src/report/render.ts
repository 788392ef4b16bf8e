/** A report in the format that was asked for. */
import { renderGithub } from './github.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderPretty } from './pretty.ts';
import { renderSarif } from './sarif.ts';
import type { Report } from './types.ts';

export const REPORT_FORMATS = ['pretty', 'json', 'sarif', 'junit', 'github'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/**
 * The text without the end of its last line; '' where a format says nothing about a clean file.
 * @param color escape sequences in what is meant for people
 */
export function renderReport(format: ReportFormat, report: Report, color: boolean): string {
  switch (format) {
    case 'pretty':
      return renderPretty(report.diagnostics, { texts: report.texts, color });
    case 'json':
      return renderJson(report);
    case 'sarif':
      return renderSarif(report);
    case 'junit':
      return renderJunit(report);
    case 'github':
      return renderGithub(report);
  }
}
