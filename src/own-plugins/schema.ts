/** The schema of an own plugin's config: checked against the part of JSON Schema that is understood, and completed. */
import { isFields, type Fields } from '../config/checks/field-issue.ts';
import { hasFieldCheck } from '../config/checks/field-checks.ts';
import { compileSchemaCheck } from '../config/json-schema.ts';
import type { FieldSchema, PluginSchema } from '../config/schemas.ts';
import { nearest } from '../config/suggest.ts';

/** Something wrong with a schema: where in it, and what. */
export interface SchemaProblem {
  readonly path: readonly string[];
  readonly message: string;
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isCount: Check = (value) => Number.isInteger(value) && Number(value) >= 0;
const isTrue: Check = (value) => value === true;
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);

const TYPES = ['string', 'integer', 'number', 'boolean', 'array', 'object'];
const RULES = [
  'at_least_one_of',
  'only_one_of',
  'mutually_required',
  'mutually_exclusive',
  'distinct',
];

/** What each keyword must be. */
const KEYWORDS: ReadonlyMap<string, readonly [check: Check, expected: string]> = new Map<
  string,
  readonly [Check, string]
>([
  ['type', [(value) => TYPES.includes(String(value)), `one of ${TYPES.join(', ')}`]],
  ['title', [isText, 'a text']],
  ['description', [isText, 'a text']],
  [
    'default',
    [(value) => value !== undefined && value !== null, 'a value; without one it is null'],
  ],
  ['examples', [Array.isArray, 'a list']],
  ['nullable', [isTrue, 'true, or not there']],
  ['enum', [(value) => Array.isArray(value) && value.length > 0, 'a list that is not empty']],
  ['minimum', [isNumber, 'a number']],
  ['maximum', [isNumber, 'a number']],
  ['exclusiveMinimum', [isNumber, 'a number']],
  ['minLength', [isCount, 'a whole number']],
  ['minItems', [isCount, 'a whole number']],
  ['minProperties', [isCount, 'a whole number']],
  ['items', [isFields, 'the schema of the elements']],
  ['properties', [isFields, 'an object of schemas']],
  ['required', [isTexts, 'a list of names']],
  ['additionalProperties', [(value) => value === false || isFields(value), 'false or a schema']],
  ['x-kong-type', [(value) => value === 'set' || value === 'map', "'set' or 'map'"]],
  ['x-kong-referenceable', [isTrue, 'true, or not there']],
  ['x-kong-check', [(value) => hasFieldCheck(String(value)), 'the name of a check that there is']],
  ['x-kong-entity-checks', [isRules, `a list of objects with one of ${RULES.join(', ')}`]],
]);

function isRules(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((rule) => {
      const [[name, fields] = ['', undefined], ...others] = isFields(rule)
        ? Object.entries(rule)
        : [];
      return others.length === 0 && RULES.includes(name) && isTexts(fields);
    })
  );
}

/** Everything that would make the schema mean something else than its author thinks. */
export function schemaProblems(schema: unknown): SchemaProblem[] {
  if (!isFields(schema) || !isFields(schema['properties'])) {
    return [{ path: [], message: "must be an object with 'properties', as in JSON Schema" }];
  }
  if ((schema['type'] ?? 'object') !== 'object') {
    return [{ path: ['type'], message: "must be 'object': a config is a record" }];
  }
  const found = fieldProblems({ ...schema, type: 'object' }, []);
  return found.length > 0 ? found : compileProblems(schema);
}

function fieldProblems(field: Fields, path: readonly string[]): SchemaProblem[] {
  const own = Object.entries(field).flatMap(([keyword, value]) => {
    const known = KEYWORDS.get(keyword);
    if (known === undefined) return [unknownKeyword(keyword, path)];
    const [check, expected] = known;
    return check(value) ? [] : [{ path: [...path, keyword], message: `must be ${expected}` }];
  });
  if (!Object.hasOwn(field, 'type')) {
    own.push({ path, message: `has no 'type'; it must be one of ${TYPES.join(', ')}` });
  }
  return [...own, ...memberProblems(field, path), ...defaultProblems(field, path, own.length > 0)];
}

