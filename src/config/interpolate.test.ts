/** References in documents: what they become, and what is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, type ConfigIssue } from '../errors.ts';
import { loadConfig, type LoadedConfig } from './load.ts';
import { UnreadableFileError, type ReferenceSources } from './references-in-text.ts';

const FILES = new Map([
  ['/run/secrets/key', 'from-a-file\n'],
  ['/etc/gw/near', 'near'],
]);

const sources = (env: Readonly<Record<string, string>>): ReferenceSources => ({
  env,
  readFile(path, folder) {
    const text = FILES.get(path.startsWith('/') ? path : `${folder}/${path}`);
    if (text === undefined) throw new UnreadableFileError('does not exist');
    return text;
  },
});

const ENV = { HOST: 'up.test', PORT: '8080', DIGITS: '123', ON: 'true', EMPTY: '', LIST: '[a, b]' };

const load = (text: string, env: Readonly<Record<string, string>> = ENV): LoadedConfig =>
  loadConfig(
    {
      kind: 'files',
      texts: [
        {
          text: `_format_version: "3.0"\n${text}`,
          file: 'kong.yaml',
          format: 'auto',
          folder: '/etc/gw',
        },
      ],
    },
    { plugins: ['key-auth', 'request-termination'], now: 0, references: sources(env) },
  );

function issuesOf(text: string, env = ENV): readonly ConfigIssue[] {
  try {
    load(text, env);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.issues;
  }
  return assert.fail('was accepted');
}

const serviceOf = (fields: string) =>
  load(`services: [{ name: s, host: h, ${fields} }]`).config.entities.services[0];

for (const [written, expected] of [
  ['a.${HOST}', 'a.up.test'],
  ['${HOST:-other}', 'up.test'],
  ['${NONE:-other.test}', 'other.test'],
  ['${EMPTY:-other.test}', 'other.test'],
  ['${NONE:-}x', 'x'],
  ['${file:near}', 'near'],
  ['${file:/run/secrets/key}', 'from-a-file'],
  ['${HOST}.${DIGITS}', 'up.test.123'],
  ['${DIGITS}', '123'],
] as const) {
  test(`${written} is ${expected}`, () => {
    assert.equal(serviceOf(`host: "${written}"`)?.host, expected);
  });
}

for (const text of [
  '$HOST',
  '$(headers.x)',
  '${',
  '${}',
  '${HOST',
  '${1X}',
  '${HOST:+x}',
  '${ HOST }',
  '${file:}',
  'a${b-c}',
  '{vault://env/HOST}',
]) {
  test(`${text} is left alone`, () => {
    const [plugin] = load(
      `plugins: [{ name: request-termination, config: { message: '${text}' } }]`,
    ).config.entities.plugins;
    assert.equal(plugin?.config['message'], text);
  });
}

test('a doubled dollar is the text itself', () => {
  const [plugin] = load(
    'plugins: [{ name: request-termination, config: { message: "$${HOST} ${HOST}" } }]',
  ).config.entities.plugins;
  assert.equal(plugin?.config['message'], '${HOST} up.test');
});

test('a whole value takes the type of its field, quoted or not', () => {
  const service = load(`
services:
- name: s
  host: \${DIGITS}
  port: \${PORT}
  enabled: "\${ON}"
`).config.entities.services[0];
  assert.deepEqual([service?.host, service?.port, service?.enabled], ['123', 8080, true]);
});

test('a value of the wrong type is refused where it stands, and not shown', () => {
  const [issue] = issuesOf(
    'services:\n- { name: s, host: h }\n- name: t\n  host: h\n  port: ${HOST}',
  );
  assert.deepEqual([issue?.message, issue?.position?.line], ['expected an integer', 6]);
});

test('no value becomes a list, and no name is a reference', () => {
  assert.match(
    issuesOf('services: [{ name: s, host: h, tags: "${LIST}" }]')[0]?.message ?? '',
    /expected a set/,
  );
  assert.match(issuesOf('"${HOST}": 1')[0]?.message ?? '', /unknown field/);
});

test('every reference without a value is an issue with its place and the name that is near', () => {
  const issues = issuesOf('services:\n- name: s\n  host: ${HSOT}\n  path: ${file:nowhere}');
  assert.deepEqual(
    issues.map(({ code, message, position, suggestion }) => [
      code,
      message,
      position?.line,
      suggestion,
    ]),
    [
      ['SB1510', "the variable 'HSOT' is not set", 4, '${HOST}'],
      ['SB1511', "the file 'nowhere' does not exist", 5, undefined],
    ],
  );
});

test('names that every object inherits are not set', () => {
  assert.match(issuesOf('services: [{ host: "${constructor}" }]')[0]?.message ?? '', /not set/);
});

test('a comment in the document may show a reference', () => {
  const { config } = load('_comment: use ${NOWHERE}\n_ignore: ["${NOWHERE}"]\nservices: []');
  assert.deepEqual(config.entities.services, []);
});

test('messages name references and not their values', () => {
  const [issue] = issuesOf(
    'consumers:\n- username: a\n  keyauth_credentials: [{ key: "${KEY}" }, { key: "${KEY}" }]',
    { ...ENV, KEY: 'top-secret' } as typeof ENV,
  );
  assert.match(issue?.message ?? '', /key set to '\$\{KEY\}' already declared/);
});

test('the hash changes with the values', () => {
  const text = 'services: [{ name: s, host: "${HOST}" }]';
  const hash = (host: string) => load(text, { HOST: host }).config.hash;
  assert.equal(hash('a'), hash('a'));
  assert.notEqual(hash('a'), hash('b'));
});

for (const source of [
  { kind: 'text', text: '_format_version: "3.0"\nservices: [{ host: "${HOST}" }]', format: 'auto' },
  { kind: 'object', value: { _format_version: '3.0', services: [{ host: '${HOST}' }] } },
] as const) {
  test(`what comes over the network reads nothing of this machine: ${source.kind}`, () => {
    assert.throws(
      () => loadConfig(source, { plugins: [], now: 0, references: sources(ENV) }),
      ConfigError,
    );
  });
}
