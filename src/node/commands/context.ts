/** What all commands share: where they read and write, and how they end. */
import { readFileSync } from 'node:fs';
import { PLUGIN_NAMES } from '../../gateway/plugins.ts';
import { loadSettings, type LoadedSettings } from '../../settings/load.ts';

/** 0 done, 1 failed, 2 wrong usage. */
export type ExitCode = 0 | 1 | 2;

/** Flags of the command line that stand for settings. */
export interface SettingFlags {
  readonly config?: readonly string[];
  readonly conf?: string;
  readonly prefix?: string;
  /** `bundled`, `off`, names, files and packages. */
  readonly plugins?: string;
  readonly dataDir?: string;
  readonly proxyListen?: string;
  readonly adminListen?: string;
  readonly adminWrite?: boolean;
  readonly statusListen?: string;
  readonly workers?: string;
  readonly logLevel?: string;
  readonly logFormat?: string;
  readonly gracePeriod?: string;
  readonly interpolate?: boolean;
  readonly watch?: boolean;
}

/** Of commands that ask an Admin API. */
export interface AdminFlags extends SettingFlags {
  /** Its token; better given in SILVERBACK_ADMIN_TOKEN, which the list of processes does not show. */
  readonly adminToken?: string;
}

export const print = (text: string): void => void process.stdout.write(`${text}\n`);
export const printError = (text: string): void => void process.stderr.write(`${text}\n`);

/** Escape sequences are for terminals, unless `NO_COLOR` (no-color.org) or `FORCE_COLOR` says otherwise. */
export function wantsColor(stream: { readonly isTTY?: boolean }): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: terminal } = process.env;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  if (no !== undefined && no !== '') return false;
  return stream.isTTY === true && terminal !== 'dumb';
}

/** kong.conf, environment and flags. Throws SettingsError. */
export function settingsFrom(
  flags: SettingFlags,
  more: Readonly<Record<string, string>> = {},
): LoadedSettings {
  return loadSettings({
    env: process.env,
    confPath: flags.conf,
    readFile: (path) => readFileSync(path, 'utf8'),
    plugins: PLUGIN_NAMES,
    isTerminal: process.stderr.isTTY,
    flags: {
      declarative_config: flags.config?.join(','),
      prefix: flags.prefix,
      plugins: flags.plugins,
      data_dir: flags.dataDir,
      proxy_listen: flags.proxyListen,
      admin_listen: flags.adminListen,
      admin_write: flags.adminWrite === true ? 'on' : undefined,
      status_listen: flags.statusListen,
      nginx_worker_processes: flags.workers,
      log_level: flags.logLevel,
      log_format: flags.logFormat,
      grace_period: flags.gracePeriod,
      // Commander sets these to true when `--no-…` is not there.
      interpolate: flags.interpolate === false ? 'off' : undefined,
      watch: flags.watch === false ? 'off' : undefined,
      ...more,
    },
  });
}

/** The header that lets a command in: `--admin-token`, SILVERBACK_ADMIN_TOKEN, or what else is known. */
export function adminHeaders(
  { adminToken }: AdminFlags,
  known?: string,
): Readonly<Record<string, string>> {
  const { SILVERBACK_ADMIN_TOKEN: fromEnv } = process.env;
  const token = adminToken ?? (fromEnv === '' ? undefined : fromEnv) ?? known;
  return token === undefined ? {} : { 'Kong-Admin-Token': token };
}
