/** The form of the schemas that `GET /schemas/…` shows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  kongEntitySchema,
  kongPluginSchema,
  kongVaultSchema,
  type KongSchema,
} from './kong-schema.ts';
import { ENTITY_KINDS, PLUGIN_NAMES } from './schemas.ts';

/** A field without its description, which every field has. */
function field(schema: KongSchema | undefined, name: string): Readonly<Record<string, unknown>> {
  const found = schema?.fields.find((each) => Object.hasOwn(each, name))?.[name];
  assert.ok(found !== undefined, name);
  const { description, ...rest } = found;
  assert.equal(typeof description, 'string', name);
  return rest;
}

test('fields are objects of one member, in schema order', () => {
  const { fields } = kongEntitySchema('services');
  assert.ok(fields.every((each) => Object.keys(each).length === 1));
  const names = fields.flatMap((each) => Object.keys(each));
  assert.deepEqual(names.slice(0, 5), ['id', 'created_at', 'updated_at', 'name', 'retries']);
  assert.ok(!names.includes('url'), 'a write-only member is no field');
});

test('what a field may hold is said in Kong’s members', () => {
  const services = kongEntitySchema('services');
  const routes = kongEntitySchema('routes');
  assert.deepEqual(field(services, 'id'), { type: 'string', auto: true, uuid: true });
  assert.deepEqual(field(services, 'created_at'), { type: 'integer', auto: true, timestamp: true });
  assert.deepEqual(field(services, 'name'), { type: 'string', unique: true });
  assert.deepEqual(field(services, 'host'), { type: 'string', required: true });
  assert.deepEqual(field(services, 'retries'), {
    type: 'integer',
    default: 5,
    between: [0, 32767],
  });
  assert.deepEqual(field(routes, 'service'), { type: 'foreign', reference: 'services' });
  assert.deepEqual(field(routes, 'hosts'), { type: 'array', elements: { type: 'string' } });
  assert.deepEqual(field(routes, 'path_handling'), {
    type: 'string',
    default: 'v0',
    one_of: ['v0', 'v1'],
  });
  assert.deepEqual(field(routes, 'headers'), {
    type: 'map',
    keys: { type: 'string' },
    values: { type: 'array', elements: { type: 'string' } },
  });
  const healthchecks = field(kongEntitySchema('upstreams'), 'healthchecks');
  assert.equal(healthchecks['type'], 'record');
  assert.ok(Array.isArray(healthchecks['fields']));
});

test('rules are shown as far as they are data', () => {
  assert.deepEqual(kongEntitySchema('consumers').entity_checks, [
    { at_least_one_of: ['custom_id', 'username'] },
  ]);
  const [rule] = kongEntitySchema('jwt_secrets').entity_checks ?? [];
  assert.match(JSON.stringify(rule), /"then_match":\{"required":true\}/);
  assert.ok(!('entity_checks' in kongEntitySchema('targets')));
});

test('a plugin shows its scopes, protocols and config', () => {
  const jwt = kongPluginSchema('jwt');
  assert.deepEqual(field(jwt, 'consumer'), { type: 'foreign', reference: 'consumers', eq: null });
  assert.deepEqual(field(jwt, 'service'), { type: 'foreign', reference: 'services' });
  assert.deepEqual(field(jwt, 'protocols')['default'], ['grpc', 'grpcs', 'http', 'https']);
  const { type, required, fields } = field(jwt, 'config');
  assert.deepEqual([type, required], ['record', true]);
  assert.deepEqual(Array.isArray(fields) && Object.keys(Object(fields[0])), ['uri_param_names']);
  assert.equal(kongPluginSchema('nothing'), undefined);
});

test('every schema can be shown and is JSON', () => {
  const shown = [
    ...ENTITY_KINDS.map(kongEntitySchema),
    ...PLUGIN_NAMES.map((name) => kongPluginSchema(name)),
    kongVaultSchema(),
  ];
  for (const schema of shown) {
    assert.ok(schema !== undefined && schema.fields.length > 0);
    assert.deepEqual(JSON.parse(JSON.stringify(schema)), schema);
  }
});
