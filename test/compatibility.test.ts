/** The table of Kong's plugins in `docs/compatibility.md` is what the code says: `npm run schemas` writes it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { INSTEAD_OF } from '../src/config/refused-plugins.ts';
import { PLUGIN_NAMES } from '../src/config/schemas.ts';
import { KONG_PLUGINS } from '../src/config/unsupported.ts';
import { COMPATIBILITY_FILE, withTable } from './support/generate-compatibility.ts';

test('the table says of every plugin of Kong whether it runs', () => {
  const document = readFileSync(COMPATIBILITY_FILE, 'utf8');
  assert.equal(document, withTable(document), 'run `npm run schemas`');
  for (const name of KONG_PLUGINS) assert.ok(document.includes(`| \`${name}\` `), name);
});

test('what to do instead is said of plugins that are not here', () => {
  for (const name of INSTEAD_OF.keys()) {
    assert.ok(KONG_PLUGINS.has(name), name);
    assert.ok(!PLUGIN_NAMES.includes(name), `${name} is here by now: take it out`);
  }
});
