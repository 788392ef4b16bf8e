/** `plugins`: names of this build, and files and packages with plugins of the user's own. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Reader } from './reader.ts';
import { foundConf, nearestOf, type SettingsInput } from './sources.ts';
import type { PluginLocation, Settings } from './types.ts';

/**
 * `bundled` stands for every plugin of this build, `off` in front for none. What looks like a path is a
 * file: it counts from the folder of the kong.conf that names it, or from the working directory when
 * KONG_PLUGINS or a flag does. Anything else is a package that is installed there.
 */
export function readPlugins(
  { list, problem }: Reader,
  available: readonly string[],
  input: SettingsInput,
): Pick<Settings, 'plugins' | 'ownPlugins'> {
  const names = list('plugins');
  if (names[0] === 'off') return { plugins: [], ownPlugins: [] };
  const folder = folderOf(input);
  const enabled = new Set<string>();
  const own = new Map<string, PluginLocation>();
  for (const name of names) {
    if (name === 'bundled') for (const each of available) enabled.add(each);
    else if (available.includes(name)) enabled.add(name);
    else if (isPath(name)) own.set(name, { kind: 'file', path: resolve(folder, name) });
    else if (isInstalled(name, folder, input)) own.set(name, { kind: 'package', name, folder });
    else problem(notInstalled(name, available));
  }
  return { plugins: [...enabled], ownPlugins: [...own.values()] };
}

function folderOf(input: SettingsInput): string {
  const isNamedHere = input.flags?.['plugins'] ?? input.env?.['KONG_PLUGINS'];
  const conf = isNamedHere === undefined ? foundConf(input)?.path : undefined;
  return conf === undefined ? process.cwd() : resolve(dirname(conf));
}

const isPath = (name: string): boolean =>
  /^\.{1,2}[\\/]/.test(name) || isAbsolute(name) || /\.[cm]?[jt]s$/.test(name);

const PACKAGE = /^(?:@[a-z0-9-~][\w.~-]*\/)?[a-z0-9-~][\w.~-]*$/;

/** Looks where Node would: in the node_modules of the folder and of those above it. */
function isInstalled(name: string, folder: string, { readFile }: SettingsInput): boolean {
  if (!PACKAGE.test(name)) return false;
  for (let at = folder; ; at = dirname(at)) {
    try {
      readFile(join(at, 'node_modules', name, 'package.json'));
      return true;
    } catch {
      if (at === dirname(at)) return false;
    }
  }
}

function notInstalled(name: string, available: readonly string[]): string {
  const meant = nearestOf(name, available);
  const question = meant === undefined ? '' : `did you mean ${meant}? else `;
  return `${name} plugin is enabled but not installed; ${question}remove it from 'plugins', install the package of that name, or name a file (./${name}.ts); there are: ${available.join(', ')}`;
}
