/** What the token commands read: a token, a declarative file, a private key, times. */
import { readFileSync } from 'node:fs';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { LoadedDocument } from '../../config-manager.ts';
import { createDocumentReader } from '../../document-files.ts';
import { createLoader } from '../../documents.ts';
import { loadPluginsOnce } from '../../plugin-loader.ts';
import type { Settings } from '../../../settings/types.ts';
import { settingsFrom, type SettingFlags } from '../context.ts';

const STDIN = 0;

/** The token itself, or standard input for `-`; a `Bearer` in front is left out. */
export function readToken(argument: string): string {
  const text = argument === '-' ? readFileSync(STDIN, 'utf8') : argument;
  const token = text.trim().replace(/^bearer\s+/i, '');
  if (token === '')
    throw new Error(
      'there is no token; give it as an argument, or - and send it to standard input',
    );
  return token;
}

export interface LoadedFile extends LoadedDocument {
  readonly settings: Settings;
}

/** The declarative config of `-c`, or the one that the settings name. Rejects with ConfigError. */
export async function loadDeclarative(
  paths: readonly string[] | undefined,
  flags: SettingFlags = {},
): Promise<LoadedFile> {
  const { settings } = settingsFrom(paths === undefined ? flags : { ...flags, config: paths });
  const reader = createDocumentReader(settings.declarativeConfig);
  if (reader.paths.length === 0) {
    throw new Error(
      'no declarative config; name it with -c kong.yaml, or with KONG_DECLARATIVE_CONFIG',
    );
  }
  const plugins = await loadPluginsOnce(settings);
  return { settings, ...createLoader(settings)(await reader.read(), plugins) };
}

/** A PEM private key. The message never holds a part of it. */
export function readPrivateKeyFile(file: string): KeyObject {
  const text = readFileSync(file, 'utf8');
  try {
    return createPrivateKey(text);
  } catch {
    throw new Error(
      `${file} holds no PEM private key; it should begin with -----BEGIN PRIVATE KEY-----`,
    );
  }
}

/** `name=value`; JSON text stands for its value. */
export function parseClaim(text: string): readonly [name: string, value: unknown] {
  const at = text.indexOf('=');
  if (at < 1)
    throw new Error(
      `'${text}' is no claim; write name=value, e.g. role=admin or roles='["a","b"]'`,
    );
  const value = text.slice(at + 1);
  try {
    return [text.slice(0, at), JSON.parse(value)];
  } catch {
    return [text.slice(0, at), value];
  }
}
