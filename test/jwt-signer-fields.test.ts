/** One test per field of jwt-signer that fails when the field is ignored: 153 of 153. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pluginSchema } from '../src/config/schemas.ts';
import { runFieldTest, type FieldTest, type Kind } from './jwt-signer/field-tests.ts';
import { RULE_FIELDS } from './jwt-signer/rule-fields.ts';
import { SHARED_FIELDS, TOKEN_FIELDS } from './jwt-signer/token-fields.ts';
import { makeWorld, startSigner } from './support/signer.ts';
import { until } from './support/until.ts';

interface Planned {
  readonly test: FieldTest;
  readonly kind: Kind;
  /** As in the config. */
  readonly name: string;
}

const KINDS: readonly Kind[] = ['access_token', 'channel_token'];
const planned: readonly Planned[] = [
  ...KINDS.flatMap((kind) =>
    [...TOKEN_FIELDS, ...RULE_FIELDS].map((one) => ({
      test: one,
      kind,
      name: one.field.replaceAll('{t}', kind),
    })),
  ),
  ...SHARED_FIELDS.flatMap((one) => KINDS.map((kind) => ({ test: one, kind, name: one.field }))),
];

test('every field of the schema has its test', () => {
  const tested = new Set([...planned.map(({ name }) => name), 'enable_instrumentation']);
  assert.equal(tested.size, 153);
  assert.deepEqual(
    [...tested].toSorted(),
    Object.keys(pluginSchema('jwt-signer')?.properties ?? {}).toSorted(),
  );
});

test('fields', async (t) => {
  const gateway = await startSigner(t);
  for (const { test: one, kind, name } of planned) {
    await t.test(`${name}${name === one.field ? ` (${kind})` : ''}`, (sub) =>
      runFieldTest(sub, gateway, { test: one, kind }),
    );
  }
});

test('enable_instrumentation', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-log-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const log = join(folder, 'error.log');
  const settings = { proxy_error_log: log, log_level: 'crit' };
  const w = await makeWorld(t, await startSigner(t, settings));
  const lines = (): readonly string[] =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('jwt-signer instrumentation'));
  await w.base({ enable_instrumentation: false });
  await w.good();
  await w.base({ enable_instrumentation: true });
  const token = w.at();
  assert.equal((await w.bearer(token)).status, 200);
  assert.equal((await w.bearer('opaque')).status, 401);
  await until(() => lines().length >= 2);
  const [accepted = '', refused = ''] = lines();
  assert.equal(lines().length, 2);
  assert.match(accepted, /"access_token":\{"outcome":"accepted","form":"jwt"/);
  assert.match(refused, /"access_token":\{"outcome":"refused","status":401/);
  assert.ok(!accepted.includes(token));
});
