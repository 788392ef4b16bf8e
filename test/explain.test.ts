/** `silverback explain` from the command line: exit codes, formats, and the config of a gateway that runs. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Ajv } from 'ajv';
import { KONG, tokenOf } from './support/explained-config.ts';
import { runCli } from './support/run-cli.ts';
import { spawnCli, spawnGateway } from './support/spawn-gateway.ts';

const ORDERS = 'http://api.example.com/orders/7?x=1';
const validateShape = new Ajv({ strict: true, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(join(import.meta.dirname, '../schemas/explain.schema.json'), 'utf8')),
);

function writeConfig(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-explain-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'kong.yaml');
  writeFileSync(file, KONG);
  return file;
}

test('the command: exit codes, formats, and what is wrong with its arguments', (t) => {
  const file = writeConfig(t);
  const token = tokenOf('alice-key');
  const good = runCli(['explain', 'get', ORDERS, '-c', file, '--token', '-'], { input: token });
  assert.equal(good.code, 0, good.stderr);
  assert.match(good.stdout, /^GET http:\/\/api\.example\.com\/orders\/7\?x=1\n\nroute +orders/);
  assert.match(good.stdout, /\nupstream +GET http:\/\/orders\.internal:8080\/v1\/7\?x=1\n/);
  assert.ok(!good.stdout.includes('\u001B'));
  const refused = runCli(['explain', 'GET', ORDERS, '-c', file, '--format', 'json']);
  assert.equal(refused.code, 1);
  const shown: unknown = JSON.parse(refused.stdout);
  assert.ok(validateShape(shown), JSON.stringify(validateShape.errors));
  for (const [args, message] of [
    [['explain', 'GET', 'orders'], /is no URL; write e\.g\./],
    [['explain', 'G T', '/'], /is no method/],
    [['explain', 'GET', '/', '-H', 'nonsense'], /is no header/],
    [['explain', 'GET', '/', '--client-ip', 'here'], /is no address/],
    [['explain', 'GET', '/', '--now', 'soon'], /is no time/],
    [['explain', 'GET', '/'], /no declarative config/],
    [['explain', 'GET', '/', '-c', file, '--admin', 'http://127.0.0.1:9'], /not both/],
    [['explain', 'GET', '/', '--admin', 'http://127.0.0.1:9'], /cannot be reached/],
  ] as const) {
    const { code, stderr } = runCli(args, { cwd: tmpdir() });
    assert.equal(code, 1, stderr);
    assert.match(stderr, message);
  }
});

test('--admin explains with the config of a gateway that runs', async (t) => {
  const file = writeConfig(t);
  const gateway = await spawnGateway(t, { KONG_ADMIN_TOKEN: 'the-admin-token' }, ['-c', file]);
  const args = ['explain', 'GET', ORDERS, '--admin', gateway.adminUrl, '--format', 'json'];
  const refused = spawnCli(t, args);
  assert.equal(await refused.exited, 1);
  assert.match(refused.output(), /answered 401; give a token/);
  const allowed = spawnCli(t, args, { SILVERBACK_ADMIN_TOKEN: 'the-admin-token' });
  assert.equal(await allowed.exited, 1);
  const shown: unknown = JSON.parse(allowed.output());
  assert.ok(validateShape(shown), allowed.output());
  assert.match(allowed.output(), /"answered"[^]*"plugin jwt"/);
});
