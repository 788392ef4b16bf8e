/** `silverback init` and `silverback schema`: what they write works in an editor as it stands, and loads. */
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SCHEMA_FILE } from './support/generate-schema.ts';
import { startLanguageServer } from './support/language-server.ts';
import { spawnCli } from './support/spawn-gateway.ts';

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-init-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function init(t: TestContext, file: string): Promise<string> {
  const cli = spawnCli(t, ['init', file]);
  assert.equal(await cli.exited, 0, cli.output());
  return readFileSync(file, 'utf8');
}

async function assertClean(t: TestContext, file: string): Promise<void> {
  const cli = spawnCli(t, ['validate', '--fail-on', 'warning', file]);
  assert.equal(await cli.exited, 0, cli.output());
  assert.doesNotMatch(cli.output(), /warning|error/);
}

/** An editor that opens the file finds nothing to underline, and completes from its schema line. */
async function assertEditable(t: TestContext, file: string, text: string): Promise<void> {
  const server = await startLanguageServer(t);
  assert.deepEqual(await server.check(file, text), []);
  const found = await server.complete(file, `${text}\nroutes:\n  - |`);
  assert.ok(found.some(({ label }) => label === 'paths'));
}

test('without an installed package, init writes a copy of the schema beside the file', async (t) => {
  const file = join(makeFolder(t), 'kong.yaml');
  const text = await init(t, file);
  assert.match(text, /^# yaml-language-server: \$schema=\.\/\.silverback\.schema\.json\n/);
  const copy = readFileSync(join(dirname(file), '.silverback.schema.json'), 'utf8');
  assert.equal(copy, readFileSync(SCHEMA_FILE, 'utf8'));
  await assertClean(t, file);
  await assertEditable(t, file, text);
});

test('in a project that has the package, init names the schema in node_modules', async (t) => {
  const project = makeFolder(t);
  const installed = join(project, 'node_modules/silverback/schemas/silverback.schema.json');
  cpSync(fileURLToPath(SCHEMA_FILE), installed, { recursive: true });
  const folder = join(project, 'deploy/gateway');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'kong.yaml');
  const text = await init(t, file);
  assert.match(
    text,
    /^# yaml-language-server: \$schema=\.\.\/\.\.\/node_modules\/silverback\/schemas\/silverback\.schema\.json\n/,
  );
  assert.equal(existsSync(join(folder, '.silverback.schema.json')), false);
  await assertClean(t, file);
  await assertEditable(t, file, text);
});

test('the lines that are commented out load too when the # is taken off', async (t) => {
  const file = join(makeFolder(t), 'kong.yaml');
  const [active = '', optional = ''] = (await init(t, file)).split(/take the # off:\n/);
  writeFileSync(file, `${active}\n${optional.replaceAll(/^#/gm, '')}`);
  const cli = spawnCli(t, ['validate', '--fail-on', 'warning', file], { ALICE_KEY: 'a-key' });
  assert.equal(await cli.exited, 0, cli.output());
  assert.match(readFileSync(file, 'utf8'), /^ {4}config:\n {6}key_in_query: false\n\nconsumers:/m);
});

test('init overwrites neither the file nor a schema', async (t) => {
  const folder = makeFolder(t);
  const [file, copy] = [join(folder, 'kong.yaml'), join(folder, '.silverback.schema.json')];
  writeFileSync(file, 'mine');
  const refused = spawnCli(t, ['init', file]);
  assert.equal(await refused.exited, 1);
  assert.match(refused.output(), /already exists/);
  assert.equal(readFileSync(file, 'utf8'), 'mine');
  assert.equal(existsSync(copy), false);

  writeFileSync(copy, '{}');
  await init(t, join(folder, 'other.yaml'));
  assert.equal(readFileSync(copy, 'utf8'), '{}');
});

test('schema prints the published file, and the schema of one plugin', async (t) => {
  const whole = spawnCli(t, ['schema']);
  assert.equal(await whole.exited, 0);
  assert.equal(whole.output(), readFileSync(SCHEMA_FILE, 'utf8'));

  const one = spawnCli(t, ['schema', '--plugin', 'jwt']);
  assert.equal(await one.exited, 0);
  const schema: unknown = JSON.parse(one.output());
  assert.ok(typeof schema === 'object' && schema !== null && 'properties' in schema);
  assert.ok(JSON.stringify(schema.properties).startsWith('{"uri_param_names"'));

  const unknown = spawnCli(t, ['schema', '--plugin', 'jtw']);
  assert.equal(await unknown.exited, 2);
  assert.match(unknown.output(), /no plugin 'jtw'.*jwt/);
});
