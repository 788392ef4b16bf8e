/** The generated types are those of the schemas as they are now. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { TYPES_FILE, generateTypes } from './support/generate-types.ts';

test('src/config/schema-types.ts is what `npm run schemas` makes', async () => {
  assert.equal(readFileSync(TYPES_FILE, 'utf8'), await generateTypes());
});
