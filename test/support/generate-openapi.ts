/** Writes `schemas/admin-api.json`, the OpenAPI document; run by `npm run schemas`, compared by a test. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeAdminApi } from '../../src/admin/index.ts';
import { schemaText } from '../../src/config/editor-schema/document.ts';

/** Where the result belongs. */
export const OPENAPI_FILE = new URL('../../schemas/admin-api.json', import.meta.url);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(OPENAPI_FILE, schemaText(describeAdminApi()));
}
