/** Golden files of reports: the input, a line of dashes, and what `silverback validate` shows of it. */
import { readFileSync, readdirSync } from 'node:fs';
import { inspectDocument } from '../../src/node/inspect.ts';
import { fileSource } from '../../src/node/documents.ts';
import { PLUGIN_NAMES } from '../../src/gateway/plugins.ts';
import { createRegexChecker } from '../../src/lint/regex-checker.ts';
import { countFindings, renderPretty } from '../../src/report/pretty.ts';
import { loadSettings } from '../../src/settings/load.ts';

export const GOLDEN = new URL('../golden/diagnostics/', import.meta.url);
const DASHES = /^-{20,}\n/m;

export interface GoldenCase {
  readonly name: string;
  readonly input: string;
  readonly expected: string;
}

export function goldenCases(): GoldenCase[] {
  return readdirSync(GOLDEN).map((name) => {
    const text = readFileSync(new URL(name, GOLDEN), 'utf8');
    const [input = ''] = text.split(DASHES, 1);
    const expected = text.slice(input.length).replace(DASHES, '');
    return { name, input, expected };
  });
}

const { settings } = loadSettings({ readFile: String, plugins: PLUGIN_NAMES, flags: {} });

/** The day of the golden files: certificates expire. */
const NOW = Date.parse('2026-11-25T12:00:00Z');

/** A busy machine must not change what is found. Its thread keeps no process alive. */
const PATIENT = createRegexChecker({ timeoutMs: 120_000, totalMs: 600_000 });

/** The report about a text, as printed without colours, with the count behind it. */
export async function reportOf(text: string, file = 'kong.yaml'): Promise<string> {
  const { diagnostics, texts } = await inspectDocument(fileSource(file, text), settings, {
    now: NOW,
    regexes: PATIENT,
  });
  if (diagnostics.length === 0) return 'no problems\n';
  const report = renderPretty(diagnostics, { texts, color: false });
  return `${report}\n\n${countFindings(diagnostics)}\n`;
}
