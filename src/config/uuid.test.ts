/** The ids that Kong computes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entityId } from './uuid.ts';

const SERVICE = '0855b320-0dd2-547d-891d-601e9b38647f';

const CASES = [
  ['services', 'my-service', SERVICE],
  ['routes', 'my-route', '481a9539-f49c-51b6-b2e2-fe99ee68866c'],
  ['consumers', 'my-user', '4b1b701d-de2b-5588-9aa2-3b97061d9f52'],
  ['plugins', `plugins:*:file-log::${SERVICE}:`, 'ff5af6e2-7c22-5b6c-834e-594211031e23'],
] as const;

for (const [kind, key, id] of CASES) {
  test(`${kind} ${key}`, () => {
    assert.equal(entityId(kind, key), id);
  });
}
