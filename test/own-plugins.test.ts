/** Plugins of the user's own: loaded from files and packages, checked as those of this build, reloaded, never fatal. */
import assert from 'node:assert/strict';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ConfigError, SettingsError, startGateway, type RunningGateway } from '../src/index.ts';
import { loadPluginsOnce } from '../src/node/plugin-loader.ts';
import { loadSettings } from '../src/settings/load.ts';
import { startOrigin } from './support/origin.ts';
import { answering, pluginFolder, routeWith } from './support/own-plugins.ts';
import { until } from './support/until.ts';

interface Started {
  readonly gateway: RunningGateway;
  readonly get: (path?: string) => Promise<Response>;
  readonly admin: (path: string, init?: RequestInit) => Promise<Response>;
}

async function start(
  t: TestContext,
  plugins: string,
  config: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const gateway = await startGateway({
    config,
    settings: { plugins, log_level: 'emerg', ...settings },
  });
  t.after(() => gateway.close());
  const url = `http://127.0.0.1:${gateway.proxy[0]?.port}`;
  const adminUrl = `http://127.0.0.1:${gateway.admin[0]?.port}`;
  return {
    gateway,
    get: (path = '/') => fetch(url + path),
    admin: (path, init) => fetch(adminUrl + path, init),
  };
}

const post = (config: string): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ config }),
});

/** The problems that keep a gateway with this plugin from starting. */
async function problemsOf(plugins: string, config: string): Promise<readonly string[]> {
  try {
    const gateway = await startGateway({ config, settings: { plugins, log_level: 'emerg' } });
    await gateway.close();
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    if (!(error instanceof ConfigError)) throw error;
    return error.issues.map(({ code, message, position }) =>
      [code, position && `${position.line}:${position.column}`, message]
        .filter((part) => part !== undefined)
        .join(' '),
    );
  }
}

