/** The schemas themselves: valid, described, and naming nothing that does not exist. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { customCheck } from './checks/custom.ts';
import { fieldCheck } from './checks/field-checks.ts';
import {
  DOCUMENT_SCHEMA,
  ENTITY_KINDS,
  PLUGIN_NAMES,
  adminName,
  cacheKey,
  childKinds,
  endpointKey,
  entitySchema,
  foreignKeys,
  isEntityKind,
  memberSchema,
  pluginSchema,
  singularName,
  uniqueFields,
  type FieldSchema,
  type RecordSchema,
} from './schemas.ts';
import { isVaultReference } from './secrets.ts';

const all: readonly (readonly [string, RecordSchema])[] = [
  ...ENTITY_KINDS.map((kind) => [kind, entitySchema(kind)] as const),
  ...PLUGIN_NAMES.flatMap((name) => {
    const schema = pluginSchema(name);
    return schema === undefined ? [] : [[name, schema] as const];
  }),
  ['kong.json', DOCUMENT_SCHEMA],
];

/** Every field at every depth, by its dotted name. */
function* fieldsOf(schema: FieldSchema, prefix = ''): Generator<readonly [string, FieldSchema]> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    yield [prefix + name, field];
    yield* fieldsOf(field, `${prefix}${name}.`);
    if (field.items !== undefined) yield* fieldsOf(field.items, `${prefix}${name}[].`);
  }
}

/** Members of the document: what they hold has examples of its own. */
const LISTS_OF_ENTITIES: Readonly<Record<string, true>> = Object.fromEntries(
  ENTITY_KINDS.map((kind) => [kind, true]),
);

/** What the check that the field names says about a value. Vault references have no form of their own. */
function fieldProblem(field: FieldSchema, value: unknown): string | undefined {
  const check = field['x-kong-check'];
  if (check === undefined || (field['x-kong-referenceable'] && isVaultReference(value))) return;
  return fieldCheck(check)(value, {})?.message;
}

for (const [name, schema] of all) {
  test(`${name} is JSON Schema draft-07`, async () => {
    const ajv = new Ajv({ strict: false });
    assert.equal(await ajv.validateSchema(schema), true, JSON.stringify(ajv.errors));
  });

  test(`every field of ${name} has one sentence of description`, () => {
    assert.match(schema.description, /^[A-Z][^]*\.$/);
    const fields = [...fieldsOf(schema)];
    assert.ok(fields.length > 0);
    for (const [field, { description = '' }] of fields)
      assert.match(description, /^[A-Z].*\.$/, field);
  });

  test(`every field of ${name} has an example that is valid`, () => {
    const ajv = new Ajv({ strict: false });
    for (const [field, shape] of fieldsOf(schema)) {
      if (field in LISTS_OF_ENTITIES) continue;
      const { examples = [] } = shape;
      assert.ok(
        examples.length > 0,
        `add "examples": [<a value as a person would write it>] to '${field}' of ${name}, beside its "description"; ` +
          'editors show it (schemas/README.md)',
      );
      for (const example of examples) {
        assert.ok(ajv.validate(shape, example), `${field}: ${ajv.errorsText()}`);
        assert.deepEqual(fieldProblem(shape, example), undefined, field);
      }
    }
  });

  test(`every record of ${name} refuses unknown members`, () => {
    assert.equal(schema.additionalProperties, false);
    for (const [field, { properties, additionalProperties }] of fieldsOf(schema)) {
      if (properties !== undefined) assert.equal(additionalProperties, false, field);
    }
  });

  test(`every check that ${name} names exists`, () => {
    for (const [, field] of fieldsOf(schema)) {
      for (const check of [field['x-kong-check'], field.items?.['x-kong-check']]) {
        if (check !== undefined) assert.doesNotThrow(() => fieldCheck(check));
      }
    }
    for (const check of schema['x-kong-entity-checks'] ?? []) {
      if ('custom' in check) assert.doesNotThrow(() => customCheck(check.custom));
    }
  });

  test(`required fields of ${name} exist and have no default`, () => {
    for (const field of schema.required ?? []) {
      assert.notEqual(schema.properties[field], undefined, field);
      assert.equal(schema.properties[field]?.default, undefined, field);
    }
  });
}

test('the document has a list for every kind and nothing else', () => {
  const lists = Object.keys(DOCUMENT_SCHEMA.properties).filter((name) => !name.startsWith('_'));
  assert.deepEqual(lists.toSorted(), ENTITY_KINDS.toSorted());
  const files = readdirSync(new URL('../../schemas/entities/', import.meta.url));
  assert.deepEqual(files.toSorted(), ENTITY_KINDS.map((kind) => `${kind}.json`).toSorted());
});

test('keys and relations are read from the schemas', () => {
  assert.deepEqual(
    foreignKeys('plugins').map(({ field }) => field),
    ['route', 'service', 'consumer', 'consumer_group'],
  );
  assert.deepEqual(foreignKeys('targets'), [
    { field: 'upstream', to: 'upstreams', required: true },
  ]);
  assert.deepEqual(foreignKeys('routes'), [{ field: 'service', to: 'services', required: false }]);
  assert.deepEqual(childKinds('services'), [
    { kind: 'routes', field: 'service' },
    { kind: 'plugins', field: 'service' },
  ]);
  assert.deepEqual(childKinds('key_sets'), [{ kind: 'keys', field: 'set' }]);
  assert.equal(endpointKey('consumers'), 'username');
  assert.equal(endpointKey('certificates'), undefined);
  assert.deepEqual(cacheKey('plugins'), {
    fields: ['name', 'route', 'service', 'consumer'],
    ifSet: ['consumer_group'],
  });
  assert.equal(cacheKey('routes'), undefined);
  assert.deepEqual(uniqueFields('consumers'), ['username', 'custom_id']);
  assert.equal(adminName('keyauth_credentials'), 'key-auths');
  assert.equal(adminName('routes'), 'routes');
  assert.equal(singularName('ca_certificates'), 'ca_certificate');
  assert.equal(isEntityKind('services'), true);
  assert.equal(isEntityKind('toString'), false);
});

test('inherited names are no members', () => {
  assert.equal(memberSchema(entitySchema('services'), 'constructor'), undefined);
  assert.equal(memberSchema(entitySchema('services'), 'host')?.type, 'string');
});
