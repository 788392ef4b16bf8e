/** Plugins of the user's own in the built program: several workers, signals, and the commands that know them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { answering, pluginFolder, routeWith } from './support/own-plugins.ts';
import { runCli } from './support/run-cli.ts';
import { spawnGateway } from './support/spawn-gateway.ts';
import { isObject } from '../src/http/json.ts';
import { until } from './support/until.ts';

async function workersOf(adminUrl: string): Promise<readonly number[]> {
  const node: unknown = await (await fetch(adminUrl)).json();
  const pids: unknown = isObject(node) ? node['pids'] : undefined;
  const workers: unknown = isObject(pids) ? pids['workers'] : undefined;
  return Array.isArray(workers) ? workers.map(Number) : [];
}

test('all workers run the code of one load, also one that comes later', async (t) => {
  const folder = pluginFolder(t, {
    'plugins/answering.ts': answering('one'),
    'kong.yaml': routeWith('answering'),
    'kong.conf': 'plugins = bundled, ./plugins/answering.ts\n',
  });
  const gateway = await spawnGateway(t, { KONG_NGINX_WORKER_PROCESSES: '2', KONG_WATCH: 'off' }, [
    '-c',
    join(folder.path, 'kong.yaml'),
    '--conf',
    join(folder.path, 'kong.conf'),
  ]);
  const says = async (): Promise<string> => {
    const { headers, ...rest } = { headers: { connection: 'close' } };
    const texts = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const answer: unknown = await (await fetch(gateway.proxyUrl, { headers, ...rest })).json();
        return isObject(answer) ? String(answer['text']) : '';
      }),
    );
    return [...new Set(texts)].join();
  };
  assert.equal(await says(), 'one');

  folder.write('plugins/answering.ts', 'const broken: = 1;');
  gateway.child.kill('SIGHUP');
  await until(() => /answering\.ts cannot be read/.test(gateway.output()));
  assert.equal(await says(), 'one');
  const [first = 0] = await workersOf(gateway.adminUrl);
  process.kill(first, 'SIGKILL');
  await until(async () => {
    const workers = await workersOf(gateway.adminUrl);
    return workers.length === 2 && !workers.includes(first);
  });
  await until(async () => {
    const ready = await fetch(`${gateway.adminUrl}/status`).catch(() => undefined);
    // A connection of the killed worker may still have to end.
    return ready?.status === 200 && (await says().catch(() => '')) === 'one';
  });

  folder.write('plugins/answering.ts', answering('two'));
  gateway.child.kill('SIGHUP');
  await until(async () => (await says()) === 'two');
});

const BACKGROUND = `
export default { name: 'background', priority: 1, schema: { properties: {} }, compile: () => ({
  access(ctx) {
    if (ctx.path === '/timer') setTimeout((): void => { throw new Error('late boom'); }, 1);
    if (ctx.path === '/promise') void Promise.reject(new Error('dropped boom'));
    return { kind: 'exit', status: 200, headers: [], body: String(process.pid) };
  },
}) };`;

for (const workers of [1, 2]) {
  test(`what a plugin throws outside of a request ends nothing: ${workers} worker(s)`, async (t) => {
    const folder = pluginFolder(t, {
      'background.ts': BACKGROUND,
      'kong.yaml': routeWith('background'),
    });
    const gateway = await spawnGateway(t, { KONG_NGINX_WORKER_PROCESSES: String(workers) }, [
      '-c',
      join(folder.path, 'kong.yaml'),
      '--plugins',
      join(folder.path, 'background.ts'),
    ]);
    const before = await workersOf(gateway.adminUrl);
    for (const [path, text] of [
      ['/timer', 'late boom'],
      ['/promise', 'dropped boom'],
    ] as const) {
      assert.equal((await fetch(gateway.proxyUrl + path)).status, 200);
      await until(() => gateway.output().includes(text));
    }
    assert.match(gateway.output(), /an own plugin failed outside of a request/);
    // The log names the line that a person wrote.
    assert.match(gateway.output(), /background\.ts:4:\d+/);
    assert.deepEqual(await workersOf(gateway.adminUrl), before);
    assert.equal((await fetch(gateway.proxyUrl)).status, 200);
  });
}

const ASKING = `
import { definePlugin, exitJson, headerValue } from 'silverback';
export default definePlugin({
  name: 'asking',
  priority: 1100,
  schema: { properties: { password: { type: 'string', 'x-kong-referenceable': true } } },
  compile: () => ({
    access: (ctx) => headerValue(ctx.headers, 'x-pass') === undefined ? exitJson(403, { message: 'no pass' }) : undefined,
  }),
});`;

test('the commands know own plugins: validate, schema, diff, token explain', (t) => {
  const folder = pluginFolder(t, {
    'asking.ts': ASKING,
    'kong.yaml': routeWith('asking', { password: 'sesame-open' }),
    'wrong.yaml': routeWith('asking', { pasword: 'x' }),
  });
  const options = { cwd: folder.path, env: { KONG_PLUGINS: 'bundled,./asking.ts' } };

  const inline = runCli(['validate', 'kong.yaml'], options);
  assert.equal(inline.code, 0);
  assert.match(inline.stdout, /warning\[SB2006\]/);
  const wrong = runCli(['validate', 'wrong.yaml'], options);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stdout, /did you mean 'password'\?/);
  const schema = runCli(['schema'], options);
  assert.equal(schema.code, 0);
  assert.match(schema.stdout, /"asking-config": \{/);
  folder.write('other.yaml', routeWith('asking', { password: 'other-secret' }));
  const changed = runCli(['diff', 'kong.yaml', 'other.yaml'], options);
  assert.match(changed.stdout, /config\.password: "\*{6}" → "\*{6}"/);
  const explain = ['token', 'explain', 'x.y.z', '-c', 'kong.yaml', '--path', '/'];
  const explained = runCli(explain, options);
  assert.match(explained.stdout, /asking[^]*answers 403/);
});
