/** The schemas in the form that Kong's `GET /schemas/…` has: `fields` as a list of objects of one member each. */
import {
  entitySchema,
  foreignKeys,
  pluginSchema,
  type EntityCheck,
  type FieldMatch,
  type FieldSchema,
  type PluginSchemas,
} from './schemas.ts';
import type { EntityKind } from './types.ts';

/** One field: its name is the only member. */
export type KongField = Readonly<Record<string, KongFieldSchema>>;
export type KongFieldSchema = Readonly<Record<string, unknown>>;

export interface KongSchema {
  readonly fields: readonly KongField[];
  readonly entity_checks?: readonly object[];
}

/** `GET /schemas/<entity>`. */
export function kongEntitySchema(kind: EntityKind): KongSchema {
  const schema = entitySchema(kind);
  return withChecks(fieldsOf(schema), schema['x-kong-entity-checks']);
}

/** `GET /schemas/plugins/<name>`; `undefined` when there is no such plugin. */
export function kongPluginSchema(name: string, plugins?: PluginSchemas): KongSchema | undefined {
  const schema = pluginSchema(name, plugins);
  if (schema === undefined) return undefined;
  const { properties } = entitySchema('plugins');
  const foreign = foreignKeys('plugins').map(({ field }): KongField => {
    const described = describe(properties[field] ?? {}, false);
    return {
      [field]: schema['x-kong-scopes'].includes(field) ? described : { ...described, eq: null },
    };
  });
  const protocols = {
    type: 'set',
    required: true,
    default: schema['x-kong-protocols'],
    elements: { type: 'string', one_of: schema['x-kong-protocols'] },
    description: properties['protocols']?.description,
  };
  const { description } = schema;
  const config = { type: 'record', required: true, description, fields: fieldsOf(schema) };
  return withChecks([...foreign, { protocols }, { config }], schema['x-kong-entity-checks']);
}

/** `GET /schemas/vaults/env`, the only kind of vault. */
export function kongVaultSchema(): KongSchema {
  const { config } = entitySchema('vaults').properties;
  return { fields: [{ config: describe(config ?? {}, true) }] };
}

/** Fields that Kong has not, and that are not there while they are unset: its schemas do not show them either. */
const isOwn = (field: FieldSchema): boolean =>
  field['x-kong-sparse'] === true && field['x-kong-enterprise'] === true;

function fieldsOf(schema: FieldSchema): KongField[] {
  return Object.entries(schema.properties ?? {})
    .filter(([, field]) => !field['x-kong-write-only'] && !isOwn(field))
    .map(([name, field]) => ({
      [name]: describe(field, schema.required?.includes(name) ?? false),
    }));
}

/** A record whose members stand in for it when it is unset: Kong calls those required. */
const isFilled = ({ properties, default: unset }: FieldSchema): boolean =>
  properties !== undefined && unset !== undefined;

/** Members that say nothing are left out, as in Kong. */
function describe(field: FieldSchema, isRequired: boolean): KongFieldSchema {
  const auto = field['x-kong-auto'];
  const { properties, items, additionalProperties } = field;
  const members: KongFieldSchema = {
    type: kongType(field),
    description: field.description,
    reference: field['x-kong-foreign'],
    required: isRequired || field['x-kong-required'] || isFilled(field) || undefined,
    unique: field['x-kong-unique'],
    referenceable: field['x-kong-referenceable'],
    auto: auto === undefined || auto === 'digest' ? undefined : true,
    uuid: auto === 'uuid' || field['x-kong-check'] === 'uuid' || undefined,
    timestamp: auto === 'created' || auto === 'updated' || undefined,
    // The default of a record is that of its members.
    default: properties === undefined ? field.default : undefined,
    one_of: field.enum,
    between: field.minimum === undefined ? undefined : [field.minimum, field.maximum],
    gt: auto === undefined ? field.exclusiveMinimum : undefined,
    len_min: field.minItems,
    elements: items && describe(items, false),
    fields: properties && fieldsOf(field),
    ...(typeof additionalProperties === 'object' && {
      keys: { type: 'string' },
      values: describe(additionalProperties, false),
    }),
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function kongType(field: FieldSchema): string | undefined {
  if (field['x-kong-foreign'] !== undefined) return 'foreign';
  return field['x-kong-type'] ?? (field.type === 'object' ? 'record' : field.type);
}

/** What only code can say is no part of the document, as Kong's functions are none. */
function withChecks(fields: readonly KongField[], checks: readonly EntityCheck[] = []): KongSchema {
  const shown = checks.flatMap((check): object[] => {
    if ('custom' in check) return [];
    if (!('conditional' in check)) return [check];
    const { then_match: match, ...conditional } = check.conditional;
    return [{ conditional: { ...conditional, then_match: withoutCode(match) } }];
  });
  return shown.length === 0 ? { fields } : { fields, entity_checks: shown };
}

function withoutCode({ check: _check, ...match }: FieldMatch): FieldMatch {
  return match;
}
