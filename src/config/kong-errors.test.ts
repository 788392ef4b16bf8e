/** Refusals in the form of Kong's Admin API. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../errors.ts';
import { kongErrorBody } from './kong-errors.ts';
import { loadConfig } from './load.ts';

function bodyOf(document: object, flatten = false) {
  const value = { _format_version: '3.0', ...document };
  try {
    loadConfig({ kind: 'object', value }, { plugins: ['jwt'], now: 0 });
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return kongErrorBody(error, { flatten });
  }
  return assert.fail('was accepted');
}

// A null prototype is part of deep equality; what goes over the wire is JSON.
const plain = (value: object): unknown => JSON.parse(JSON.stringify(value));

const CASES: readonly (readonly [string, object, object, string])[] = [
  [
    'a field',
    { services: [{ name: 's' }] },
    { services: [{ host: 'required field missing' }] },
    '{services={{host="required field missing"}}}',
  ],
  [
    'the second of two',
    { services: [{ host: 'a' }, { host: 'b', port: 'x' }] },
    { services: [null, { port: 'expected an integer' }] },
    '{services={[2]={port="expected an integer"}}}',
  ],
  [
    'a name that is no identifier',
    { 'a-b': 1 },
    { 'a-b': 'unknown field' },
    '{["a-b"]="unknown field"}',
  ],
  [
    'a name of Object',
    { constructor: 1 },
    { constructor: 'unknown field' },
    '{constructor="unknown field"}',
  ],
  [
    'a rule of an entity',
    { consumers: [{ tags: ['t'] }] },
    {
      consumers: [
        { '@entity': ["at least one of these fields must be non-empty: 'custom_id', 'username'"] },
      ],
    },
    `{consumers={{["@entity"]={"at least one of these fields must be non-empty: 'custom_id', 'username'"}}}}`,
  ],
];

for (const [name, document, fields, message] of CASES) {
  test(name, () => {
    assert.deepEqual(plain(bodyOf(document)), {
      code: 14,
      name: 'invalid declarative configuration',
      message: `declarative config is invalid: ${message}`,
      fields,
    });
  });
}

test('flattened: the entity leaves the fields, the rest stays', () => {
  const service = { name: 's', tags: ['t'], port: 'x' };
  const body = bodyOf({ services: [{ ...service, routes: [] }], bogus: 1 }, true);
  assert.deepEqual(plain(body), {
    code: 14,
    name: 'invalid declarative configuration',
    message: 'declarative config is invalid: {bogus="unknown field"}',
    fields: { bogus: 'unknown field' },
    flattened_errors: [
      {
        entity_type: 'service',
        entity_name: 's',
        entity_tags: ['t'],
        entity: service,
        errors: [
          { type: 'field', field: 'port', message: 'expected an integer' },
          { type: 'field', field: 'host', message: 'required field missing' },
        ],
      },
    ],
  });
});

test('a violation in a nested list is filed under the kind', () => {
  const credentials = {
    jwt_secrets: [
      { key: 'k', secret: 'a' },
      { key: 'k', secret: 'b' },
    ],
  };
  const { fields } = bodyOf({ consumers: [{ username: 'c', ...credentials }] });
  const message = "uniqueness violation: 'jwt_secrets' entity with key set to 'k' already declared";
  assert.deepEqual(plain(fields), { jwt_secrets: [null, message] });
});

test('an error carries no secret where logs would show it', () => {
  const value = { _format_version: '3.0', jwt_secrets: [{ key: 'k', secret: 'hidden' }] };
  assert.throws(
    () => loadConfig({ kind: 'object', value }, { plugins: [], now: 0 }),
    (error) => error instanceof ConfigError && !JSON.stringify(error.issues).includes('hidden'),
  );
});
