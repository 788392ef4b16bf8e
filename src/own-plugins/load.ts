/** The plugins that the settings name → plugins that run; what keeps one from running is a problem of the config. */
import { ConfigError, type ConfigIssue } from '../errors.ts';
import type { PluginLocation } from '../settings/types.ts';
import { BundleError, bundle, endBundler, type Bundle } from './bundle.ts';
import { importPlugin, placeInStack } from './import.ts';
import { placeIn, shownPath, type SourceFiles } from './source-files.ts';
import type { OwnPlugin, PluginFiles } from './types.ts';

export interface LoadedPlugins {
  readonly plugins: readonly OwnPlugin[];
  /** What they were made of. */
  readonly files: PluginFiles;
}

/** Own plugins that cannot run, with every reason at once. */
export class OwnPluginsError extends ConfigError {
  /** A change of any of them is worth another try. */
  readonly files: PluginFiles;
  constructor(issues: readonly ConfigIssue[], files: PluginFiles) {
    super(issues);
    this.files = files;
  }
}

/** Of one location: its plugin, or what is wrong with it. */
interface Outcome {
  readonly location: PluginLocation;
  readonly plugin?: OwnPlugin;
  readonly issues: readonly ConfigIssue[];
  readonly files: PluginFiles;
}

/** @param folder where modules are written. Rejects with OwnPluginsError. */
export async function loadOwnPlugins(
  locations: readonly PluginLocation[],
  folder: string,
): Promise<LoadedPlugins> {
  if (locations.length === 0) return { plugins: [], files: new Map() };
  const outcomes = await Promise.all(locations.map((location) => loadOne(location, folder)));
  await endBundler();
  const files = new Map(outcomes.flatMap((outcome) => [...outcome.files]));
  const issues = [...outcomes.flatMap((outcome) => outcome.issues), ...repeatedNames(outcomes)];
  if (issues.length > 0) throw new OwnPluginsError(issues.map(filed), files);
  return { plugins: outcomes.flatMap(({ plugin }) => plugin ?? []), files };
}

async function loadOne(location: PluginLocation, folder: string): Promise<Outcome> {
  try {
    const made = await bundle(location, folder);
    return { location, ...(await run(made, location)), files: made.files.texts };
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    const issues = error.problems.map(({ message, position }): ConfigIssue => {
      const said = `${subjectOf(location)} cannot be read: ${message}`;
      return { ...CANNOT_LOAD, message: said, ...(position !== undefined && { position }) };
    });
    return { location, issues, files: filesOf(location, error.files) };
  }
}

/** `POST /config` answers with it as with a document that cannot be read. */
const filed = (issue: ConfigIssue, i: number, { length }: readonly unknown[]): ConfigIssue => ({
  ...issue,
  kongPath: length === 1 ? ['error'] : ['error', i],
});

/** A file that is missing may come. */
function filesOf(location: PluginLocation, files: SourceFiles): PluginFiles {
  if (location.kind === 'package' || files.texts.has(location.path)) return files.texts;
  return new Map([...files.texts, [location.path, undefined]]);
}

const CANNOT_LOAD = { code: 'SB1411', path: [] } as const;
const NO_PLUGIN = { code: 'SB1412', path: [] } as const;

async function run(
  { url, files }: Bundle,
  location: PluginLocation,
): Promise<Pick<Outcome, 'plugin' | 'issues'>> {
  const subject = subjectOf(location);
  try {
    const read = await importPlugin(url);
    if (read.kind === 'plugin') return { plugin: read.plugin, issues: [] };
    const position = placeIn(files.entry, { line: 1, column: 1, length: 1 });
    const issues = read.problems.map((problem) => ({
      ...NO_PLUGIN,
      message: `${subject} ${problem}`,
      position,
    }));
    return { issues };
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const at = placeInStack(error, files.texts.keys());
    const position = at && { position: placeIn(at.path, { ...at, length: 1 }) };
    return { issues: [{ ...CANNOT_LOAD, message: `${subject} threw ${reason}`, ...position }] };
  }
}

function repeatedNames(outcomes: readonly Outcome[]): ConfigIssue[] {
  const seen = new Map<string, PluginLocation>();
  return outcomes.flatMap(({ plugin, location }) => {
    if (plugin === undefined) return [];
    const { name } = plugin.plugin;
    const other = seen.get(name);
    if (other === undefined) {
      seen.set(name, location);
      return [];
    }
    const message = `${subjectOf(location)} has the name of ${subjectOf(other)}, '${name}'; choose another one`;
    return [{ ...NO_PLUGIN, message }];
  });
}

const subjectOf = (location: PluginLocation): string =>
  location.kind === 'file'
    ? `the plugin ${shownPath(location.path)}`
    : `the plugin package '${location.name}'`;
