/** The table of paths agrees with the schemas, and the tree finds the routes made of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminName, endpointKey, foreignKeys } from '../config/schemas.ts';
import { ENTITIES } from './entities.ts';
import { buildRouteTree } from './route-tree.ts';

/** Kinds whose key is used below their parent only, or that are named by something else. */
const KEYLESS: ReadonlySet<string> = new Set(['acls', 'certificates', 'ca_certificates']);

for (const { kind, path, key, foreign } of ENTITIES) {
  test(`${kind}: path, key and references are those of the schema`, () => {
    if (path !== undefined) assert.equal(path, adminName(kind));
    if (!KEYLESS.has(kind)) assert.equal(key, endpointKey(kind));
    const known = foreignKeys(kind).map(({ field, to }) => `${field} ${to}`);
    for (const { field, to } of foreign) assert.ok(known.includes(`${field} ${to}`), field);
  });
}

const GET = () => ({ status: 200, body: undefined, contentType: undefined, headers: [] });
const tree = buildRouteTree(
  ['/', '/a/{x}', '/a/b', '/a/b/c', '/a/{x}/{y}'].map((pattern) => ({
    pattern,
    methods: { GET },
  })),
);

const PATHS: readonly (readonly [path: string, params: readonly string[] | undefined])[] = [
  ['', []],
  ['a', undefined],
  ['a/b', []],
  ['a/z', ['z']],
  ['a/b/c', []],
  ['a/b/d', ['b', 'd']],
  ['a//c', undefined],
  ['/a/b', undefined],
  ['a/b/c/d', undefined],
];

for (const [path, params] of PATHS) {
  test(`route tree: /${path}`, () => assert.deepEqual(tree(path.split('/'))?.params, params));
}

test('route tree: one pattern twice is a mistake in the table', () => {
  const route = { pattern: '/a', methods: { GET } };
  assert.throws(() => buildRouteTree([route, route]), /twice/);
});
