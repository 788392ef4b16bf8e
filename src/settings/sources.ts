/** Where values come from: defaults < kong.conf < environment < flags; unknown and unsupported names. */
import {
  ALIASES,
  HONOURED,
  NOT_SETTINGS,
  OWN_VARIABLES,
  REFUSED,
  SERVICE_URL,
  SERVICE_VARIABLE,
  WITHOUT_EFFECT,
  type PropertyType,
} from './properties.ts';
import { parseConfFile } from './conf-file.ts';
import { parseBoolean, parseList } from './values.ts';

export interface SettingsInput {
  /** By kong.conf name; what the command line gave. */
  readonly flags?: Readonly<Record<string, string | undefined>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Must exist. Absent: `/etc/kong/kong.conf`, then `/etc/kong.conf`, then none. */
  readonly confPath?: string | undefined;
  /** Throws when there is no such file. */
  readonly readFile: (path: string) => string;
}

/** Raw text by property; an entry with `undefined` was unset on purpose. */
export type RawValues = ReadonlyMap<string, string | undefined>;

export interface Reports {
  readonly problem: (text: string) => void;
  readonly warning: (text: string) => void;
}

const DEFAULT_PATHS = ['/etc/kong/kong.conf', '/etc/kong.conf'];
const ENV_PREFIX = 'KONG_';

/** Merges the sources without looking at what the names mean. */
export function collectValues(input: SettingsInput, reports: Reports): RawValues {
  const values = new Map<string, string | undefined>();
  for (const [name, value] of readConf(input, reports)) values.set(name, emptyIsUnset(value));
  for (const [name, value] of Object.entries(input.env ?? {})) {
    if (!name.startsWith(ENV_PREFIX) || value === undefined) continue;
    values.set(name.slice(ENV_PREFIX.length).toLowerCase(), emptyIsUnset(value.trim()));
  }
  for (const [variable, name] of OWN_VARIABLES) {
    const value = input.env?.[variable];
    if (value !== undefined) values.set(name, emptyIsUnset(value.trim()));
  }
  for (const [name, value] of Object.entries(input.flags ?? {})) {
    if (value !== undefined) values.set(name, emptyIsUnset(value));
  }
  return values;
}

const emptyIsUnset = (value: string): string | undefined => (value === '' ? undefined : value);

function readConf(input: SettingsInput, reports: Reports): ReadonlyMap<string, string> {
  const found = foundConf(input);
  if (found !== undefined) return parseConfFile(found.text);
  if (input.confPath !== undefined) reports.problem(`no file at: ${input.confPath}`);
  return new Map();
}

/** The kong.conf that counts, if there is one. */
export function foundConf({
  confPath,
  readFile,
}: SettingsInput): { readonly path: string; readonly text: string } | undefined {
  for (const path of confPath === undefined ? DEFAULT_PATHS : [confPath]) {
    try {
      return { path, text: readFile(path) };
    } catch {
      // The next one, if there is one.
    }
  }
  return undefined;
}

/**
 * Puts aliases in their place and reports names that mean nothing here. The result has honoured
 * names only, defaults not yet filled in.
 */
export function sortNames(values: RawValues, reports: Reports): RawValues {
  const honoured = new Map<string, string | undefined>();
  for (const [name, value] of values) {
    if (HONOURED.has(name)) honoured.set(name, value);
    else if (!ALIASES.has(name)) reportForeign(name, value, reports);
  }
  for (const [alias, name] of ALIASES) {
    const isProxyBlock = alias.startsWith('nginx_proxy_') && name.startsWith('nginx_http_');
    // The server's block overrides the http block around it; other aliases only stand in.
    if (values.has(alias) && (isProxyBlock || !values.has(name))) {
      honoured.set(name, values.get(alias));
    }
  }
  return honoured;
}

