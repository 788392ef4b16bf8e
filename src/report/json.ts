/** Findings as one JSON object; `schemas/report.schema.json` describes it. */
import type { Diagnostic } from '../config/diagnostic.ts';
import { formatPath } from '../config/diagnostic.ts';
import { codeEntry } from '../config/diagnostic-codes.ts';
import type { SourceRange } from '../errors.ts';
import { SILVERBACK_VERSION } from '../version.ts';
import { isFailure, type Report, type ReportCase } from './types.ts';

/** Of the shape; members may be added without a new one. */
const VERSION = 1;

export function renderJson({ diagnostics, texts, failOn, cases }: Report): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const report = {
    version: VERSION,
    tool: { name: 'silverback', version: SILVERBACK_VERSION },
    ok: !diagnostics.some((each) => isFailure(each, failOn)),
    summary: { errors, warnings: diagnostics.length - errors },
    files: [...texts.keys()],
    diagnostics: diagnostics.map(describe),
    ...(cases && { tests: cases.map(describeCase) }),
  };
  return JSON.stringify(report, null, 2);
}

const describeCase = ({ name, file, line, seconds, diagnostics }: ReportCase) => ({
  name,
  file,
  line,
  ok: diagnostics.length === 0,
  seconds,
});

function describe(diagnostic: Diagnostic) {
  const { code, severity, message, help, path, range, related, suggestion } = diagnostic;
  return {
    code,
    severity,
    title: codeEntry(code).title,
    message,
    help,
    path: formatPath(path),
    ...placeOf(range),
    related: related.map((other) => ({ message: other.message, ...placeOf(other.range) })),
    ...(suggestion !== undefined && { suggestion }),
  };
}

const placeOf = (range: SourceRange | undefined) =>
  range && {
    file: range.file,
    start: { line: range.line, column: range.column },
    end: { line: range.endLine, column: range.endColumn },
  };
