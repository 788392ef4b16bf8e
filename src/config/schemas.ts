/** Reads `schemas/` once and answers questions about it: fields, keys and relations of every entity and plugin. */
import { readFileSync, readdirSync } from 'node:fs';
import type { EntityKind } from './types.ts';

/** One field; the keywords are explained in `schemas/README.md`. */
export interface FieldSchema {
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  /** Values as a person would write them; shown by editors. At least one. */
  readonly examples?: readonly unknown[];
  /** An explicit null stays null although the field has a default. */
  readonly nullable?: true;
  readonly enum?: readonly (string | number)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly minProperties?: number;
  readonly items?: FieldSchema;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | FieldSchema;
  readonly 'x-kong-type'?: 'set' | 'map';
  readonly 'x-kong-foreign'?: EntityKind;
  readonly 'x-kong-auto'?: 'uuid' | 'token' | 'created' | 'updated' | 'digest';
  readonly 'x-kong-required'?: true;
  readonly 'x-kong-unique'?: true;
  readonly 'x-kong-referenceable'?: true;
  readonly 'x-kong-write-only'?: true;
  readonly 'x-kong-replaced-by'?: string;
  readonly 'x-kong-shorthand'?: readonly string[];
  readonly 'x-kong-members'?: EntityKind;
  readonly 'x-kong-sparse'?: true;
  readonly 'x-kong-enterprise'?: true;
  readonly 'x-kong-default-if'?: ConditionalDefault;
  readonly 'x-kong-check'?: string;
  readonly 'x-kong-entity-checks'?: readonly EntityCheck[];
}

export interface ConditionalDefault {
  readonly field: string;
  readonly contains: readonly string[];
  readonly default: unknown;
}

/** A record of fields: an entity, or the config of a plugin. */
export interface RecordSchema extends FieldSchema {
  readonly title: string;
  readonly description: string;
  readonly properties: Readonly<Record<string, FieldSchema>>;
}

export interface EntitySchema extends RecordSchema {
  readonly 'x-kong-singular': string;
  readonly 'x-kong-admin-name'?: string;
  readonly 'x-kong-endpoint-key'?: string;
  readonly 'x-kong-cache-key'?: readonly string[];
  readonly 'x-kong-cache-key-if-set'?: readonly string[];
}

export interface PluginSchema extends RecordSchema {
  readonly 'x-kong-protocols': readonly string[];
  readonly 'x-kong-scopes': readonly string[];
}

/** The plugins that a document may name, with the schemas of their configs. */
export type PluginSchemas = ReadonlyMap<string, PluginSchema>;

/** A rule about several fields of one record; named as in Kong. */
export type EntityCheck =
  | { readonly at_least_one_of: readonly string[] }
  | { readonly only_one_of: readonly string[] }
  | { readonly mutually_required: readonly string[] }
  | { readonly mutually_exclusive: readonly string[] }
  | { readonly distinct: readonly string[] }
  | { readonly conditional: ConditionalCheck }
  | { readonly custom: string };

export interface ConditionalCheck {
  readonly if_field: string;
  readonly if_match: FieldMatch;
  readonly then_field: string;
  readonly then_match: FieldMatch;
  readonly then_err?: string;
}

export interface FieldMatch {
  readonly one_of?: readonly unknown[];
  readonly not_one_of?: readonly unknown[];
  readonly elements?: { readonly not_one_of: readonly unknown[] };
  readonly gt?: number;
  readonly eq?: null;
  readonly required?: boolean;
  readonly contains?: string;
  readonly len_eq?: number;
  readonly check?: string;
}

/** A field of one entity that refers to another. */
export interface ForeignKey {
  readonly field: string;
  readonly to: EntityKind;
  readonly required: boolean;
}

/** A kind that may be nested under a parent, and its field that then refers to the parent. */
export interface ChildKind {
  readonly kind: EntityKind;
  readonly field: string;
}

/** Every kind, parents before the children that need them. */
export const ENTITY_KINDS = [
  'certificates',
  'snis',
  'ca_certificates',
  'vaults',
  'key_sets',
  'keys',
  'services',
  'routes',
  'consumers',
  'consumer_groups',
  'consumer_group_consumers',
  'plugins',
  'upstreams',
  'targets',
  'jwt_secrets',
  'keyauth_credentials',
  'basicauth_credentials',
  'hmacauth_credentials',
  'acls',
] as const satisfies readonly EntityKind[];

const ROOT = new URL('../../schemas/', import.meta.url);

const readText = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

// The files are our own; `schemas.test.ts` checks that they have the shape they are given here.
const entitySchemas: ReadonlyMap<EntityKind, EntitySchema> = new Map(
  ENTITY_KINDS.map((kind): [EntityKind, EntitySchema] => [
    kind,
    JSON.parse(readText(`entities/${kind}.json`)),
  ]),
);

