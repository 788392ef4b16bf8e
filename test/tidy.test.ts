/** Checks of the project itself: what a reviewer would otherwise have to remember. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { SILVERBACK_VERSION } from '../src/version.ts';

const root = join(import.meta.dirname, '..');
/** It spells out what nothing else may hold. */
const THIS_FILE = 'test/tidy.test.ts';
const LINES_MAX = 400;
const GENERATED: ReadonlySet<string> = new Set(['src/config/schema-types.ts']);

/** The table of src/README.md: an import goes to a lower layer or stays inside its unit. */
const LAYERS: readonly (readonly string[])[] = [
  [
    'errors.ts',
    'version.ts',
    'log.ts',
    'recent-map.ts',
    'single-flight.ts',
    'turn-batches.ts',
    'undici.ts',
    'http/',
  ],
  ['redis/', 'tracing/', 'log-tap.ts'], // of layer 1 in the map; counters, answers and settings stand on them
  ['config/', 'settings/', 'tokens/', 'counters/', 'answer-cache/', 'metrics/'],
  ['services.ts'], // of the same layer in the map; it speaks of keys of tokens
  ['plugin.ts'], // of the same layer in the map; it speaks of entities, and nothing there speaks of it
  ['authentication.ts', 'define-plugin.ts', 'telemetry/'],
  ['router/', 'proxy/', 'plugins/', 'own-plugins/', 'report/', 'outbound/', 'keys/', 'edit/'],
  ['gateway/'],
  ['server/', 'admin/', 'demo/', 'lint/', 'simulate/'],
  ['node/'],
  ['cli.ts', 'index.ts', 'testing.ts'],
];

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function filesBelow(dir: string, suffix: string): readonly string[] {
  return readdirSync(join(root, dir), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(suffix) && !file.includes('node_modules'))
    .map((file) => `${dir}/${file}`)
    .toSorted();
}

/** The unit a file below `src/` belongs to, and the number of its layer. */
function placeOf(file: string): { readonly layer: number; readonly unit: string } {
  for (const [layer, units] of LAYERS.entries()) {
    const unit = units.find((name) => (name.endsWith('/') ? file.startsWith(name) : file === name));
    if (unit === 'plugins/') return { layer, unit: file.split('/').slice(0, 2).join('/') };
    if (unit !== undefined) return { layer, unit };
  }
  throw new Error(`${file} has no layer: add it to src/README.md and to LAYERS, or move it`);
}

function importsOf(file: string): readonly string[] {
  return [...read(file).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, specifier]) =>
    normalize(join(dirname(file), specifier ?? '')),
  );
}

const sources = filesBelow('src', '.ts');
const code = [...sources, ...filesBelow('test', '.ts'), ...filesBelow('bench', '.ts')];
const texts = [
  ...code,
  ...['src', 'schemas', 'examples'].flatMap((dir) => filesBelow(dir, '.md')),
  ...filesBelow('schemas', '.json'),
  ...filesBelow('examples', '.yaml'),
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'kong.yaml',
];

test('there are sources to check', () => assert.ok(sources.length > 50));

test('imports point down the layers or stay inside their unit', () => {
  const wrong = sources
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) => {
      const from = placeOf(file.slice('src/'.length));
      return importsOf(file)
        .filter((target) => {
          if (!target.startsWith('src/')) return true;
          const to = placeOf(target.slice('src/'.length));
          return to.layer >= from.layer && to.unit !== from.unit;
        })
        .map((target) => `${file} → ${target}`);
    });
  assert.deepEqual(wrong, []);
});

test('every imported file exists', () => {
  const missing = code.flatMap((file) =>
    importsOf(file)
      .filter((target) => !existsSync(join(root, target)))
      .map((target) => `${file} → ${target}`),
  );
  assert.deepEqual(missing, []);
});

test(`no file is longer than ${LINES_MAX} lines`, () => {
  const long = code
    .filter((file) => !GENERATED.has(file))
    .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
    .filter(({ lines }) => lines > LINES_MAX)
    .map(({ file, lines }) => `${file} has ${lines} lines`);
  assert.deepEqual(long, []);
});

