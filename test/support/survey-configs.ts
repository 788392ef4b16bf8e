/**
 * How many of the declarative files in a folder load unchanged, and why the others do not: the numbers of
 * `docs/compatibility.md`. Run with `node --import tsx test/support/survey-configs.ts FOLDER…`.
 */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { diagnosticsOf } from '../../src/config/diagnostic.ts';
import { isFields } from '../../src/config/checks/field-issue.ts';
import { parseText } from '../../src/config/parse.ts';
import { PLUGIN_NAMES } from '../../src/config/schemas.ts';
import { KONG_PLUGINS } from '../../src/config/unsupported.ts';
import { ConfigError } from '../../src/errors.ts';
import { fileDocument } from '../../src/node/document-files.ts';
import { loadDocument } from '../../src/node/documents.ts';
import { createReferences } from '../../src/node/references.ts';

type Row = readonly [reason: string, file: string];

const DOCUMENT = /\.(ya?ml|json)$/i;
/** A file is a declarative config when it says so. */
const MARK = /^\s*["']?_format_version["']?\s*:/m;

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => DOCUMENT.test(file) && statSync(file).isFile())
    .filter((file) => MARK.test(readFileSync(file, 'utf8')))
    .toSorted();
}

/** Every variable is set, as whoever runs the file would have set it. */
const references = createReferences(
  new Proxy<Record<string, string>>(
    {},
    {
      get: (_, name) =>
        /PORT|LIMIT|MINUTE|COUNT|TIMEOUT|RETRIES/.test(String(name)) ? '80' : 'value',
      has: () => true,
      getOwnPropertyDescriptor: () => ({ value: 'value', configurable: true, enumerable: true }),
    },
  ),
);

/** Plugins of a document, wherever they are. */
function pluginsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(pluginsOf);
  if (!isFields(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    if (name !== 'plugins' || !Array.isArray(member)) return pluginsOf(member);
    return member.flatMap((plugin: unknown) =>
      isFields(plugin) && typeof plugin['name'] === 'string' ? [plugin['name']] : [],
    );
  });
}

function missingPlugins(text: string, file: string): readonly string[] {
  try {
    const names = pluginsOf(parseText(text, 'auto', file).value);
    return [...new Set(names)].filter((name) => !PLUGIN_NAMES.includes(name));
  } catch {
    return [];
  }
}

/** The first reason in this order: another edition's plugin, one that is missing here, any other problem. */
function survey(file: string): Row {
  const text = readFileSync(file, 'utf8');
  try {
    loadDocument(
      { kind: 'files', texts: [fileDocument(file, text)] },
      { plugins: PLUGIN_NAMES, interpolate: true },
      { references },
    );
    return ['loads unchanged', file];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const missing = missingPlugins(text, file);
    const foreign = missing.filter((name) => !KONG_PLUGINS.has(name));
    if (foreign.length > 0) return [`plugin not in open-source Kong: ${foreign.join(', ')}`, file];
    if (missing.length > 0) return [`plugin not in this build: ${missing.join(', ')}`, file];
    const [first] = diagnosticsOf(error);
    return [`${first?.code ?? ''} ${first?.message ?? ''}`, file];
  }
}

const isVerbose = process.argv.includes('--files');
const folders = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const rows = folders.flatMap(filesBelow).map(survey);
const byReason = new Map<string, Row[]>();
for (const row of rows) byReason.set(row[0], [...(byReason.get(row[0]) ?? []), row]);
for (const [reason, files] of [...byReason].toSorted(([, a], [, b]) => b.length - a.length)) {
  process.stdout.write(`${String(files.length).padStart(5)}  ${reason}\n`);
  if (isVerbose) for (const [, file] of files) process.stdout.write(`         ${file}\n`);
}
process.stdout.write(`${String(rows.length).padStart(5)}  files\n`);