function reportForeign(name: string, value: string | undefined, reports: Reports): void {
  const refusal = REFUSED.get(name);
  if (refusal !== undefined) {
    if (value === undefined || refusal.off.includes(value.toLowerCase())) return;
    if (refusal.off.includes(value)) return;
    reports.problem(`${name} = ${value} is not supported: ${refusal.hint}`);
    return;
  }
  if (NOT_SETTINGS.has(name) || WITHOUT_EFFECT.some((pattern) => pattern.test(name))) return;
  if (SERVICE_VARIABLE.test(name)) return;
  if (name.endsWith('_port') && SERVICE_URL.test(value ?? '')) return;
  if (/^nginx_(http|proxy|admin|status|upstream|location)_/.test(name)) {
    reports.warning(`${name} is ignored: there is no such nginx directive here`);
    return;
  }
  const near = nearest(name);
  const question = near === undefined ? '' : `; did you mean ${near}?`;
  reports.warning(`unknown setting ${name}${question}`);
}

/** The known name with the fewest edits, if it is near enough to be meant. */
export const nearest = (name: string): string | undefined =>
  nearestOf(name, [...HONOURED.keys(), ...ALIASES.keys(), ...REFUSED.keys()]);

/** The same for other names. */
export function nearestOf(name: string, names: readonly string[]): string | undefined {
  const candidates = names.map((known) => ({ known, distance: editDistance(name, known) }));
  const [best] = candidates.toSorted((a, b) => a.distance - b.distance);
  const limit = Math.max(1, Math.floor(name.length / 4));
  return best !== undefined && best.distance <= limit ? best.known : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

const REFERENCE = /^\{vault:\/\/([^/]+)\/([^/}]+)(?:\/([^/}]+))?\}$/;

/**
 * Replaces `{vault://env/name}` by the variable's value; a second part picks a member of a JSON
 * value. Errors name the reference, never the value.
 */
export function dereference(
  values: RawValues,
  env: Readonly<Record<string, string | undefined>>,
  reports: Reports,
): RawValues {
  const prefix = values.get('vault_env_prefix') ?? '';
  const resolve = (text: string, option: string): string => {
    if (!text.startsWith('{vault://')) return text;
    const { value, reason } = resolveReference(text, prefix, env);
    if (value !== undefined) return value;
    reports.problem(`failed to dereference '${text}': ${reason} for config option '${option}'`);
    return text;
  };
  const resolved = new Map<string, string | undefined>();
  for (const [name, text] of values) {
    const isList = HONOURED.get(name)?.type === 'list';
    if (text === undefined || !text.includes('{vault://')) resolved.set(name, text);
    else if (!isList) resolved.set(name, resolve(text, name));
    else {
      const elements = parseList(text).map((part, index) => resolve(part, `${name}[${index + 1}]`));
      resolved.set(name, elements.join(','));
    }
  }
  return resolved;
}

function resolveReference(
  text: string,
  prefix: string,
  env: Readonly<Record<string, string | undefined>>,
): { readonly value?: string; readonly reason?: string } {
  const [, vault, resource, key] = REFERENCE.exec(text) ?? [];
  if (vault === undefined || resource === undefined) return { reason: 'not a reference' };
  if (vault !== 'env') return { reason: `vault not found (${vault})` };
  const variable = `${prefix}${resource}`.toUpperCase().replaceAll('-', '_');
  const value = env[variable];
  if (value === undefined)
    return { reason: `could not get value from external vault (no value found)` };
  if (key === undefined) return { value };
  try {
    const parsed: unknown = JSON.parse(value);
    const member: unknown =
      typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, key) : undefined;
    if (typeof member === 'string') return { value: member };
  } catch {
    // Said below: the text of the error could show the value.
  }
  return { reason: `subfield '${key}' not found` };
}

/** How `GET /` shows a value. */
export function shownValue(type: PropertyType, text: string | undefined): unknown {
  if (text === undefined) return undefined;
  if (type === 'boolean') return parseBoolean(text);
  if (type === 'list') return parseList(text);
  if (type === 'integer' || type === 'number') return Number(text);
  return text;
}
