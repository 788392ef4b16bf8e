/** One field of `schemas/` as the JSON Schema that editors read. */
import type { FieldSchema } from '../schemas.ts';
import { REFERENCE_INSIDE, keyPattern, textPattern } from './patterns.ts';
import { ruleSchemas } from './rules.ts';

/** A JSON Schema of draft-07. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** The schema of a record. */
export interface RecordJsonSchema extends JsonSchema {
  readonly properties: Readonly<Record<string, JsonSchema>>;
  /** Rules about several fields. */
  readonly allOf?: readonly JsonSchema[];
}

const VAULT_REFERENCE = String.raw`^\{vault://[^}]+\}$`;

/** What a person may write for a field: its own type, or null, which counts as unset. */
export function fieldSchema(field: FieldSchema, need: Need = 'optional'): JsonSchema {
  const value = valueSchema(field);
  const { default: fallback, description = '' } = field;
  const holdsRecords = field.type === 'object' || field.items?.properties !== undefined;
  return {
    description: [description, whenUnset(field, need), holdsRecords ? exampleText(field) : '']
      .filter((sentence) => sentence !== '')
      .join(' '),
    ...(fallback !== undefined && { default: fallback }),
    ...(holdsRecords ? snippets(field) : { examples: field.examples ?? [] }),
    ...(need === 'required' ? value : orNull(value)),
  };
}

/**
 * A record among `examples` is `[object Object]` in what yaml-language-server suggests and inserts; it
 * stands in the description instead, and is suggested as a snippet.
 */
const exampleText = ({ examples: [example] = [] }: FieldSchema): string =>
  example === undefined ? '' : `Example: ${JSON.stringify(example)}`;

function snippets({ examples: [example] = [] }: FieldSchema): JsonSchema {
  if (Array.isArray(example) || Object.keys(Object(example)).length === 0) return {};
  return { defaultSnippets: [{ label: JSON.stringify(example), body: example }] };
}

/** Whether a field must be written; the name of the shorthand that may stand for it. */
export type Need = 'required' | 'optional' | { readonly unless: string };

/** A record's members and the rules about them. */
export function recordSchema(record: FieldSchema): RecordJsonSchema {
  const fields = Object.entries(record.properties ?? {});
  const properties = fields.map(
    ([name, field]) => [name, fieldSchema(field, needOf(name, record))] as const,
  );
  const required = fields
    .map(([name]) => name)
    .filter((name) => needOf(name, record) === 'required');
  const rules = ruleSchemas(record);
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
    ...(rules.length > 0 && { allOf: rules }),
  };
}

function needOf(name: string, record: FieldSchema): Need {
  if (!record.required?.includes(name)) return 'optional';
  const shorthand = Object.entries(record.properties ?? {}).find(([, field]) =>
    field['x-kong-shorthand']?.includes(name),
  );
  return shorthand === undefined ? 'required' : { unless: shorthand[0] };
}

/** A reference by id. */
const ID_RECORD: JsonSchema = {
  type: 'object',
  properties: {
    id: { description: 'Id of the entity. Required.', ...textKeywords('uuid', false) },
  },
  required: ['id'],
  additionalProperties: false,
};

/** A reference: a name or an id, or a record with the id. */
const REFERENCE: JsonSchema = { anyOf: [{ type: 'string', minLength: 1 }, ID_RECORD] };

/** A reference where a name is refused: beside the parent of a nested plugin. */
export const ID_REFERENCE: JsonSchema = { anyOf: [ID_RECORD, { type: 'null' }] };

/** The value alone, without null. Duplicates in a set are dropped when it is loaded, so they are no mistake. */
function valueSchema(field: FieldSchema): JsonSchema {
  if (field['x-kong-foreign'] !== undefined) return REFERENCE;
  if (field.properties !== undefined) return recordSchema(field);
  const { type, items, additionalProperties, 'x-kong-check': check } = field;
  if (type === 'array') {
    return {
      type,
      ...(field.minItems !== undefined && { minItems: field.minItems }),
      ...(items !== undefined && { items: valueSchema(items) }),
    };
  }
  if (type === 'object') return mapSchema(additionalProperties, check);
  if (field.enum !== undefined) return { anyOf: [limits(field), WHOLE_REFERENCE] };
  if (type === 'string') {
    return { ...limits(field), ...textKeywords(check, field['x-kong-referenceable'] ?? false) };
  }
  if (type === undefined) return {};
  return { ...limits(field), type: [type, 'string'], ...wholeReference(`Write ${aOrAn(type)}`) };
}

/** A value that is `${NAME}` takes the type of its field once it is replaced. */
const wholeReference = (instead: string): JsonSchema => ({
  pattern: String.raw`^\$\{.+\}$`,
  patternErrorMessage: `${instead}, or a reference such as \${NAME}.`,
});

const WHOLE_REFERENCE: JsonSchema = {
  type: 'string',
  ...wholeReference('Write one of the allowed values'),
};

const aOrAn = (type: string): string => `${type === 'integer' ? 'an' : 'a'} ${type}`;

function mapSchema(
  members: FieldSchema['additionalProperties'],
  check: string | undefined,
): JsonSchema {
  const keys = check === undefined ? undefined : keyPattern(check);
  return {
    type: 'object',
    ...(keys !== undefined && { propertyNames: { pattern: keys } }),
    ...(typeof members === 'object' && { additionalProperties: orNull(valueSchema(members)) }),
  };
}

function limits(field: FieldSchema): JsonSchema {
  const { type, enum: values, minimum, maximum, exclusiveMinimum, minLength } = field;
  const all = { type, enum: values, minimum, maximum, exclusiveMinimum, minLength };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function textKeywords(check: string | undefined, isReferenceable: boolean): JsonSchema {
  const found = check === undefined ? undefined : textPattern(check);
  if (found === undefined) return { type: 'string' };
  const { pattern, message } = found;
  return {
    type: 'string',
    pattern: [REFERENCE_INSIDE, ...(isReferenceable ? [VAULT_REFERENCE] : []), pattern].join('|'),
    patternErrorMessage: message,
  };
}

function orNull(schema: JsonSchema): JsonSchema {
  const { type, anyOf } = schema;
  if (Array.isArray(anyOf)) return { ...schema, anyOf: [...anyOf, { type: 'null' }] };
  return type === undefined ? schema : { ...schema, type: [type, 'null'].flat() };
}

/** What holds while the field is not written. */
function whenUnset(field: FieldSchema, need: Need): string {
  if (need === 'required') return 'Required.';
  if (need !== 'optional') return `Required unless \`${need.unless}\` is set.`;
  if (field['x-kong-auto'] !== undefined) return 'Made when unset.';
  if (field.default === undefined) return 'No default.';
  const special = field['x-kong-default-if'];
  const other =
    special === undefined
      ? ''
      : `; ${JSON.stringify(special.default)} where ${special.field} has ${special.contains.join(' or ')}`;
  return `Default: ${JSON.stringify(field.default)}${other}.`;
}
