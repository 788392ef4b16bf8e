/** Paths of the formats before 3.0. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { migrateDocument, migratePath } from './migrate.ts';

const CASES: readonly (readonly [string, string])[] = [
  ['/users', '/users'],
  ['/a/../b//c', '/b/c'],
  ['/v%31', '/v1'],
  ['/x%2fy', '/x%2Fy'],
  [String.raw`/status/\d+`, String.raw`~/status/\d+`],
  ['/any.+', '~/any.+'],
  ['/q$', '~/q$'],
  ['/file%2Etxt(.*)', String.raw`~/file\.txt(.*)`],
  ['/dot.d', '/dot.d'],
  ['/pct:colon', '~/pct:colon'],
];

for (const [old, migrated] of CASES) {
  test(`${old} becomes ${migrated}`, () => {
    assert.equal(migratePath(old), migrated);
  });
}

test('routes at the top and below services change, the others do not', () => {
  const routes = [{ paths: ['/a+'] }];
  const document = {
    _format_version: '2.1',
    routes,
    services: [{ routes }],
    _ignore: [{ routes }],
  };
  const migrated = [{ paths: ['~/a+'] }];
  assert.deepEqual(migrateDocument(document), {
    _format_version: '2.1',
    routes: migrated,
    services: [{ routes: migrated }],
    _ignore: [{ routes }],
  });
});

test('format 3.0 is taken as it is', () => {
  const document = { _format_version: '3.0', routes: [{ paths: ['/a+'] }] };
  assert.equal(migrateDocument(document), document);
});
