/** What JSON Schema itself can say of a document: ajv's findings in Kong's words. */
import { Ajv, type ErrorObject } from 'ajv';
import type { FieldProblem } from './checks/field-checks.ts';
import type { FieldIssue } from './checks/field-issue.ts';
import { memberSchema, type FieldSchema } from './schemas.ts';

/** The findings about one value, the most telling of a field first. */
export type SchemaCheck = (value: unknown) => FieldIssue[];

/** Keywords with code of their own elsewhere, or read by people only. */
const OTHER_KEYWORDS = [
  'x-kong-type',
  'x-kong-foreign',
  'x-kong-auto',
  'x-kong-required',
  'x-kong-unique',
  'x-kong-referenceable',
  'x-kong-write-only',
  'x-kong-replaced-by',
  'x-kong-shorthand',
  'x-kong-members',
  'x-kong-sparse',
  'x-kong-enterprise',
  'x-kong-default-if',
  'x-kong-check',
  'x-kong-singular',
  'x-kong-admin-name',
  'x-kong-endpoint-key',
  'x-kong-cache-key',
  'x-kong-cache-key-if-set',
  'x-kong-entity-checks',
  'x-kong-protocols',
  'x-kong-scopes',
];

/** `schemas.test.ts` checks the schemas against draft-07; doing it at every start costs too much. */
const ajv = new Ajv({
  strict: true,
  allErrors: true,
  verbose: true,
  ownProperties: true,
  meta: false,
  validateSchema: false,
})
  .removeKeyword('minItems')
  .addVocabulary([...OTHER_KEYWORDS, 'minItems']);

/**
 * Compiles the JSON Schema part of `schema`. Nulls must have been taken out of the value before.
 * List lengths are left to the field checks, whose messages are more exact.
 */
export function compileSchemaCheck(schema: FieldSchema): SchemaCheck {
  const validate = ajv.compile(schema);
  return (value) => {
    if (validate(value)) return [];
    const errors = (validate.errors ?? []).toSorted((a, b) => rank(a) - rank(b));
    return errors.map((error) => {
      const { path, at } = locate(error, schema);
      return { path, ...problemOf(error, at) };
    });
  };
}

/** A wrong type says more than what else follows from it. */
const rank = ({ keyword }: ErrorObject): number => (keyword === 'type' ? 0 : 1);

interface Location {
  readonly path: (string | number)[];
  /** The part of the schema that the value there belongs to. */
  readonly at: FieldSchema;
}

/** Lists have numbers; what is wrong inside of a map is reported at the map, as Kong does. */
function locate(error: ErrorObject, schema: FieldSchema): Location {
  const path: (string | number)[] = [];
  let at = schema;
  for (const step of error.instancePath.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (at.type === 'array') path.push(Number(name));
    else if (at['x-kong-type'] !== 'map') path.push(name);
    at = stepInto(at, name);
  }
  const member: unknown = error.params['missingProperty'] ?? error.params['additionalProperty'];
  return { path: typeof member === 'string' ? [...path, member] : path, at };
}

function stepInto(schema: FieldSchema, name: string): FieldSchema {
  if (schema.type === 'array') return schema.items ?? {};
  const others = schema.additionalProperties;
  return memberSchema(schema, name) ?? (typeof others === 'object' ? others : {});
}

function problemOf({ keyword, data }: ErrorObject, schema: FieldSchema): FieldProblem {
  switch (keyword) {
    case 'required':
      return { code: 'SB1102', message: 'required field missing' };
    case 'additionalProperties':
      return { code: 'SB1101', message: 'unknown field' };
    case 'type':
      return { code: 'SB1103', message: typeMessage(schema, data) };
    case 'enum':
      return { code: 'SB1104', message: `expected one of: ${(schema.enum ?? []).join(', ')}` };
    case 'minLength':
      return { code: 'SB1106', message: `length must be at least ${schema.minLength ?? 1}` };
    case 'exclusiveMinimum':
      return schema['x-kong-auto'] === undefined
        ? { code: 'SB1105', message: `value must be greater than ${schema.exclusiveMinimum ?? 0}` }
        : { code: 'SB1108', message: 'expected a valid timestamp' };
    case 'minProperties':
      return { code: 'SB1106', message: `length must be at least ${schema.minProperties ?? 1}` };
    case 'minimum':
    case 'maximum': {
      const { minimum = 0, maximum = 'inf' } = schema;
      return { code: 'SB1105', message: `value should be between ${minimum} and ${maximum}` };
    }
    default:
      throw new Error(`no message for the keyword ${keyword}`);
  }
}

function typeMessage(schema: FieldSchema, data: unknown): string {
  const kind = schema['x-kong-type'];
  // A list is a map with numbers for keys to Kong (recorded).
  if (kind === 'map' && Array.isArray(data)) return 'expected a string';
  if (kind !== undefined) return `expected a ${kind}`;
  if (schema.type === 'object') return 'expected a record';
  const article = schema.type === 'integer' || schema.type === 'array' ? 'an' : 'a';
  return `expected ${article} ${schema.type ?? 'value'}`;
}
