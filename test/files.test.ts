/** Configs of several files, with values from the surroundings, as the built program runs and checks them. */
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
  assert.equal(await cli.exited, 2);
  assert.match(cli.output(), /no \*\.yaml, \*\.yml or \*\.json .* are not looked into/);
});

const services = (count: number) =>
  Array.from({ length: count }, (_, index) => `- { name: s${index}, host: h }\n`).join('');

test('diff against what runs, page by page', async (t) => {
  const rest = `upstreams: [{ name: u, targets: [{ target: 'a.test:80' }] }]
consumers: [{ username: c, keyauth_credentials: [{ key: k }], groups: [{ name: g }] }]
consumer_groups: [{ name: g }, { name: h }]
`;
  const folder = files(t, {
    'kong.yaml': `_format_version: "3.0"\nservices:\n${services(1100)}${rest}`,
    'next.yaml': `_format_version: "3.0"\nservices:\n${services(1101)}${rest.replace('a.test', 'b.test')}`,
    'regrouped.yaml': `_format_version: "3.0"\nservices:\n${services(1100)}${rest.replace('groups: [{ name: g }]', 'groups: [{ name: h }]')}`,
    'broken.yaml': 'services: [',
  });
  const gateway = await spawnGateway(t, {}, ['-c', join(folder, 'kong.yaml')]);
  const diff = async (...args: readonly string[]) => {
    const cli = spawnCli(t, ['diff', ...args]);
    return { code: await cli.exited, output: cli.output() };
  };
  const against = (name: string, url: string) => diff(join(folder, name), '--against', url);
  const same = await against('kong.yaml', gateway.adminUrl);
  assert.deepEqual(same, { code: 0, output: 'no difference: 0 added, 0 changed, 0 removed\n' });
  const changed = await against('next.yaml', gateway.adminUrl);
  assert.equal(changed.code, 1);
  assert.match(changed.output, /\+ service s1100\n/);
  assert.match(
    changed.output,
    /\+ target b\.test:80 of upstream u\n[^]*- target a\.test:80 of upstream u\n/,
  );
  assert.match(changed.output, /2 added, 0 changed, 1 removed/);
  const regrouped = await against('regrouped.yaml', gateway.adminUrl);
  assert.match(
    regrouped.output,
    /\+ \S.* of consumer c and consumer group h\n[^]*- \S.* of consumer c and consumer group g\n1 added, 0 changed, 1 removed\n/,
  );
  assert.equal((await against('next.yaml', gateway.proxyUrl)).code, 2);
  assert.equal((await against('next.yaml', 'http://127.0.0.1:1')).code, 2);
  assert.equal((await against('broken.yaml', gateway.adminUrl)).code, 2);
  assert.equal((await diff(join(folder, 'kong.yaml'))).code, 2);
  const file = join(folder, 'kong.yaml');
  for (const [flags, message] of [
    [['--against', gateway.adminUrl, '--header', 'nonsense'], /'nonsense' is no header; write/],
    [[file, '--conf', join(folder, 'missing.conf')], /missing\.conf/],
    [[file, '--plugins', join(folder, 'missing.ts')], /missing\.ts cannot be read/],
  ] as const) {
    const { code, output } = await diff(file, ...flags);
    assert.match(output, message);
    assert.equal(code, 2, output);
  }
});

test('fmt: --check, in place, and what cannot be formatted', async (t) => {
  const folder = files(t, {
    'kong.yaml': 'services:\n- host: h # the host\n  name: s\n_format_version: "3.0"\n',
    'two.yaml': 'a: 1\n---\nb: 2\n',
  });
  const file = join(folder, 'kong.yaml');
  const fmt = async (...args: readonly string[]) => {
    const cli = spawnCli(t, ['fmt', ...args]);
    return { code: await cli.exited, output: cli.output() };
  };
  assert.deepEqual(await fmt('--check', file), { code: 1, output: `${file}\n` });
  assert.equal((await fmt(file)).code, 0);
  assert.equal(
    readFileSync(file, 'utf8'),
    '_format_version: "3.0"\nservices:\n  - name: s\n    host: h # the host\n',
  );
  assert.equal((await fmt('--check', file)).code, 0);
  const refused = await fmt(join(folder, 'two.yaml'));
  assert.equal(refused.code, 2);
  assert.match(refused.output, /several documents/);
});
