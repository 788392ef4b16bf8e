/** The kit for own plugins: `silverback/testing`, the template, the guide and its example, as a project with the package has them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ConfigError, definePlugin, exitJson, setHeader } from '../src/index.ts';
import { testPlugin } from '../src/testing.ts';
import { startEcho } from '../src/demo/echo.ts';
import { pluginFolder, type PluginFolder } from './support/own-plugins.ts';
import { plainEnvironment, runCli } from './support/run-cli.ts';
import { spawnGateway } from './support/spawn-gateway.ts';

const root = join(import.meta.dirname, '..');
const EXAMPLE = join(root, 'examples/own-plugin');

const everything = definePlugin({
  name: 'everything',
  priority: 10,
  schema: {
    required: ['word'],
    properties: {
      word: { type: 'string' },
      mode: { type: 'string', enum: ['pass', 'answer', 'throw'], default: 'pass' },
      limits: { type: 'object', default: {}, properties: { most: { type: 'integer' } } },
    },
  },
  compile(config, build) {
    // These are the types that the schema gives; the compiler checks them.
    const word: string = config.word;
    const most: number | null = config.limits.most;
    return {
      async access(ctx) {
        ctx.shared.set('most', most);
        if (config.mode === 'throw') throw new Error('broken');
        if (config.mode === 'answer') return exitJson(418, { word, at: build.now() });
        const body = await ctx.body();
        ctx.setBody(Buffer.from(`${body.toString()} ${word}`));
        const asked = await build.services.outbound.request({
          url: 'http://x.test/',
          method: 'GET',
        });
        setHeader(ctx.headers, 'X-Asked', String(asked.status));
        ctx.rawQuery = '?changed=1';
        return undefined;
      },
      headerFilter: (_ctx, head) => setHeader(head.headers, 'X-Source', head.source),
      bodyFilter: (_ctx, chunk) => chunk && Buffer.from(chunk.toString().toUpperCase()),
      log: (_ctx, outcome) => build.log.info({ status: outcome.status }, 'done'),
    };
  },
});

const outbound = () =>
  Promise.resolve({ status: 203, headers: [], body: Buffer.alloc(0), url: 'http://x.test/' });

test('a request goes through all phases, and the upstream is a function', async (t) => {
  const plugin = await testPlugin(everything, {
    config: { word: 'added' },
    outbound,
    upstream: ({ path }) => ({ status: 201, headers: { 'X-Path': path }, body: 'made' }),
    entities: {
      plugins: [{ name: 'key-auth' }],
      consumers: [{ username: 'ada', keyauth_credentials: [{ key: 'k' }] }],
    },
  });
  t.after(plugin.close);
  const refused = await plugin.request();
  assert.deepEqual([refused.status, refused.upstream], [401, undefined]);
  const seen = await plugin.request({
    method: 'POST',
    path: '/p?q=1',
    headers: { apikey: 'k' },
    body: { a: 1 },
  });
  assert.equal(seen.status, 201);
  assert.equal(seen.body, 'MADE');
  assert.equal(seen.headers.get('x-source'), 'upstream');
  assert.equal(seen.headers.get('x-path'), '/p?changed=1');
  assert.equal(seen.upstream?.body, '{"a":1} added');
  assert.equal(seen.upstream?.method, 'POST');
  assert.equal(seen.upstream?.headers.get('x-asked'), '203');
  assert.equal(seen.upstream?.headers.get('content-type'), 'application/json');
  assert.equal(seen.consumer, 'ada');
  assert.deepEqual([...seen.shared], [['most', null]]);
  assert.deepEqual(
    seen.logs.filter(({ message }) => message === 'done').map(({ fields }) => fields['status']),
    [201],
  );
});

test('an answer of the plugin, and what it throws', async (t) => {
  const answering = await testPlugin(everything, {
    config: { word: 'w', mode: 'answer' },
    now: () => 42,
  });
  t.after(answering.close);
  const { status, body, headers, upstream } = await answering.request();
  assert.deepEqual([status, body, upstream], [418, '{"WORD":"W","AT":42}', undefined]);
  assert.equal(headers.get('x-source'), 'exit');
  const throwing = await testPlugin(everything, { config: { word: 'w', mode: 'throw' } });
  t.after(throwing.close);
  const failed = await throwing.request();
  assert.equal(failed.status, 500);
  const [line] = failed.logs.filter(({ level }) => level === 'error');
  assert.match(String(line?.fields['err']), /broken/);
});

test('the phases may be an object of a class', async (t) => {
  class Counting {
    #bodies = 0;
    readonly #closed: () => void;
    constructor(closed: () => void) {
      this.#closed = closed;
    }
    filtersBody(): boolean {
      this.#bodies += 1;
      return this.#bodies > 1;
    }
    bodyFilter(): Buffer | undefined {
      return Buffer.from(`body ${this.#bodies}`);
    }
    close(): void {
      this.#closed();
    }
  }
  const closed = t.mock.fn();
  const plugin = await testPlugin(
    definePlugin({
      name: 'counting',
      priority: 1,
      schema: { properties: {} },
      compile: () => new Counting(closed),
    }),
    { upstream: () => ({ body: 'as it was' }) },
  );
  assert.equal((await plugin.request()).body, 'as it was');
  assert.match((await plugin.request()).body, /body 2/);
  await plugin.close();
  assert.equal(closed.mock.callCount(), 1);
});

const isConfigError = (expected: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ConfigError);
  assert.match(error.issues.map(({ message }) => message).join('\n'), expected);
  return true;
};

test('a config or a definition that is not good has its problems', async () => {
  await assert.rejects(testPlugin(everything), isConfigError(/required field missing/));
  const nameless = { ...everything, name: 'No Name' };
  await assert.rejects(testPlugin(nameless), isConfigError(/needs a 'name'/));
  await assert.rejects(testPlugin('/nonexistent/p.ts'), isConfigError(/cannot be read/));
});

/** A folder with the package in its `node_modules`, as it would be published. */
function project(t: TestContext): PluginFolder {
  const folder = pluginFolder(t, { 'package.json': '{ "type": "module", "private": true }' });
  const installed = join(folder.path, 'node_modules/silverback');
  mkdirSync(installed, { recursive: true });
  for (const name of ['package.json', 'dist', 'schemas', 'kong.yaml']) {
    cpSync(join(root, name), join(installed, name), { recursive: true });
  }
  // What it depends on is beside it, as npm puts it.
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name.startsWith('.') || name === 'silverback') continue;
    symlinkSync(join(root, 'node_modules', name), join(folder.path, 'node_modules', name));
  }
  return folder;
}

