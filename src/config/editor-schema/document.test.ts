/** The published schema itself: valid, self-contained, and documented to the last field. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { isFields, type Fields } from '../checks/field-issue.ts';
import { PLUGIN_NAMES } from '../schemas.ts';
import { publishedPluginSchema, publishedSchema } from './document.ts';

const schema = publishedSchema();
const schemas: readonly (readonly [string, Fields])[] = [
  ['the schema of documents', schema],
  ...PLUGIN_NAMES.map(
    (name) => [`the schema of ${name}`, publishedPluginSchema(name) ?? {}] as const,
  ),
];

/** Every field by its place, in the records of the document and of its definitions. */
function* fieldsOf(record: Fields, place = ''): Generator<readonly [string, Fields]> {
  const { properties, definitions } = record;
  for (const [name, field] of Object.entries(isFields(properties) ? properties : {})) {
    if (!isFields(field)) continue;
    yield [`${place}/properties/${name}`, field];
    const { items } = field;
    yield* fieldsOf(field, `${place}/properties/${name}`);
    if (isFields(items)) yield* fieldsOf(items, `${place}/properties/${name}/items`);
  }
  for (const [name, each] of Object.entries(isFields(definitions) ? definitions : {})) {
    if (isFields(each)) yield* fieldsOf(each, `/definitions/${name}`);
  }
}

/** Lists of entities hold records with fields of their own. */
const isEntityList = ({ items }: Fields): boolean =>
  isFields(items) && Array.isArray(items['allOf']);

for (const [name, each] of schemas) {
  test(`${name} is draft-07, whole in itself, and every pattern compiles`, async () => {
    const ajv = new Ajv({ strict: false });
    assert.equal(each['$schema'], 'http://json-schema.org/draft-07/schema#');
    assert.equal(await ajv.validateSchema(each), true, JSON.stringify(ajv.errors));
    assert.doesNotThrow(() => ajv.compile(each)); // resolves every reference
  });

  test(`every field of ${name} has a description, an example and what it is when unset`, () => {
    const fields = [...fieldsOf(each)].filter(([, field]) => !isEntityList(field));
    assert.ok(fields.length > 0);
    for (const [place, { description, examples, default: fallback }] of fields) {
      const text = String(description);
      assert.match(text, /^[A-Z][^.]*\./, `${place} has no description`);
      const hasExample =
        (Array.isArray(examples) && examples.length > 0) || /Example: \S/.test(text);
      const isPlain = JSON.stringify(fallback) === '{}'; // an empty record says all there is to say
      assert.ok(
        hasExample || isPlain,
        `${place}: add "examples" beside its "description" in schemas/`,
      );
      assert.match(text, /Default: |No default\.|Required|Made when unset\./, place);
      assert.equal(fallback !== undefined, text.includes('Default: '), place);
    }
  });
}

test('every example is valid where it is shown', () => {
  const ajv = new Ajv({ strict: false });
  ajv.addSchema(schema, 'document');
  for (const [place, { examples }] of fieldsOf(schema)) {
    const validate = ajv.compile({ $ref: `document#${place}` });
    for (const example of Array.isArray(examples) ? examples : []) {
      assert.ok(validate(example), `${place}: ${ajv.errorsText(validate.errors)}`);
    }
  }
});

const belowConsumer = (plugin: Fields): Fields => ({
  _format_version: '3.0',
  consumers: [{ username: 'c', plugins: [plugin] }],
});

test('nested entities have no field for the parent, and only the plugins that may stand there', () => {
  const ajv = new Ajv({ strict: false });
  const validate = ajv.compile(schema);
  assert.ok(validate(belowConsumer({ name: 'correlation-id' })));
  assert.equal(validate(belowConsumer({ name: 'correlation-id', consumer: 'c' })), false);
  assert.equal(validate(belowConsumer({ name: 'jwt' })), false);
});

test('a plugin that is not in this build has no schema', () => {
  assert.equal(publishedPluginSchema('nothing'), undefined);
});