function unknownKeyword(keyword: string, path: readonly string[]): SchemaProblem {
  const meant = nearest(keyword, KEYWORDS.keys());
  const advice =
    meant === undefined
      ? `use ${[...KEYWORDS.keys()].join(', ')}, or check it in 'compile' and throw a ConfigError`
      : `did you mean '${meant}'?`;
  return { path, message: `has a keyword '${keyword}' that is not understood; ${advice}` };
}

function memberProblems(field: Fields, path: readonly string[]): SchemaProblem[] {
  const { properties, items, required, additionalProperties: free } = field;
  const inside = (schema: unknown, ...steps: readonly string[]): SchemaProblem[] =>
    isFields(schema)
      ? fieldProblems(schema, [...path, ...steps])
      : [{ path: [...path, ...steps], message: 'must be a schema' }];
  const names = isFields(properties) ? Object.keys(properties) : [];
  const listed: readonly unknown[] = Array.isArray(required) ? required : [];
  return [
    ...(isFields(properties)
      ? Object.entries(properties).flatMap(([name, member]) => inside(member, 'properties', name))
      : []),
    ...(items === undefined ? [] : inside(items, 'items')),
    ...(isFields(free) ? inside(free, 'additionalProperties') : []),
    ...listed
      .filter((name) => !names.includes(String(name)))
      .map((name) => ({
        path: [...path, 'required'],
        message: `names '${String(name)}', which is no member`,
      })),
  ];
}

/** A default that its own field refuses would be refused in every config that leaves it out. */
function defaultProblems(
  field: Fields,
  path: readonly string[],
  isBroken: boolean,
): SchemaProblem[] {
  const { default: value } = field;
  if (isBroken || value === undefined) return [];
  try {
    const issues = compileSchemaCheck(complete({ ...field, type: field['type'] }))(value);
    return issues.slice(0, 1).map(({ message }) => ({
      path: [...path, 'default'],
      message: `does not fit the field: ${message}`,
    }));
  } catch {
    // Said of the whole schema, by `compileProblems`.
    return [];
  }
}

function compileProblems(schema: Fields): SchemaProblem[] {
  try {
    compileSchemaCheck(complete({ ...schema, type: 'object' }));
    return [];
  } catch (error) {
    return [{ path: [], message: error instanceof Error ? error.message : String(error) }];
  }
}

/** The schema as those of this build are: closed records, maps that say that they are some. */
function complete(field: Fields): FieldSchema {
  const { properties, items, additionalProperties: free } = field;
  const members = isFields(properties)
    ? Object.entries(properties).map(([name, member]) => [name, completeMember(member)] as const)
    : undefined;
  return {
    ...field,
    ...(members !== undefined && {
      properties: Object.fromEntries(members),
      additionalProperties: false,
    }),
    ...(items !== undefined && { items: completeMember(items) }),
    ...(members === undefined &&
      isFields(free) && { additionalProperties: complete(free), 'x-kong-type': 'map' as const }),
  };
}

const completeMember = (member: unknown): FieldSchema => complete(isFields(member) ? member : {});

export interface PluginSchemaFacts {
  readonly name: string;
  readonly protocols: readonly string[];
  readonly scopes: readonly string[];
}

/** @param schema without problems */
export function completeSchema(schema: Fields, facts: PluginSchemaFacts): PluginSchema {
  const { name, protocols, scopes } = facts;
  const description = schema['description'];
  return {
    ...complete({ ...schema, type: 'object' }),
    title: name,
    description: typeof description === 'string' ? description : `The plugin '${name}'.`,
    properties: complete(schema).properties ?? {},
    'x-kong-protocols': protocols,
    'x-kong-scopes': scopes,
  };
}
