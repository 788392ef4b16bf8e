/** Configs of several files, with values from the surroundings, as the built program runs and checks them. */
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { spawnCli, spawnGateway } from './support/spawn-gateway.ts';

/** Folders and files below a new folder, whose path is the result. */
function files(t: TestContext, texts: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-files-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const answering = (name: string, text: string) => `_format_version: "3.0"
routes:
- name: ${name}
  paths: [/${name}]
  plugins:
  - { name: request-termination, config: { status_code: 200, message: "${text}" } }
`;

/** Polls: when a file's change is live is what the test wants to know. */
async function until(read: () => Promise<string> | string, wanted: RegExp): Promise<void> {
  const signal = AbortSignal.timeout(20_000);
  while (!wanted.test(await read())) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

test('files, folders and secrets make one config that follows all of them', async (t) => {
  const folder = files(t, {
    'base.yaml': answering('base', '${GREETING} ${file:secrets/word}'),
    'more/one.yaml': answering('one', 'first'),
    'more/notes.txt': 'no document',
    'secrets/word': 'world\n',
  });
  const gateway = await spawnGateway(t, { GREETING: 'hello' }, [
    '-c',
    join(folder, 'base.yaml'),
    '-c',
    join(folder, 'more'),
  ]);
  const answer = async (path: string) => (await fetch(`${gateway.proxyUrl}${path}`)).text();
  assert.match(await answer('/base'), /hello world/);
  assert.match(await answer('/one'), /first/);

  writeFileSync(join(folder, 'secrets/word.new'), 'there');
  renameSync(join(folder, 'secrets/word.new'), join(folder, 'secrets/word'));
  await until(() => answer('/base'), /hello there/);

  writeFileSync(join(folder, 'more/two.yaml'), answering('two', 'second'));
  await until(() => answer('/two'), /second/);

  rmSync(join(folder, 'secrets/word'));
  await until(
    () => gateway.output(),
    /base\.yaml:6:\d+: error SB1511: .*'secrets\/word' does not exist/,
  );
  assert.match(await answer('/base'), /hello there/);
  assert.doesNotMatch(gateway.output(), /world|hello there/);
});

test('validate takes several paths, and shows a problem in its file', async (t) => {
  const folder = files(t, {
    'a.yaml': answering('a', 'x'),
    'b/one.json': '{"_format_version": "3.0", "services": [{"name": "s", "host": "${HOST}"}]}',
    'b/two.yml': '_format_version: "3.0"\nservices:\n- name: s\n  host: h\n',
  });
  const run = async (args: readonly string[], env = {}) => {
    const cli = spawnCli(t, ['validate', ...args], env);
    return { code: await cli.exited, output: cli.output() };
  };
  const paths = [join(folder, 'a.yaml'), join(folder, 'b')];
  const clash = await run(paths, { HOST: 'h' });
  assert.equal(clash.code, 1);
  assert.match(clash.output, /two\.yml:3:/);
  assert.match(
    (await run([join(folder, 'b/one.json')])).output,
    /'HOST' is not set\n.*one\.json:1:63/,
  );
  assert.equal((await run([join(folder, 'b/one.json'), '--no-interpolate'])).code, 1);
  assert.equal((await run([...paths.slice(0, 1), join(folder, 'b/two.yml')])).code, 0);
});

test('a folder without a document says so', async (t) => {
  const folder = files(t, { 'notes.txt': 'x', 'below/kong.yaml': '_format_version: "3.0"' });
  const cli = spawnCli(t, ['validate', folder]);
  assert.equal(await cli.exited, 1);
  assert.match(cli.output(), /no \*\.yaml, \*\.yml or \*\.json .* are not looked into/);
});
