/** Writes `schemas/silverback.schema.json`, the schema for editors; run by `npm run schemas`, compared by a test. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { publishedSchema, schemaText } from '../../src/config/editor-schema/document.ts';

/** Where the result belongs. */
export const SCHEMA_FILE = new URL('../../schemas/silverback.schema.json', import.meta.url);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(SCHEMA_FILE, schemaText(publishedSchema()));
}