/** Names of the plugins of this build, in alphabetical order. */
export const PLUGIN_NAMES: readonly string[] = readdirSync(new URL('plugins/', ROOT))
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length))
  .toSorted();

/** Of the plugins of this build, in the order of their names. */
export const BUNDLED_SCHEMAS: PluginSchemas = new Map(
  PLUGIN_NAMES.map((name): [string, PluginSchema] => [
    name,
    JSON.parse(readText(`plugins/${name}.json`)),
  ]),
);

/** The schema of the whole document, whose entity lists are `$ref`s. */
export const DOCUMENT_SCHEMA: RecordSchema = JSON.parse(readText('kong.json'));

export const isEntityKind = (text: string): text is EntityKind =>
  (ENTITY_KINDS as readonly string[]).includes(text); // widened for `includes` only

export function entitySchema(kind: EntityKind): EntitySchema {
  const schema = entitySchemas.get(kind);
  if (schema === undefined) throw new Error(`no schema for ${kind}`);
  return schema;
}

/** The schema of a plugin's config, or `undefined` when there is no such plugin. */
export const pluginSchema = (
  name: string,
  plugins: PluginSchemas = BUNDLED_SCHEMAS,
): PluginSchema | undefined => plugins.get(name);

/** The schema of a record's member; `undefined` also for names that every object inherits. */
export function memberSchema(
  schema: FieldSchema | undefined,
  name: string,
): FieldSchema | undefined {
  const properties = schema?.properties;
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** The kind of a flattened error (`service` for `services`). */
export const singularName = (kind: EntityKind): string => entitySchema(kind)['x-kong-singular'];

/** The collection's path on the Admin API (`key-auths` for `keyauth_credentials`). */
export const adminName = (kind: EntityKind): string =>
  entitySchema(kind)['x-kong-admin-name'] ?? kind;

/** What a string reference may name besides the id, if anything. */
export const endpointKey = (kind: EntityKind): string | undefined =>
  entitySchema(kind)['x-kong-endpoint-key'];

/** The fields the deterministic id is computed from; `ifSet` are appended only where they are set. */
export function cacheKey(
  kind: EntityKind,
): { readonly fields: readonly string[]; readonly ifSet: readonly string[] } | undefined {
  const schema = entitySchema(kind);
  const fields = schema['x-kong-cache-key'];
  return fields && { fields, ifSet: schema['x-kong-cache-key-if-set'] ?? [] };
}

/** The fields that refer to other entities, in schema order. */
export const foreignKeys = (kind: EntityKind): readonly ForeignKey[] =>
  FOREIGN_KEYS.get(kind) ?? [];

/** The fields of a plugin's config that refer to entities. */
export const configForeignKeys = (plugin: unknown): readonly ForeignKey[] =>
  (typeof plugin === 'string' && CONFIG_FOREIGN_KEYS.get(plugin)) || [];

/** The kinds that may be nested under `kind`, below their plural names. */
export const childKinds = (kind: EntityKind): readonly ChildKind[] => CHILD_KINDS.get(kind) ?? [];

/** Fields whose values no two entities of the kind share. */
export const uniqueFields = (kind: EntityKind): readonly string[] => UNIQUE_FIELDS.get(kind) ?? [];

const FOREIGN_KEYS: ReadonlyMap<EntityKind, readonly ForeignKey[]> = new Map(
  ENTITY_KINDS.map((kind) => [kind, readForeignKeys(entitySchema(kind))]),
);

const CONFIG_FOREIGN_KEYS: ReadonlyMap<string, readonly ForeignKey[]> = new Map(
  [...BUNDLED_SCHEMAS].map(([name, schema]) => [name, readForeignKeys(schema)]),
);

const CHILD_KINDS: ReadonlyMap<EntityKind, readonly ChildKind[]> = new Map(
  ENTITY_KINDS.map((parent) => [
    parent,
    ENTITY_KINDS.flatMap((kind) =>
      foreignKeys(kind)
        .filter((key) => key.to === parent)
        .map((key) => ({ kind, field: key.field })),
    ),
  ]),
);

const UNIQUE_FIELDS: ReadonlyMap<EntityKind, readonly string[]> = new Map(
  ENTITY_KINDS.map((kind) => [
    kind,
    Object.entries(entitySchema(kind).properties)
      .filter(([, field]) => field['x-kong-unique'])
      .map(([name]) => name),
  ]),
);

function readForeignKeys(schema: RecordSchema): ForeignKey[] {
  return Object.entries(schema.properties).flatMap(([field, { 'x-kong-foreign': to }]) =>
    to === undefined ? [] : [{ field, to, required: schema.required?.includes(field) ?? false }],
  );
}
