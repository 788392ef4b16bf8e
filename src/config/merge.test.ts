/** Several files as one config: what is joined, and where they contradict each other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, type ConfigIssue } from '../errors.ts';
import { loadConfig, type LoadedConfig } from './load.ts';

const load = (texts: Readonly<Record<string, string>>): LoadedConfig =>
  loadConfig(
    {
      kind: 'files',
      texts: Object.entries(texts).map(([file, text]) => ({ file, text, format: 'auto' })),
    },
    { plugins: ['key-auth'], now: 0 },
  );

function issueOf(texts: Readonly<Record<string, string>>): ConfigIssue {
  try {
    load(texts);
  } catch (error) {
    assert.ok(error instanceof ConfigError && error.issues[0] !== undefined);
    return error.issues[0];
  }
  return assert.fail('was accepted');
}

const places = ({ position, related }: ConfigIssue): readonly string[] =>
  [position, ...(related ?? []).map(({ range }) => range)].map(
    (range) => `${range?.file ?? ''}:${range?.line ?? ''}`,
  );

const V3 = '_format_version: "3.0"\n';
const SERVICE = 'services:\n- name: s\n  host: h\n';

test('lists are joined, and references cross files', () => {
  const { entities } = load({
    'a.yaml': `${V3}routes:\n- { name: r, paths: [/r], service: s }\n`,
    'b.json': '{"_format_version": "3.0", "services": [{"name": "s", "host": "h"}]}',
    'c.yaml': `${V3}${SERVICE.replace('name: s', 'name: t')}`,
  }).config;
  assert.deepEqual(new Set(entities.services.map(({ name }) => name)), new Set(['s', 't']));
  assert.equal(
    entities.routes[0]?.service?.id,
    entities.services.find(({ name }) => name === 's')?.id,
  );
});

test('a problem is shown in its file, with the path it has there', () => {
  const issue = issueOf({
    'a.yaml': `${V3}${SERVICE}`,
    'b.yaml': `${V3}services:\n- name: t\n  host: h\n  port: x\n`,
  });
  assert.deepEqual(issue.path, ['services', 0, 'port']);
  assert.deepEqual(places(issue), ['b.yaml:5']);
});

test('the same name in two files', () => {
  const issue = issueOf({ 'a.yaml': `${V3}${SERVICE}`, 'b.yaml': `${V3}\n${SERVICE}` });
  assert.match(issue.message, /name set to 's' already declared/);
  assert.equal(issue.position?.file, 'b.yaml');
});

const routes = (name: string) => `routes:\n- { name: ${name}, paths: ['/a\\d'] }\n`;

test('each file is read by the rules of its own format', () => {
  const { entities } = load({
    'old.yaml': `_format_version: "2.1"\n${routes('old')}`,
    'new.yaml': `${V3}${routes('new')}`,
  }).config;
  const pathsOf = (wanted: string) => entities.routes.find(({ name }) => name === wanted)?.paths;
  assert.deepEqual([pathsOf('old'), pathsOf('new')], [['~/a\\d'], ['/a\\d']]);
});

test('a file without a format takes that of the others, when they agree', () => {
  const old = { 'a.yaml': '_format_version: "1.1"\n', 'b.yaml': `routes: [{ paths: ['/a\\d'] }]` };
  assert.deepEqual(load(old).config.entities.routes[0]?.paths, ['~/a\\d']);
  const issue = issueOf({ ...old, 'c.yaml': V3 });
  assert.equal(issue.code, 'SB1520');
  assert.deepEqual(places(issue), ['b.yaml:1', 'a.yaml:1', 'c.yaml:1']);
  assert.match(issueOf({ 'a.yaml': SERVICE, 'b.yaml': 'routes: []' }).message, /required field/);
});

for (const [code, one, two] of [
  ['SB1521', '_transform: false', '_transform: true'],
  ['SB1522', '_workspace: a', '_workspace: b'],
  ['SB1522', '_konnect: { control_plane_name: a }', '_konnect: { control_plane_name: b }'],
  ['SB1522', '_plugin_configs: { x: { a: 1 } }', '_plugin_configs: { x: { a: 2 } }'],
] as const) {
  test(`${one} and ${two}: both places are named`, () => {
    const issue = issueOf({ 'a.yaml': `${V3}${one}\n`, 'b.yaml': `${V3}\n${two}\n` });
    assert.equal(issue.code, code);
    assert.deepEqual(places(issue).toSorted(), ['a.yaml:2', 'b.yaml:3']);
  });
}

test('every text that cannot be read is named at once', () => {
  assert.throws(
    () => load({ 'a.yaml': 'a: [', 'b.yaml': V3, 'c.json': '{"a":' }),
    (error: unknown) =>
      error instanceof ConfigError &&
      error.issues.map(({ position }) => position?.file).join() === 'a.yaml,c.json',
  );
});

test('a member that is no list in one of the files is refused there', () => {
  const issue = issueOf({ 'a.yaml': `${V3}${SERVICE}`, 'b.yaml': `${V3}services: none\n` });
  assert.equal(issue.message, 'expected an array');
  assert.deepEqual(places(issue), ['b.yaml:2']);
});
