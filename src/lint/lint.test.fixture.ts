/** What the tests of the linter share. */
import type { Diagnostic } from '../config/diagnostic.ts';
import { loadConfig } from '../config/load.ts';
import { PLUGIN_NAMES } from '../gateway/plugins.ts';
import { checkPattern } from '../router/regex.ts';
import { lintConfig, type LintInput } from './lint.ts';

export const NOW = Date.parse('2026-11-25T12:00:00Z');

/** The warnings about a YAML text. */
export async function lintText(
  text: string,
  options: Partial<Pick<LintInput, 'allow' | 'now' | 'regexes'>> = {},
): Promise<readonly Diagnostic[]> {
  const source = { kind: 'text', text, file: 'kong.yaml', format: 'yaml' } as const;
  const loaded = loadConfig(source, {
    plugins: PLUGIN_NAMES,
    now: NOW,
    checkPathRegex: checkPattern,
  });
  return lintConfig({ loaded, texts: [{ file: 'kong.yaml', text }], now: NOW, ...options });
}

/** `SB2001:7`: code and line. */
export const placesOf = (diagnostics: readonly Diagnostic[]): string[] =>
  diagnostics.map(({ code, range }) => (range === undefined ? code : `${code}:${range.line}`));
