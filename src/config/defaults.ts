/** Fills in what a document leaves out: defaults and short forms. Pure; ids, times and tokens are not made here. */
import { parseLooseUrl } from '../http/loose-url.ts';
import { isFields, type Fields } from './checks/field-issue.ts';
import {
  entitySchema,
  pluginSchema,
  type ConditionalDefault,
  type FieldSchema,
  type PluginSchemas,
  type RecordSchema,
} from './schemas.ts';
import type { EntityKind } from './types.ts';

/**
 * The complete entity in schema order: defaults, `null` where nothing is set, sets without
 * duplicates, a plugin's config included. Write-only members are gone. Still missing are automatic
 * values that were not given (`id`, times, tokens, digests); references stay as written.
 */
export function applyDefaults(kind: EntityKind, value: Fields, plugins?: PluginSchemas): Fields {
  const schema = entitySchema(kind);
  return kind === 'plugins' ? fillPlugin(schema, value, plugins) : fillRecord(schema, value);
}

/** The complete config of a plugin; the fields as given when there is no such plugin. */
export function applyPluginDefaults(name: string, config: Fields, plugins?: PluginSchemas): Fields {
  const schema = pluginSchema(name, plugins);
  return schema === undefined ? config : fillRecord(schema, withNewNames(schema, config));
}

function fillPlugin(schema: RecordSchema, value: Fields, plugins?: PluginSchemas): Fields {
  const { name, config } = value;
  const plugin = typeof name === 'string' ? pluginSchema(name, plugins) : undefined;
  const entity = fillRecord(schema, {
    ...value,
    protocols: value['protocols'] ?? plugin?.['x-kong-protocols'],
  });
  if (plugin === undefined) return entity;
  const given = isFields(config) ? config : {};
  return { ...entity, config: fillRecord(plugin, withNewNames(plugin, given)) };
}

/** What stands under a deprecated name also under the new one, unless something stands there (Kong). */
export function withNewNames(schema: RecordSchema, config: Fields): Fields {
  const moved = Object.entries(schema.properties).flatMap(([name, field]) => {
    const [group, member] = field['x-kong-replaced-by']?.split('.') ?? [];
    const value = config[name];
    if (group === undefined) return [];
    return value === undefined || value === null ? [] : [{ group, member, value }];
  });
  if (moved.length === 0) return config;
  const result: Record<string, unknown> = { ...config };
  for (const { group, member, value } of moved) {
    if (member === undefined) {
      result[group] ??= value;
      continue;
    }
    const record = isFields(result[group]) ? result[group] : {};
    result[group] = { ...record, [member]: record[member] ?? value };
  }
  return result;
}

function fillRecord(schema: FieldSchema, value: Fields): Fields {
  const filled: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    if (field['x-kong-write-only']) continue;
    const keepsNull = field.nullable === true && value[name] === null;
    const given = keepsNull ? null : (value[name] ?? defaultOf(field, value, schema));
    if (given !== undefined) filled[name] = fill(field, given);
    else if (!field['x-kong-auto'] && !field['x-kong-sparse']) filled[name] = null;
  }
  return filled;
}

/** A value of a field with the defaults of everything inside of it. */
export function fill(field: FieldSchema, value: unknown): unknown {
  // An empty list and an empty record are one thing in Kong.
  if (field.properties !== undefined && (isFields(value) || Array.isArray(value))) {
    return fillRecord(field, isFields(value) ? value : {});
  }
  const { additionalProperties: others } = field;
  if (typeof others === 'object' && isFields(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, fill(others, member)]),
    );
  }
  if (!Array.isArray(value)) return value;
  const { items } = field;
  const elements = items === undefined ? value : value.map((element) => fill(items, element));
  return field['x-kong-type'] === 'set' ? withoutDuplicates(elements) : elements;
}

function defaultOf(field: FieldSchema, value: Fields, schema: FieldSchema): unknown {
  const special = field['x-kong-default-if'];
  if (special !== undefined && holds(special, value, schema)) return special.default;
  // A copy: what is loaded is frozen, and the schemas are not part of it.
  return typeof field.default === 'object' ? structuredClone(field.default) : field.default;
}

function holds({ field, contains }: ConditionalDefault, value: Fields, schema: FieldSchema) {
  const list = value[field] ?? schema.properties?.[field]?.default;
  return Array.isArray(list) && contains.some((member) => list.includes(member));
}

function withoutDuplicates(elements: readonly unknown[]): unknown[] {
  const seen = new Set<string>();
  return elements.filter((element) => {
    const key = JSON.stringify(element);
    return !seen.has(key) && seen.add(key);
  });
}

/**
 * Replaces short forms by the fields they stand for: the `url` of a service, and what `hash_on` and
 * `algorithm` of an upstream say about each other. A `url` that is no text stays, to be refused.
 */
export function expandShorthands(kind: EntityKind, value: Fields): Fields {
  if (kind === 'services') return expandUrl(value);
  return kind === 'upstreams' ? alignAlgorithm(value) : value;
}

/** Kong takes nearly every text for a URL; the fields are checked after. */
function expandUrl(value: Fields): Fields {
  const { url, ...rest } = value;
  if (url === null) return rest;
  if (typeof url !== 'string' || url === '') return value;
  const parts = Object.entries(parseUrl(url)).filter(([, part]) => part !== undefined);
  return { ...rest, ...Object.fromEntries(parts) };
}

const DIGITS = /^\d+$/;

function parseUrl(url: string): Record<'protocol' | 'host' | 'port' | 'path', unknown> {
  const { scheme, host, port, path } = parseLooseUrl(url);
  const isTls = scheme === 'https' || (scheme === undefined && port === '443');
  const defaultPort = isTls ? 443 : undefined;
  return {
    protocol: scheme ?? (isTls ? 'https' : undefined),
    host,
    port: port && DIGITS.test(port) ? Number(port) : port || defaultPort,
    path,
  };
}

function alignAlgorithm(value: Fields): Fields {
  const { algorithm, hash_on: hashOn } = value;
  if (algorithm === 'least-connections' || algorithm === 'latency') {
    return { ...value, hash_on: 'none' };
  }
  if (typeof hashOn !== 'string') return value;
  return { ...value, algorithm: hashOn === 'none' ? 'round-robin' : 'consistent-hashing' };
}
