/** Rules about several fields as JSON Schema, never stricter than `config/checks/entity-checks.ts`. */
import {
  memberSchema,
  type ConditionalCheck,
  type EntityCheck,
  type FieldMatch,
  type FieldSchema,
} from '../schemas.ts';
import { REFERENCE_INSIDE, textPattern } from './patterns.ts';

type Schema = Readonly<Record<string, unknown>>;

/** `then` wherever `condition` holds. */
export function implies(condition: Schema, then: Schema): Schema {
  // oxlint-disable-next-line unicorn/no-thenable -- JSON Schema's own keyword; nothing awaits a schema
  return { if: condition, then };
}

/** The rules of a record that JSON Schema can say, one schema each. */
export function ruleSchemas(record: FieldSchema): Schema[] {
  const checks = record['x-kong-entity-checks'] ?? [];
  return [...shorthandRules(record), ...checks.flatMap((check) => rulesOf(check, record))];
}

/** Rules named `custom` that have a form in JSON Schema, in part at least. */
const CUSTOM_RULES: Readonly<Record<string, readonly Schema[]>> = {
  'route-matchers': [
    oneOfThese(['methods', 'hosts', 'headers', 'paths', 'snis', 'sources', 'destinations'], {
      minItems: 1,
      minProperties: 1,
    }),
  ],
};

function rulesOf(check: EntityCheck, record: FieldSchema): readonly Schema[] {
  if ('conditional' in check) return conditionalRules(check.conditional, record);
  if ('custom' in check) {
    return Object.hasOwn(CUSTOM_RULES, check.custom) ? (CUSTOM_RULES[check.custom] ?? []) : [];
  }
  const hasDefault = (name: string): boolean => fieldAt(record, name)?.default !== undefined;
  // A default counts as set: what is written does not decide then.
  if ('at_least_one_of' in check) {
    const fields = check.at_least_one_of;
    return fields.some(hasDefault) ? [] : [oneOfThese(fields)];
  }
  if ('only_one_of' in check) {
    const fields = check.only_one_of;
    return fields.some(hasDefault) ? [] : [oneOfThese(fields), ...exclusive(fields)];
  }
  if ('mutually_exclusive' in check) {
    return exclusive(check.mutually_exclusive.filter((name) => !hasDefault(name)));
  }
  if ('mutually_required' in check) {
    const fields = check.mutually_required;
    return fields.some(hasDefault) ? [] : [together(fields)];
  }
  return []; // `distinct` compares values, which JSON Schema cannot
}

function oneOfThese(fields: readonly string[], filled: Schema = {}): Schema {
  const errorMessage = `Set one of: ${fields.join(', ')}.`;
  return { anyOf: fields.map((name) => whereSet(name, { ...filled, errorMessage })) };
}

function together(fields: readonly string[]): Schema {
  const errorMessage = `Set all or none of: ${fields.join(', ')}.`;
  return implies(
    { anyOf: fields.map((name) => whereSet(name)) },
    { allOf: fields.map((name) => whereSet(name, { errorMessage })) },
  );
}

const exclusive = (fields: readonly string[]): Schema[] =>
  fields.flatMap((name, i) =>
    fields.slice(i + 1).map((other) =>
      implies(
        whereSet(name),
        within(other, {
          enum: [null, ''],
          errorMessage: `Set ${name} or ${other}, not both.`,
        }),
      ),
    ),
  );

/** What a shorthand stands for may be missing where the shorthand is written. */
function shorthandRules(record: FieldSchema): Schema[] {
  return Object.entries(record.properties ?? {}).flatMap(([name, field]) => {
    const required = field['x-kong-shorthand']?.filter((part) => record.required?.includes(part));
    return (required ?? []).map((part) => oneOfThese([part, name]));
  });
}

function conditionalRules(check: ConditionalCheck, record: FieldSchema): readonly Schema[] {
  const condition = matchSchema(check.if_match);
  const consequence = matchSchema(check.then_match);
  if (condition === undefined || consequence === undefined) return [];
  const holds = conditionSchema(check.if_field, condition, record);
  const { if_field: field, then_field: other, then_match: match } = check;
  const errorMessage = `${other} does not go with this ${field}.`;
  const isMissing = match.required === true && fieldAt(record, other)?.default === undefined;
  const value =
    match.eq === null
      ? { ...consequence, errorMessage }
      : { anyOf: [{ type: 'null' }, { ...consequence, errorMessage }] };
  return [
    implies(
      holds,
      isMissing
        ? whereSet(other, { ...consequence, errorMessage: `Set ${other} too.` })
        : within(other, value),
    ),
  ];
}