test('every file says in its first line what it is', () => {
  const mute = code.filter((file) => !/^(#!.*\n)?(\/\*\*|\/\*|\/\/) ?\S?/.test(read(file)));
  assert.deepEqual(mute, []);
});

test('file names are kebab-case', () => {
  const odd = code.filter((file) => !/^[a-z0-9]+([.-][a-z0-9]+)*\.ts$/.test(basename(file)));
  assert.deepEqual(odd, []);
});

const BANNED: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'a call of the console', pattern: /\bconsole\./ },
  { name: 'an unfinished note', pattern: /\b(TODO|FIXME|XXX)\b/ },
  { name: 'a path of one machine', pattern: /(^|[\s'"`(])\/(work|root|home)\//m },
];

for (const { name, pattern } of BANNED) {
  test(`nothing holds ${name}`, () => {
    assert.deepEqual(
      texts.filter((file) => file !== THIS_FILE && pattern.test(read(file))),
      [],
    );
  });
}

for (const name of readdirSync(join(root, 'src/plugins'))) {
  test(`plugin ${name} has its schema, doc, test and example`, () => {
    const missing = [
      `schemas/plugins/${name}.json`,
      `src/plugins/${name}/README.md`,
      `src/plugins/${name}/${name}.test.ts`,
      `examples/${name}/kong.yaml`,
    ].filter((path) => !existsSync(join(root, path)));
    assert.deepEqual(missing, []);
  });
}

test('every plugin schema belongs to a plugin', () => {
  const orphans = filesBelow('schemas/plugins', '.json').filter(
    (file) => !existsSync(join(root, 'src/plugins', basename(file, '.json'))),
  );
  assert.deepEqual(orphans, []);
});

test('the program and the package have one version, and the changelog knows it', () => {
  const manifest: unknown = JSON.parse(read('package.json'));
  assert.ok(typeof manifest === 'object' && manifest !== null && 'version' in manifest);
  assert.equal(SILVERBACK_VERSION, manifest.version);
  assert.match(
    read('CHANGELOG.md'),
    new RegExp(`^## ${SILVERBACK_VERSION.replaceAll('.', '\\.')}\\b`, 'm'),
  );
});

/** The tree at the end of the map: one entry a line, folders by their indentation. */
function mapTree(): readonly string[] {
  const [, tree = ''] =
    /^## The tree$[\s\S]*?```text\n([\s\S]*?)```/m.exec(read('src/README.md')) ?? [];
  const above: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', name = ''] = /^( *)(\S+) +\S/.exec(line) ?? [];
    if (name === '') return [];
    const path = [...above.slice(0, indent.length / 2), name].join('');
    above[indent.length / 2] = name;
    return [path];
  });
}

test('the tree of the map has every source file and folder, and nothing else', () => {
  const files = sources
    .map((file) => file.slice('src/'.length))
    .filter((file) => !/\.test(\.fixture)?\.ts$/.test(file));
  const folders = new Set(
    files.flatMap((file) => [...file.matchAll(/\//g)].map(({ index }) => file.slice(0, index + 1))),
  );
  assert.deepEqual(mapTree().toSorted(), [...files, ...folders].toSorted());
});

test('the files named in the map exist', () => {
  const named = [...read('src/README.md').matchAll(/`([a-z0-9/-]+(?:\.[a-z]+)*(?:\.ts|\.md|\/))`/g)]
    .map(([, path]) => path ?? '')
    .filter((path) => !path.includes('<'));
  const missing = named.filter(
    (path) => !existsSync(join(root, 'src', path)) && !existsSync(join(root, path)),
  );
  assert.ok(named.length > 10);
  assert.deepEqual(missing, []);
});

test('the files linked from the README exist', () => {
  const linked = [...read('README.md').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
    ([, path]) => path ?? '',
  );
  assert.ok(linked.length > 0);
  assert.deepEqual(
    linked.filter((path) => !existsSync(join(root, path))),
    [],
  );
});
