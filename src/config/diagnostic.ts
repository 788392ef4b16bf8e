/** One finding about a declarative config, as every report shows it: where, what is wrong, what to do. */
import type { ConfigError, ConfigIssue, ConfigPath, RelatedPlace, SourceRange } from '../errors.ts';
import { codeEntry } from './diagnostic-codes.ts';

export type Severity = 'error' | 'warning';

/** Never holds a secret: messages name fields, not values that could be one. */
export interface Diagnostic {
  /** Stable, e.g. `SB1101`: SB1… are errors, SB2… warnings. Each has its paragraph in `docs/diagnostics.md`. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence, without its full stop: what is wrong. */
  readonly message: string;
  /** One sentence, without its full stop: what to do. */
  readonly help: string;
  /** From the document's root. */
  readonly path: ConfigPath;
  /** Absent when the document came as an object and not as text. */
  readonly range: SourceRange | undefined;
  readonly related: readonly RelatedPlace[];
  /** The word that was probably meant, to be put in place of what stands in `range`. */
  readonly suggestion?: string;
}

/** The code of what a plugin says about its config while it is compiled. */
const REFUSED_BY_PLUGIN = 'SB1601';

/** Every problem that keeps a document from being loaded, in the order of the text. */
export function diagnosticsOf({ issues, further }: ConfigError): Diagnostic[] {
  return [...issues, ...further]
    .filter(({ isEcho }) => isEcho !== true)
    .map(diagnosticOf)
    .filter(isFirstOfPlace())
    .toSorted(byPlace);
}

/** What is written once and used by aliases many times is one finding. */
function isFirstOfPlace(): (diagnostic: Diagnostic) => boolean {
  const seen = new Set<string>();
  return ({ code, range, path }) => {
    if (range === undefined) return true;
    const key = JSON.stringify([code, range, path.at(-1)]);
    return !seen.has(key) && Boolean(seen.add(key));
  };
}

/** The issue with the catalogue's words where it has none of its own. */
export function diagnosticOf(issue: ConfigIssue): Diagnostic {
  const { code = REFUSED_BY_PLUGIN, path, message, summary, hint, suggestion } = issue;
  const subject = formatPath(path);
  return {
    code,
    severity: codeEntry(code).severity,
    message: summary ?? (subject === '' ? message : `${subject}: ${message}`),
    help: hint ?? codeEntry(code).help,
    path,
    range: issue.position,
    related: issue.related ?? [],
    ...(suggestion !== undefined && { suggestion }),
  };
}

/** By file and place; what has no place comes first. */
export function byPlace(a: Diagnostic, b: Diagnostic): number {
  if (a.range === undefined || b.range === undefined) {
    return Number(a.range !== undefined) - Number(b.range !== undefined);
  }
  if (a.range.file !== b.range.file) return a.range.file < b.range.file ? -1 : 1;
  return a.range.line - b.range.line || a.range.column - b.range.column;
}

/** `services[0].routes[1]`. */
export function formatPath(path: ConfigPath): string {
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${step}`))
    .join('');
}

/** One line for a log: `kong.yaml:5:11: error SB1103: 'port' must be an integer (remove the quotes)`. */
export function lineOf({ code, severity, message, help, range }: Diagnostic): string {
  const place = range === undefined ? '' : `${range.file}:${range.line}:${range.column}: `;
  return `${place}${severity} ${code}: ${message} (${help})`;
}