/** A value that is not known while the document is edited: `${NAME}`. */
const REFERENCE: Schema = { type: 'string', pattern: REFERENCE_INSIDE };

/** Holds also for what is unset, where the default satisfies the condition. */
function conditionSchema(name: string, condition: Schema, record: FieldSchema): Schema {
  const isDefault = satisfies(fieldAt(record, name)?.default, condition);
  const certain: Schema = { allOf: [condition, { not: REFERENCE }] };
  const value: Schema = isDefault ? { anyOf: [{ type: 'null' }, certain] } : certain;
  const plain = isDefault ? within(name, value) : whereSet(name, certain);
  const overriding = overridesOf(name, record);
  return overriding.length === 0 ? plain : { allOf: [plain, ...overriding] };
}

const OVERRIDING_ALGORITHMS = ['least-connections', 'latency'];

/** What must not be written for a field to mean what it says: a shorthand, or `algorithm` for `hash_on`. */
function overridesOf(name: string, record: FieldSchema): Schema[] {
  const shorthands = Object.entries(record.properties ?? {})
    .filter(([, field]) => field['x-kong-shorthand']?.includes(name))
    .map(([shorthand]) => within(shorthand, { type: 'null' }));
  const isHash = name === 'hash_on' && memberSchema(record, 'algorithm') !== undefined;
  const algorithm = within('algorithm', { not: { enum: OVERRIDING_ALGORITHMS } });
  return isHash ? [...shorthands, algorithm] : shorthands;
}

/** The values that match, null never among them; `undefined` for what JSON Schema cannot say. */
function matchSchema(match: FieldMatch): Schema | undefined {
  if (match.one_of !== undefined) return { enum: match.one_of };
  if (match.not_one_of !== undefined) return { not: { enum: [...match.not_one_of, null] } };
  if (match.gt !== undefined) return { type: 'number', exclusiveMinimum: match.gt };
  if (match.elements !== undefined) {
    return { type: 'array', items: { not: { enum: match.elements.not_one_of } } };
  }
  if (match.eq === null) return { type: 'null' };
  if (match.contains !== undefined) return { contains: { const: match.contains } };
  if (match.len_eq !== undefined) return { minItems: match.len_eq, maxItems: match.len_eq };
  const pattern = match.check === undefined ? undefined : textPattern(match.check)?.pattern;
  if (pattern !== undefined) return { pattern: `${REFERENCE_INSIDE}|${pattern}` };
  return match.required ? {} : undefined;
}

/** Whether a default meets a condition of `matchSchema`. */
function satisfies(value: unknown, condition: Schema): boolean {
  if (value === undefined || value === null) return false;
  const { enum: values, not, exclusiveMinimum, items } = condition;
  if (Array.isArray(values)) return values.includes(value);
  if (typeof exclusiveMinimum === 'number') {
    return typeof value === 'number' && value > exclusiveMinimum;
  }
  if (items !== undefined)
    return Array.isArray(value) && value.every((each) => isOutside(each, items));
  return not !== undefined && isOutside(value, { not });
}

/** `schema` is `{ not: { enum } }`. */
function isOutside(value: unknown, schema: unknown): boolean {
  const not: unknown =
    typeof schema === 'object' && schema !== null ? Reflect.get(schema, 'not') : {};
  const values: unknown = typeof not === 'object' && not !== null ? Reflect.get(not, 'enum') : [];
  return Array.isArray(values) && !values.includes(value);
}

// --- dotted names ---

function fieldAt(record: FieldSchema, name: string): FieldSchema | undefined {
  let field: FieldSchema | undefined = record;
  for (const step of name.split('.')) field = memberSchema(field, step);
  return field;
}

/** Fields that only rules speak of are no suggestions. */
function within(name: string, value: Schema): Schema {
  return name
    .split('.')
    .toReversed()
    .reduce<Schema>(
      (inner, step) => ({ properties: { [step]: { doNotSuggest: true, ...inner } } }),
      value,
    );
}

/** Every record on the way is there, and the value is set and fits `value`. */
function whereSet(name: string, value: Schema = {}): Schema {
  const { errorMessage } = value;
  return name
    .split('.')
    .toReversed()
    .reduce<Schema>(
      (inner, step) => ({
        required: [step],
        properties: { [step]: { doNotSuggest: true, ...inner } },
        ...(errorMessage !== undefined && { errorMessage }),
      }),
      { not: { enum: [null, ''] }, ...value },
    );
}
