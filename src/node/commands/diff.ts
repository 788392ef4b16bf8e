/** `silverback diff`: what would change, by entity and field. */
import { diagnosticsOf } from '../../config/diagnostic.ts';
import type { PluginSchemas } from '../../config/schemas.ts';
import { ConfigError } from '../../errors.ts';
import type { PluginSet } from '../../gateway/plugins.ts';
import { renderReport } from '../../report/render.ts';
import { readEntities } from '../admin-reader.ts';
import { countChanges, diffAsJson, renderDiff } from '../diff-report.ts';
import { loadDocument } from '../documents.ts';
import { diffEntities, rowsOf, type EntityRows } from '../entity-diff.ts';
import { textsOf } from '../inspect.ts';
import { loadPluginsOnce } from '../plugin-loader.ts';
import type { Settings } from '../../settings/types.ts';
import {
  adminHeaders,
  print,
  printError,
  settingsFrom,
  wantsColor,
  type AdminFlags,
} from './context.ts';
import { orTrouble } from './failure.ts';
import { parseHeader } from './request-line.ts';
import { readPaths } from './validate.ts';

export interface DiffFlags extends AdminFlags {
  /** Of an Admin API. */
  readonly against?: string;
  /** `Name: value`, for that API. */
  readonly header?: readonly string[];
  readonly format?: 'pretty' | 'json';
  readonly quiet?: boolean;
}

/** As diff(1): 0 the same, 1 different, 2 trouble. */
type DiffCode = 0 | 1 | 2;

interface Sides {
  readonly before: EntityRows;
  readonly after: EntityRows;
  readonly plugins: PluginSchemas;
}

/** Two paths, or one path and `--against`; the running config is then what was before. */
export async function diffCommand(paths: readonly string[], flags: DiffFlags): Promise<DiffCode> {
  const { against } = flags;
  if (paths.length !== (against === undefined ? 2 : 1)) {
    printError('silverback: diff needs two files, or one file and --against URL');
    return 2;
  }
  return orTrouble(async () => {
    const sides = await readSides(paths, flags);
    return sides === undefined ? 2 : report(sides, flags);
  });
}

function report({ before, after, plugins }: Sides, { format, quiet }: DiffFlags): DiffCode {
  const changes = diffEntities(before, after);
  const color = wantsColor(process.stdout);
  if (format === 'json') print(diffAsJson(changes, plugins));
  else if (changes.length > 0) print(renderDiff(changes, { color, plugins }));
  else if (quiet !== true) printError(`no difference: ${countChanges(changes)}`);
  return changes.length === 0 ? 0 : 1;
}

async function readSides(paths: readonly string[], flags: DiffFlags): Promise<Sides | undefined> {
  const [first = '', second] = paths;
  const { settings } = settingsFrom(flags);
  const set = await loadPluginsOnce(settings);
  const plugins = set.schemas;
  const load = (path: string): Promise<EntityRows | undefined> => loadRows(path, settings, set);
  if (second !== undefined) {
    const before = await load(first);
    const after = before && (await load(second));
    return after && { before, after, plugins };
  }
  const after = await load(first);
  if (after === undefined) return undefined;
  const url = (flags.against ?? '').replace(/\/+$/, '');
  const headers = {
    ...adminHeaders(flags),
    ...Object.fromEntries((flags.header ?? []).map(parseHeader)),
  };
  const { rows, unknown } = await readEntities({ url, headers });
  const unread = unknown.filter((kind) => (after.get(kind) ?? []).length > 0);
  if (unread.length > 0)
    printError(`silverback: not compared, ${url} has no list of them: ${unread.join(', ')}`);
  const compared = new Map([...after].filter(([kind]) => !unknown.includes(kind)));
  return { before: rows, after: compared, plugins };
}

/** `undefined` when it cannot be read or loaded, which is said. */
async function loadRows(
  path: string,
  settings: Settings,
  plugins: PluginSet,
): Promise<EntityRows | undefined> {
  const source = await readPaths([path]);
  if (source === undefined) return undefined;
  try {
    return rowsOf(loadDocument(source, settings, { plugins }).config);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const findings = { diagnostics: diagnosticsOf(error), texts: textsOf(source) };
    printError(
      renderReport('pretty', { ...findings, failOn: 'error' }, wantsColor(process.stderr)),
    );
    return undefined;
  }
}
