/** The entities of `schemas/` as JSON Schema 2020-12: as the Admin API shows them, and as it takes them. */
import {
  entitySchema,
  PLUGIN_NAMES,
  pluginSchema,
  type FieldSchema,
  type RecordSchema,
} from '../../config/schemas.ts';
import type { EntityKind } from '../../config/types.ts';
import { ref, STRING, type OpenApiObject } from './parts.ts';

/** As shown, every field is there; as taken, most are not, and some are shorthands of others. */
type Side = 'answer' | 'body';

/** Names of components. */
export const answerName = (kind: EntityKind): string => entitySchema(kind)['x-kong-singular'];
export const bodyName = (kind: EntityKind): string => `${answerName(kind)}-body`;
const configName = (plugin: string): string => `plugin-${plugin}-config`;

/** The entity's own components, `${name}` and `${name}-body`. */
export function entityComponents(kind: EntityKind): OpenApiObject {
  const schema = entitySchema(kind);
  const both = { title: schema.title, description: schema.description };
  const rules = kind === 'plugins' ? { allOf: configRules() } : {};
  return {
    [answerName(kind)]: { ...both, ...answerRecord(kind, schema), ...rules },
    [bodyName(kind)]: { ...both, ...record(schema, 'body'), ...rules },
  };
}

/** `config` of each plugin of this build; one schema for what is taken and what is shown. */
export const pluginComponents = (): OpenApiObject =>
  Object.fromEntries(
    PLUGIN_NAMES.flatMap((name) => {
      const schema = pluginSchema(name);
      return schema === undefined ? [] : [[configName(name), record(schema, 'body')]];
    }),
  );

/** For each plugin: the entry has another name, or its config is the plugin's. */
const configRules = (): readonly OpenApiObject[] =>
  PLUGIN_NAMES.map((name) => ({
    anyOf: [
      { not: { properties: { name: { const: name } }, required: ['name'] } },
      { properties: { config: { anyOf: [ref(configName(name)), { type: 'null' }] } } },
    ],
  }));

function answerRecord(kind: EntityKind, schema: RecordSchema): OpenApiObject {
  const shown = record(schema, 'answer');
  if (kind !== 'certificates') return shown;
  const { properties, required } = shown;
  return {
    ...shown,
    properties: { ...asObject(properties), snis: { type: 'array', items: STRING } },
    required: [...(Array.isArray(required) ? required : []), 'snis'],
  };
}

const asObject = (value: unknown): object =>
  typeof value === 'object' && value !== null ? value : {};

/** Fields that Kong or this program leaves out while they are not set. */
const isOptional = (field: FieldSchema): boolean =>
  field['x-kong-sparse'] === true || field['x-kong-enterprise'] === true;

function record(schema: FieldSchema, side: Side): OpenApiObject {
  const fields = Object.entries(schema.properties ?? {}).filter(
    ([, field]) => side === 'body' || field['x-kong-write-only'] !== true,
  );
  const required = fields.filter(([, field]) => !isOptional(field)).map(([name]) => name);
  const isNeeded = (name: string): boolean => schema.required?.includes(name) === true;
  return {
    type: 'object',
    properties: Object.fromEntries(
      fields.map(([name, field]) => {
        const isSet = side === 'answer' && isNeeded(name);
        return [name, described(field, isSet ? typed(field, side) : orNull(field, side), side)];
      }),
    ),
    ...(side === 'answer' ? { required } : {}),
    additionalProperties: false,
  };
}

/** What a field means stands where it is shown, what to write where it is taken. */
function described(field: FieldSchema, schema: OpenApiObject, side: Side): OpenApiObject {
  const words: readonly (keyof FieldSchema)[] =
    side === 'answer' ? ['description', 'default'] : ['description', 'default', 'examples'];
  return { ...pick(field, words), ...schema };
}

function orNull(field: FieldSchema, side: Side): OpenApiObject {
  const { type, enum: values, ...rest } = typed(field, side);
  if (type === undefined) return { ...rest, ...(values === undefined ? {} : { enum: values }) };
  const allowed = Array.isArray(values) ? { enum: [...values, null] } : {};
  return { type: [type, 'null'], ...allowed, ...rest };
}

/** A reference is shown by id, and taken by whatever names the entity. */
function reference(side: Side): OpenApiObject {
  if (side === 'body') return { type: 'object', minProperties: 1 };
  return {
    type: 'object',
    properties: { id: { type: 'string', format: 'uuid' } },
    required: ['id'],
    additionalProperties: false,
  };
}

function typed(field: FieldSchema, side: Side): OpenApiObject {
  if (field['x-kong-foreign'] !== undefined) return reference(side);
  switch (field.type) {
    case 'array':
      return {
        type: 'array',
        ...(field.items === undefined ? {} : { items: typed(field.items, side) }),
        ...pick(field, ['minItems']),
      };
    case 'object':
      return objectOf(field, side);
    case 'string':
      // A reference to a vault may stand where the value would have a form.
      return field['x-kong-referenceable'] === true
        ? STRING
        : { type: 'string', ...pick(field, ['enum', 'minLength']) };
    case 'integer':
    case 'number':
    case 'boolean':
      return {
        type: field.type,
        ...pick(field, ['enum', 'minimum', 'maximum', 'exclusiveMinimum']),
      };
    default:
      return {};
  }
}

function objectOf(field: FieldSchema, side: Side): OpenApiObject {
  if (field.properties !== undefined) return record(field, side);
  const free = field.additionalProperties;
  return {
    type: 'object',
    ...(typeof free === 'object' ? { additionalProperties: typed(free, side) } : {}),
  };
}

const pick = (field: FieldSchema, names: readonly (keyof FieldSchema)[]): OpenApiObject =>
  Object.fromEntries(
    names.flatMap((name) => (field[name] === undefined ? [] : [[name, field[name]]])),
  );
