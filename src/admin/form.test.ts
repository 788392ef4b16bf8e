/** Names and values of forms, row by row of Kong's rules. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EntityKind } from '../config/types.ts';
import { formToEntity, type FormValue } from './form.ts';

interface Case {
  readonly title: string;
  readonly kind: EntityKind;
  readonly pairs: readonly (readonly [string, FormValue])[];
  readonly want: object;
}

const route = (title: string, pairs: Case['pairs'], want: object): Case => ({
  title,
  kind: 'routes',
  pairs,
  want,
});
const service = (title: string, pairs: Case['pairs'], want: object): Case => ({
  title,
  kind: 'services',
  pairs,
  want,
});

const CASES: readonly Case[] = [
  service('a plain name', [['name', 'x']], { name: 'x' }),
  service('an integer', [['port', '8080']], { port: 8080 }),
  service('words for an integer stay', [['port', 'x']], { port: 'x' }),
  service('a boolean', [['enabled', 'false']], { enabled: false }),
  service('words for a boolean stay', [['enabled', 'yes']], { enabled: 'yes' }),
  service('an empty text resets', [['path', '']], { path: null }),
  service('an empty list resets', [['tags', '']], { tags: null }),
  service('a name without a value', [['enabled', true]], { enabled: true }),
  service('a number in a text field stays text', [['name', '5']], { name: '5' }),
  service('a JSON part', [['tags', { json: ['a'] }]], { tags: ['a'] }),
  service('an unknown member', [['nope.x', '1']], { nope: { x: '1' } }),
  service('a name that begins with a dot', [['.x', '1']], { '.x': '1' }),
  service('a name that ends with a dot', [['x.', '1']], { 'x.': '1' }),
  service('the name of a prototype', [['__proto__.a', '1']], JSON.parse('{"__proto__":{"a":"1"}}')),
  route('a reference', [['service.id', 'u']], { service: { id: 'u' } }),
  route('a reference reset', [['service', '']], { service: null }),
  route('one value for a list', [['paths', '/a']], { paths: ['/a'] }),
  route(
    'the name twice',
    [
      ['paths', '/a'],
      ['paths', '/b'],
    ],
    { paths: ['/a', '/b'] },
  ),
  route(
    'empty brackets',
    [
      ['paths[]', '/a'],
      ['paths[]', '/b'],
    ],
    { paths: ['/a', '/b'] },
  ),
  route(
    'positions',
    [
      ['paths[2]', '/b'],
      ['paths[1]', '/a'],
    ],
    { paths: ['/a', '/b'] },
  ),
  route('a map of lists', [['headers[X-Tier][]', 'gold']], { headers: { 'X-Tier': ['gold'] } }),
  route('a map with a dot', [['headers.X-Tier', 'gold']], { headers: { 'X-Tier': ['gold'] } }),
  route('dots in brackets', [['headers[a.b]', 'v']], { headers: { 'a.b': ['v'] } }),
  {
    title: 'a plugin config by its own schema',
    kind: 'plugins',
    pairs: [
      ['name', 'jwt'],
      ['config.claims_to_verify', 'exp'],
      ['config.maximum_expiration', '60'],
      ['config.run_on_preflight', 'false'],
    ],
    want: {
      name: 'jwt',
      config: { claims_to_verify: ['exp'], maximum_expiration: 60, run_on_preflight: false },
    },
  },
];

for (const { title, kind, pairs, want } of CASES) {
  test(`form: ${title}`, () => assert.deepEqual(formToEntity(kind, pairs), want));
}

test('form: a PATCH that does not name its plugin is read as for that plugin', () => {
  const entity = formToEntity('plugins', [['config.maximum_expiration', '60']], {
    pluginName: 'jwt',
  });
  assert.deepEqual(entity, { config: { maximum_expiration: 60 } });
});
