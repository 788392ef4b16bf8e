/** Writes the table of Kong's plugins into `docs/compatibility.md`; run by `npm run schemas`, compared by a test. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ENTERPRISE_PLUGINS, enterpriseAdvice } from '../../src/config/enterprise.ts';
import { insteadOf } from '../../src/config/refused-plugins.ts';
import { PLUGIN_NAMES } from '../../src/config/schemas.ts';
import { KONG_PLUGINS } from '../../src/config/unsupported.ts';

export const COMPATIBILITY_FILE = new URL('../../docs/compatibility.md', import.meta.url);
const BEGIN = '<!-- plugins: written by `npm run schemas` -->';
const END = '<!-- plugins: end -->';

/** The document with the table as it should be. */
export function withTable(document: string): string {
  const [before, rest] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (before < 0 || rest < 0) throw new Error(`the document has no ${BEGIN} … ${END}`);
  return `${document.slice(0, before)}${BEGIN}\n\n${table()}\n\n${document.slice(rest)}`;
}

/** As prettier writes it: columns of one width. */
function table(): string {
  const names = [...new Set([...KONG_PLUGINS, ...ENTERPRISE_PLUGINS])].toSorted();
  const rows = [['plugin', 'of', 'here'], ...names.map(rowOf)];
  const width = (column: number): number =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const widths = [0, 1, 2].map(width);
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((each) => '-'.repeat(each))), ...body.map(line)].join('\n');
}

function rowOf(name: string): string[] {
  const edition = KONG_PLUGINS.has(name) ? 'Kong' : 'Kong Enterprise';
  if (PLUGIN_NAMES.includes(name)) return [`\`${name}\``, edition, runs(name)];
  const advice = KONG_PLUGINS.has(name) ? insteadOf(name) : enterpriseAdvice(name);
  return [`\`${name}\``, edition, `refused: ${advice ?? 'remove the entry'}`];
}

const DEPARTURES = /^## Departures from Kong[^\n]*\n+([^]*?)(?=^## |(?![^]))/m;

/** What differs is said in one place, the plugin's own document. */
function runs(name: string): string {
  const path = `src/plugins/${name}/README.md`;
  const file = new URL(`../../${path}`, import.meta.url);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const count = (DEPARTURES.exec(text)?.[1]?.match(/^- /gm) ?? []).length;
  if (count === 0) return `[runs](../${path})`;
  const anchor = `../${path}#departures-from-kong-39`;
  return `runs, with [${count} ${count === 1 ? 'departure' : 'departures'}](${anchor})`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(COMPATIBILITY_FILE, withTable(readFileSync(COMPATIBILITY_FILE, 'utf8')));
}