const run = (folder: PluginFolder, ...args: readonly string[]) =>
  spawnSync(process.execPath, args, {
    cwd: folder.path,
    encoding: 'utf8',
    env: { ...plainEnvironment(), NODE_TEST_CONTEXT: undefined },
  });

test('the template works as it stands: its test passes, its types are right, a config with it is valid', (t) => {
  const folder = project(t);
  const cli = join(folder.path, 'node_modules/silverback/dist/cli.js');
  for (const args of [
    ['one', '--dir', 'own'],
    ['two', '--js', '--dir', 'own'],
  ]) {
    const made = run(folder, cli, 'plugin', 'new', ...args);
    assert.equal(made.status, 0, made.stderr);
  }
  assert.deepEqual(readdirSync(join(folder.path, 'own')).toSorted(), [
    'one.test.mjs',
    'one.ts',
    'two.mjs',
    'two.test.mjs',
  ]);
  assert.equal(run(folder, cli, 'plugin', 'new', 'one', '--dir', 'own').status, 1);
  const tested = run(folder, '--test', 'own');
  assert.equal(tested.status, 0, tested.stdout + tested.stderr);
  assert.match(tested.stdout, /pass 6/);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const strict = '--noEmit --strict --exactOptionalPropertyTypes --module nodenext --skipLibCheck';
  const types = run(folder, tsc, ...strict.split(' '), '--types', 'node', 'own/one.ts');
  assert.equal(types.status, 0, types.stdout);
  folder.write(
    'kong.yaml',
    "_format_version: '3.0'\nplugins: [{ name: one }, { name: two, config: { allow: [a] } }]\n",
  );
  const options = ['validate', 'kong.yaml', '--plugins', './own/one.ts,./own/two.mjs'];
  const valid = run(folder, cli, ...options);
  assert.match(valid.stdout, /kong\.yaml is valid/);
});

test('a name that is none, or taken, is refused', () => {
  for (const [name, expected] of [
    ['Bad', /is no name/],
    ['jwt', /is a plugin of this version/],
  ] as const) {
    const { code, stderr } = runCli(['plugin', 'new', name]);
    assert.equal(code, 2);
    assert.match(stderr, expected);
  }
});

test('the example is what the template writes, and the guide quotes it', (t) => {
  const folder = pluginFolder(t);
  assert.equal(runCli(['plugin', 'new', 'check-client'], { cwd: folder.path }).code, 0);
  for (const name of readdirSync(join(folder.path, 'plugins'))) {
    const [made, kept] = [join(folder.path, 'plugins'), join(EXAMPLE, 'plugins')].map((at) =>
      readFileSync(join(at, name), 'utf8'),
    );
    assert.equal(kept, made, name);
  }
  const guide = readFileSync(join(root, 'docs/plugins.md'), 'utf8');
  const quoted = [...guide.matchAll(/<!-- (\S+) -->\n\n```\w+\n([^]*?)\n```/g)];
  assert.deepEqual(
    quoted.map(([, file]) => basename(file ?? '')),
    ['check-client.ts', 'kong.yaml', 'check-client.test.mjs'],
  );
  for (const [, file = '', text] of quoted) {
    assert.equal(text, readFileSync(join(root, file), 'utf8').trimEnd(), file);
  }
});

test('the example runs: by its kong.conf, in the built program', async (t) => {
  const echo = await startEcho({ host: '127.0.0.1', port: 0 });
  t.after(() => echo.close());
  const folder = pluginFolder(t);
  const text = readFileSync(join(EXAMPLE, 'kong.yaml'), 'utf8');
  const config = folder.write('kong.yaml', text.replace('http://127.0.0.1:9080', echo.url));
  const args = ['--conf', join(EXAMPLE, 'kong.conf'), '-c', config, '--workers', '1'];
  const gateway = await spawnGateway(t, {}, args);
  const ask = (headers: Record<string, string>) => fetch(`${gateway.proxyUrl}/own`, { headers });
  assert.equal((await ask({})).status, 400);
  assert.equal((await ask({ 'X-App': 'somebody' })).status, 403);
  const answer = await ask({ 'X-App': 'shop' });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('x-plugin'), 'check-client');
  assert.match(await answer.text(), /"X-Checked-By": ?"check-client"/i);
});
