/**
 * Warnings about a config that loads: what is legal and dangerous or surprising. Runs beside the
 * serving path, never on it.
 */
import { byPlace, diagnosticOf, type Diagnostic } from '../config/diagnostic.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { ConfigPath, SourceRange } from '../errors.ts';
import { applyAllowances, readAllowances, type Allowance } from './allow.ts';
import { createRegexChecker, type RegexChecker } from './regex-checker.ts';
import type { Finding, Place, Rule } from './rule.ts';
import { RULES } from './rules.ts';
import { explosiveRegex } from './rules/explosive-regex.ts';
import type { PluginSet } from '../gateway/plugins.ts';
import type { SourceText } from './source-text.ts';
import { createView, type LintView } from './view.ts';

export interface LintInput {
  readonly loaded: LoadedConfig;
  /** The files of the document; none when it came as an object. */
  readonly texts: readonly SourceText[];
  /** Codes that the caller does not want to hear of. */
  readonly allow?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Made and closed here when absent. */
  readonly regexes?: RegexChecker;
  /** Those that the config was loaded with; absent: the plugins of this build. */
  readonly pluginSet?: PluginSet | undefined;
}

/** Nobody reads more. */
const WARNINGS_MAX = 1000;

/** Codes that can be allowed. */
export const WARNING_CODES: readonly string[] = RULES.map(({ code }) => code);

/** Every warning that is not allowed, in the order of the text. */
export async function lintConfig(input: LintInput): Promise<readonly Diagnostic[]> {
  const regexes = input.regexes ?? createRegexChecker();
  try {
    const { loaded, now, pluginSet } = input;
    const texts = input.texts.map(withoutMark);
    const view = createView({ loaded, texts, now, regexes, pluginSet });
    const found = await runRules(view, loaded);
    const allowances = [...commandLine(input.allow ?? []), ...readAllowances(texts, view.text)];
    const { kept, idle } = applyAllowances(found, allowances);
    // Nobody knows whether it is idle when the question was given up.
    const certain = idle.filter(
      ({ code }) => code !== explosiveRegex.code || !regexes.hasGivenUp(),
    );
    return capped([...kept, ...certain.map(idleWarning)].toSorted(byPlace));
  } finally {
    if (input.regexes === undefined) await regexes.close();
  }
}

/** A byte order mark is no part of the document; places do not count it. */
const withoutMark = ({ file, text }: SourceText): SourceText => ({
  file,
  text: text.startsWith('\uFEFF') ? text.slice(1) : text,
});

async function runRules(view: LintView, loaded: LoadedConfig): Promise<Diagnostic[]> {
  const found = await Promise.all(
    RULES.map(async (rule) => {
      const findings = await rule.check(view);
      return findings.map((finding) => toDiagnostic(rule, finding, loaded));
    }),
  );
  return found.flat();
}

function toDiagnostic({ code }: Rule, finding: Finding, loaded: LoadedConfig): Diagnostic {
  const { path, range } = resolvePlace(finding.at, loaded);
  const { message, help, related = [], suggestion } = finding;
  return {
    code,
    severity: 'warning',
    message,
    help,
    path,
    range,
    related: related.map((other) => ({
      message: other.message,
      range: resolvePlace(other.at, loaded).range,
    })),
    ...(suggestion !== undefined && { suggestion }),
  };
}

interface ResolvedPlace {
  readonly path: ConfigPath;
  readonly range: SourceRange | undefined;
}

function resolvePlace(place: Place, loaded: LoadedConfig): ResolvedPlace {
  if (place.kind === 'text') return place;
  const { id, below } = place;
  return { path: [...loaded.pathOf(id), ...below], range: loaded.locate(id, below) };
}

const commandLine = (codes: readonly string[]): Allowance[] =>
  codes.map((code) => ({ code, lines: undefined, range: undefined }));

/** SB2090, SB2091: an allowance that does nothing hides what comes later. */
function idleWarning({ code, range }: Allowance): Diagnostic {
  const isKnown = WARNING_CODES.includes(code);
  const where = range === undefined ? ' (--allow)' : '';
  return diagnosticOf({
    code: isKnown ? 'SB2090' : 'SB2091',
    path: [],
    message: isKnown
      ? `${code} is allowed here, and nothing needs it${where}`
      : `there is no warning ${code}${where}`,
    ...(range !== undefined && { position: range }),
  });
}

function capped(warnings: readonly Diagnostic[]): readonly Diagnostic[] {
  if (warnings.length <= WARNINGS_MAX) return warnings;
  const rest = warnings.length - WARNINGS_MAX;
  const last = diagnosticOf({
    code: 'SB2000',
    path: [],
    message: `${rest} more warnings are not listed`,
  });
  return [...warnings.slice(0, WARNINGS_MAX), last];
}
