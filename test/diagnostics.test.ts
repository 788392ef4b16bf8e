/** Every report has its golden file: `test/golden/diagnostics`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goldenCases, reportOf } from './support/diagnostics.ts';

for (const { name, input, expected } of goldenCases()) {
  test(`the report of ${name}`, async () => assert.equal(await reportOf(input), expected));
}
