/** What compiles only once secrets are known: a failure is the document's, with its place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../config/load.ts';
import { ConfigError } from '../errors.ts';
import { SILENT } from '../log.ts';
import { testSettings } from '../../test/support/settings.ts';
import { compileGateway } from './compile.ts';
import { createRuntime } from './runtime.ts';

const CERTIFICATE = `_format_version: "3.0"
services: []
certificates:
- cert: "{vault://env/SILVERBACK_TEST_ABSENT_CERT}"
  key: "{vault://env/SILVERBACK_TEST_ABSENT_KEY}"
  snis: [{name: a.test}]
`;

test('a certificate behind a secret that cannot be resolved is refused where it stands', async (t) => {
  const runtime = createRuntime(testSettings(), SILENT);
  t.after(() => runtime.close());
  const loaded = loadConfig(
    { kind: 'text', text: CERTIFICATE, file: 'kong.yaml', format: 'yaml' },
    { plugins: [], now: 0 },
  );
  assert.throws(
    () => compileGateway(loaded.config, runtime, { sources: loaded }),
    (error) => {
      assert.ok(error instanceof ConfigError);
      const [issue] = error.issues;
      assert.deepEqual(issue?.path, ['certificates', 0, 'cert']);
      assert.equal(issue?.position?.line, 4);
      assert.match(issue?.message ?? '', /^certificate or key cannot be loaded/);
      return true;
    },
  );
});
