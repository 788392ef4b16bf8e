/** Loads one declarative file and prints what it cost and what came of it: for configs that mean harm. */
import { readFileSync } from 'node:fs';
import { diagnosticsOf } from '../../src/config/diagnostic.ts';
import { loadConfig } from '../../src/config/load.ts';
import { PLUGIN_NAMES } from '../../src/config/schemas.ts';
import { ConfigError } from '../../src/errors.ts';
import { checkPattern } from '../../src/router/regex.ts';

const [, , file = ''] = process.argv;
const text = readFileSync(file, 'utf8');

function load(): { readonly code?: string; readonly line?: number } {
  try {
    const source = { kind: 'text', text, file, format: 'auto' } as const;
    loadConfig(source, { plugins: PLUGIN_NAMES, now: 0, checkPathRegex: checkPattern });
    return {};
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [first] = diagnosticsOf(error);
    return { ...(first && { code: first.code, line: first.range?.line ?? 0 }) };
  }
}

// What is loaded once and not for this file does not count.
try {
  loadConfig({ kind: 'text', text: '', format: 'auto' }, { plugins: PLUGIN_NAMES, now: 0 });
} catch {
  // An empty document is none.
}
const before = process.cpuUsage();
const outcome = load();
const { user, system } = process.cpuUsage(before);
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
const polluted = Reflect.get({}, 'polluted') !== undefined;
process.stdout.write(
  `${JSON.stringify({ ...outcome, cpuMs: Math.round((user + system) / 1000), megabytes, polluted })}\n`,
);