test('a TypeScript file is a plugin: its config is complete, and the Admin API knows it', async (t) => {
  const folder = pluginFolder(t, { 'answering.ts': answering('hello') });
  const plugin = join(folder.path, 'answering.ts');
  const { get, admin } = await start(t, `bundled, ${plugin}`, routeWith('answering', { times: 2 }));
  assert.deepEqual(await (await get()).json(), {
    text: 'hello',
    word: 'none',
    times: 2,
    where: { city: null },
  });
  const enabled: unknown = await (await admin('/plugins/enabled')).json();
  assert.match(JSON.stringify(enabled), /"jwt".*"answering"/);
  const schema = await (await admin('/schemas/plugins/answering')).text();
  assert.match(schema, /"word":\{"type":"string","description":"Goes into the answer\."/);
  const node = await (await admin('/')).text();
  assert.match(node, /"answering":\{"version":"1\.2\.3","priority":700\}/);
  const listed = await (await admin('/plugins')).text();
  assert.match(listed, /"name":"answering"/);
  const refused = await admin('/schemas/plugins/validate', {
    ...post(''),
    body: JSON.stringify({ name: 'answering', config: { times: 9 } }),
  });
  assert.match(await refused.text(), /value should be between 1 and 3/);
});

test('a JavaScript file, an ES module or CommonJS, is a plugin as well, with what it imports', async (t) => {
  const folder = pluginFolder(t, {
    'esm.mjs': `import { word } from "./word.mjs";
      import { basename } from 'node:path';
      export default { name: 'esm', priority: 1, schema: { properties: {} },
        compile: () => ({ access: () => ({ kind: 'exit', status: 200, headers: [],
          body: word + basename(import.meta.url) + basename(import.meta.dirname === '' ? '' : import.meta.filename) }) }) };`,
    'word.mjs': `export const word = 'found ';`,
    'common.cjs': `const { sep } = require('node:path'); const { word } = require('./word.cjs');
      module.exports = { name: 'common', priority: 1, schema: { properties: {} },
        compile: () => ({ access: () => ({ kind: 'exit', status: 200, headers: [], body: word + typeof sep + __dirname.endsWith(sep) }) }) };`,
    'word.cjs': `exports.word = 'required ';`,
  });
  for (const [file, name, expected] of [
    ['esm.mjs', 'esm', 'found esm.mjsesm.mjs'],
    ['common.cjs', 'common', 'required stringfalse'],
  ] as const) {
    const { get } = await start(t, join(folder.path, file), routeWith(name));
    assert.equal(await (await get()).text(), expected);
  }
});

test('an npm package is a plugin, found from the folder of the kong.conf that names it', async (t) => {
  const folder = pluginFolder(t, {
    'node_modules/acme-plugin/package.json': JSON.stringify({
      name: 'acme-plugin',
      type: 'module',
      exports: { import: './main.js' },
    }),
    'node_modules/acme-plugin/main.js': `import { word } from 'acme-word';\n${answering('packed').replace("'packed'", "'packed ' + word")}`,
    'node_modules/acme-word/package.json': JSON.stringify({ name: 'acme-word', main: 'i.cjs' }),
    'node_modules/acme-word/i.cjs': `exports.word = 'twice';`,
    'kong.conf': 'plugins = acme-plugin, ./own.ts\nproxy_listen = 127.0.0.1:0\n',
    'own.ts': answering('own', 'own'),
  });
  const { settings } = loadSettings({
    readFile: (path) => readFileSync(path, 'utf8'),
    plugins: ['jwt'],
    confPath: join(folder.path, 'kong.conf'),
  });
  assert.deepEqual(settings.plugins, []);
  assert.deepEqual(settings.ownPlugins, [
    { kind: 'package', name: 'acme-plugin', folder: folder.path },
    { kind: 'file', path: join(folder.path, 'own.ts') },
  ]);
  const { own } = await loadPluginsOnce(settings);
  assert.deepEqual(
    own.map(({ plugin }) => plugin.name),
    ['answering', 'own'],
  );
});

test('a package that a plugin imports is loaded from where the plugin is', async (t) => {
  const folder = pluginFolder(t, {
    'node_modules/words/package.json': JSON.stringify({ name: 'words', main: 'i.cjs' }),
    'node_modules/words/i.cjs': `exports.word = 'outside';`,
    'linked/package.json': JSON.stringify({ name: 'linked', type: 'module', main: 'i.ts' }),
    'linked/i.ts': `export const linked: string = 'linked';`,
    'p.ts': `import words from 'words';\nimport { linked } from 'linked';\n${answering('x').replace("'x'", 'words.word + linked')}`,
  });
  symlinkSync(join(folder.path, 'linked'), join(folder.path, 'node_modules/linked'));
  const { get } = await start(t, join(folder.path, 'p.ts'), routeWith('answering'));
  assert.match(await (await get()).text(), /"text":"outsidelinked"/);
});

test('a config of an own plugin is checked as any other, with places and words', async (t) => {
  const folder = pluginFolder(t, { 'answering.ts': answering('x') });
  const problems = await problemsOf(
    `bundled,${join(folder.path, 'answering.ts')}`,
    `_format_version: '3.0'
plugins:
  - name: answering
    config: { wrod: x, times: 9 }
  - name: answerin
`,
  );
  assert.deepEqual(problems, [
    'SB1101 4:15 unknown field',
    'SB1105 4:31 value should be between 1 and 3',
    "SB1402 5:11 plugin 'answerin' not enabled; add it to the 'plugins' configuration property",
  ]);
});

const BROKEN: readonly {
  readonly what: string;
  readonly source: string;
  readonly problems: readonly RegExp[];
}[] = [
  {
    what: 'a syntax error has its place',
    source: 'export default {\n  name: 1 2\n};',
    problems: [/^SB1411 2:11 the plugin .*p\.ts cannot be read: Expected "}" but found "2"/],
  },
  {
    what: 'an import that leads nowhere has its place',
    source: '\nimport x from "./gone.ts";\nexport default x;',
    problems: [/^SB1411 2:15 .*Could not resolve "\.\/gone\.ts"/],
  },
  {
    what: 'a package that is not installed has its place',
    source: "import x from 'gone-package';\nexport default x;",
    problems: [/^SB1411 1:15 .*Could not resolve "gone-package"/],
  },
  {
    what: 'a module that throws has the place of the throw',
    source:
      "type A = string;\n\nconst f = (a: A): never => {\n  throw new RangeError(a);\n};\nf('no');\nexport default 1;",
    problems: [/^SB1411 4:9 .*threw RangeError: no$/],
  },
  {
    what: 'a module without a default export',
    source: 'export const plugin = 1;',
    problems: [/^SB1412 1:1 .*has no plugin as its default export/],
  },
  {
    what: 'everything that is wrong with a definition is said at once',
    source: `export default { name: 'Bad Name', prioritty: 1, access() {}, scopes: ['world'],
      schema: { properties: { a: { type: 'text' }, b: { type: 'string', maxLenght: 1 }, c: {}, d: { type: 'integer', default: 'x' } }, required: ['e'] } };`,
    problems: [
      /unknown member 'prioritty'; did you mean 'priority'\?/,
      /has 'access' beside 'compile'; move it/,
      /needs a 'name' of lower-case letters/,
      /needs a number as its 'priority'/,
      /needs a function 'compile'/,
      /needs a list of some of service, route/,
      /schema\.properties\.a\.type must be one of string, integer/,
      /schema\.properties\.b has a keyword 'maxLenght' that is not understood/,
      /schema\.properties\.c has no 'type'/,
      /schema\.properties\.d\.default does not fit the field: expected an integer/,
      /schema\.required names 'e', which is no member/,
    ],
  },
  {
    what: 'a name of this build is taken',
    source: `export default { name: 'jwt', priority: 1, schema: { properties: {} }, compile: () => ({}) };`,
    problems: [/is called 'jwt', as a plugin of this build is; choose another name/],
  },
];

for (const { what, source, problems } of BROKEN) {
  test(`a broken plugin is a problem of the config: ${what}`, async (t) => {
    const folder = pluginFolder(t, { 'p.ts': source });
    const found = await problemsOf(join(folder.path, 'p.ts'), "_format_version: '3.0'");
    assert.equal(found.length, problems.length, found.join('\n'));
    for (const [i, problem] of problems.entries()) assert.match(found[i] ?? '', problem);
  });
}

test('a plugin that is nowhere is named, and so is the one that was probably meant', async () => {
  const config = "_format_version: '3.0'";
  assert.match((await problemsOf('bundled,key-aut', config))[0] ?? '', /did you mean key-auth\?/);
  assert.match(
    (await problemsOf('./gone/p.ts', config))[0] ?? '',
    /^SB1411 the plugin gone\/p\.ts cannot be read: Could not resolve/,
  );
});

/** A plugin whose `compile` has that body. */
const compiling = (body: string): string =>
  `import { ConfigError } from 'silverback';
   export default { name: 'own', priority: 1, schema: { properties: { a: { type: 'string' } } }, compile: (config) => { ${body} } };`;

test('what compile throws or returns in place of phases is a problem of its entry', async (t) => {
  const folder = pluginFolder(t);
  for (const [name, body, expected] of [
    ['throws', "throw new Error('no a')", /no a$/],
    ['located', "throw new ConfigError([{ path: ['a'], message: 'is odd' }])", /is odd$/],
    ['async', 'return Promise.resolve({})', /'compile' must not be async/],
    ['nothing', '', /'compile' must return an object/],
    ['typo', 'return { acces() {} }', /'compile' must return an object/],
  ] as const) {
    const file = folder.write(`${name}.ts`, compiling(body));
    const found = await problemsOf(file, routeWith('own', { a: 'x' }));
    assert.match(found.join('\n'), expected, name);
  }
});

/** Fails in the phase, or with the value, that the path names. */
const FAULTY = `
import { exitJson } from 'silverback';
const boom = () => { throw new Error('boom'); };
export default {
  name: 'faulty', priority: 1, schema: { properties: {} },
  compile: () => ({
    access(ctx) {
      if (ctx.path === '/access') boom();
      if (ctx.path === '/rejects') return Promise.reject(new Error('boom'));
      if (ctx.path === '/odd-answer') return 'hello';
      if (ctx.path === '/odd-status') return exitJson(42, {});
      if (ctx.path === '/odd-header') { ctx.headers.push('bad name', 'x'); }
      if (ctx.path === '/undefined-header') { ctx.headers.push('x-a', undefined); }
      return undefined;
    },
    async log(ctx) { if (ctx.path !== '/fine') throw new Error('boom'); },
    headerFilter(ctx, head) {
      if (ctx.path === '/header') boom();
      if (ctx.path === '/async-header') return Promise.reject(new Error('boom'));
      if (ctx.path === '/head-status') head.status = 'abc';
      if (ctx.path === '/head-header') head.headers.push('a', 'x\\r\\ny: z');
      if (ctx.path === '/text-body') head.body = 'grüße';
    },
    filtersBody(ctx) {
      if (ctx.path === '/filters') boom();
      if (ctx.path === '/async-filters') return Promise.reject(new Error('boom'));
      return ctx.path === '/body' || ctx.path === '/odd-body' || ctx.path === '/text-chunk';
    },
    bodyFilter(ctx, chunk) {
      if (ctx.path === '/body') boom();
      return ctx.path === '/text-chunk' ? (chunk === undefined ? 'ü!' : undefined) : 7;
    },
  }),
};
`;

test('whatever a plugin throws or gives, the next request is served', async (t) => {
  const folder = pluginFolder(t, { 'faulty.js': FAULTY });
  const { url } = await startOrigin(t, (_req, res) => void res.end('from upstream'));
  const { get } = await start(t, join(folder.path, 'faulty.js'), routeWith('faulty', {}, url));
  for (const path of ['/access', '/rejects', '/odd-answer', '/odd-status', '/header']) {
    const answer = await get(path);
    assert.equal(answer.status, 500, path);
    assert.doesNotMatch(await answer.text(), /boom/);
  }
  for (const path of [
    '/async-header',
    '/head-status',
    '/head-header',
    '/filters',
    '/async-filters',
  ]) {
    assert.equal((await get(path)).status, 500, path);
  }
  assert.ok((await get('/odd-header')).status >= 500);
  // A header without a value is sent or left out; the request goes on.
  assert.equal((await get('/undefined-header')).status, 200);
  for (const path of ['/body', '/odd-body']) {
    await assert.rejects(async () => (await get(path)).text(), path);
  }
  assert.equal(await (await get('/text-body')).text(), 'grüße');
  assert.equal(await (await get('/text-chunk')).text(), 'ü!');
  assert.equal(await (await get('/fine')).text(), 'from upstream');
});

test('a changed file is another plugin with the next load; a broken one changes nothing', async (t) => {
  const folder = pluginFolder(t, {
    'p.ts': `import { word } from "./lib/word.ts";\n${answering('x').replace("'x'", 'word')}`,
    'lib/word.ts': "export const word: string = 'one';",
    'kong.yaml': routeWith('answering'),
  });
  const { get, admin } = await start(t, join(folder.path, 'p.ts'), routeWith('answering'), {
    declarative_config: join(folder.path, 'kong.yaml'),
  });
  const says = async (text: string): Promise<boolean> =>
    (await (await get()).text()).includes(`"text":"${text}"`);
  assert.ok(await says('one'));
  folder.write('lib/word.ts', "export const word: string = 'two';");
  await until(() => says('two'));

  folder.write('lib/word.ts', 'export const word: string = ;');
  // The watch may be about to try it as well: 429 until it has.
  let refused = await admin('/config', post(routeWith('answering')));
  await until(async () => {
    if (refused.status === 429) refused = await admin('/config', post(routeWith('answering')));
    return refused.status !== 429;
  });
  assert.equal(refused.status, 400);
  assert.match(await refused.text(), /p\.ts cannot be read: Unexpected/);
  assert.ok(await says('two'));

  folder.write('lib/word.ts', "export const word: string = 'three';");
  await until(() => says('three'));
});

test('the instances of a load are closed when the last of its requests is over', async (t) => {
  const folder = pluginFolder(t);
  const closed = join(folder.path, 'closed');
  const source = (version: number): string => `
    import { appendFileSync } from 'node:fs';
    export default { name: 'own', priority: 1, schema: { properties: {} }, compile: () => ({
      async access(ctx) {
        if (ctx.path === '/slow') await new Promise((go) => { globalThis.releaseOwnPlugin = go; });
        return { kind: 'exit', status: 200, headers: [], body: 'v${version}' };
      },
      close() { appendFileSync(${JSON.stringify(closed)}, 'v${version} '); },
    }) };`;
  const plugin = folder.write('own.js', source(1));
  writeFileSync(closed, '');
  const { get, admin } = await start(t, plugin, routeWith('own'));
  const slow = get('/slow');
  await until(() => Reflect.has(globalThis, 'releaseOwnPlugin'));
  folder.write('own.js', source(2));
  assert.equal((await admin('/config', post(routeWith('own')))).status, 201);
  assert.equal(await (await get()).text(), 'v2');
  assert.equal(readFileSync(closed, 'utf8'), '');
  const release: unknown = Reflect.get(globalThis, 'releaseOwnPlugin');
  assert.ok(typeof release === 'function');
  Reflect.apply(release, undefined, []);
  assert.equal(await (await slow).text(), 'v1');
  await until(() => readFileSync(closed, 'utf8') === 'v1 ');
});

test('an own plugin may have the name of a plugin of Kong that is not here', async (t) => {
  const folder = pluginFolder(t, { 'oauth2.ts': answering('mine', 'oauth2') });
  const { get } = await start(t, join(folder.path, 'oauth2.ts'), routeWith('oauth2'));
  assert.match(await (await get()).text(), /"text":"mine"/);
});
