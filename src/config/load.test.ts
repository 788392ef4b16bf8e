/** From a document to the config: relations, ids, transformations, limits. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ConfigError } from '../errors.ts';
import { exportDocument } from './export.ts';
import { emptyConfig, loadConfig } from './load.ts';

const NOW = 1_700_000_000_500;
const options = { plugins: ['jwt', 'key-auth'], now: NOW };

const load = (text: string, format: 'yaml' | 'json' | 'auto' = 'yaml') =>
  loadConfig({ kind: 'text', text: `_format_version: "3.0"\n${text}`, format }, options);

function issuesOf(text: string) {
  try {
    load(text);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.issues;
  }
  return assert.fail('was accepted');
}

const FAMILY = `
routes:
- { name: by-name, paths: [/a], service: s }
services:
- name: s
  url: https://up.test/base
  _comment: dropped
  routes:
  - name: nested
    paths: [/b]
    plugins: [{ name: key-auth }]
`;

test('nested entities and references by name become flat, with ids', () => {
  const { services, routes, plugins } = load(FAMILY).config.entities;
  const [service] = services;
  assert.equal(service?.port, 443);
  assert.equal(service.path, '/base');
  assert.equal(Object.hasOwn(service, 'url'), false);
  assert.equal(Object.hasOwn(service, '_comment'), false);
  assert.deepEqual(
    routes.map((route) => route.service),
    [{ id: service.id }, { id: service.id }],
  );
  const nested = routes.find(({ name }) => name === 'nested');
  assert.deepEqual(plugins[0]?.route, { id: nested?.id });
  assert.equal(plugins[0]?.service, null);
  assert.equal(service.created_at, 1_700_000_000);
});

test('entities are sorted by id and frozen to the leaves', () => {
  const { config } = load(FAMILY);
  const ids = config.entities.routes.map(({ id }) => id);
  assert.deepEqual(ids, ids.toSorted());
  assert.ok(Object.isFrozen(config.entities.routes[0]?.paths));
});

test('places of entities and fields', () => {
  const loaded = load(FAMILY);
  const nested = loaded.config.entities.routes.find(({ name }) => name === 'nested');
  assert.deepEqual(loaded.pathOf(nested?.id ?? ''), ['services', 0, 'routes', 0]);
  const place = loaded.locate(nested?.id ?? '', ['paths', 0]);
  assert.deepEqual([place?.line, place?.column], [11, 13]);
});

test('the hash is the md5 of the text, zeros without entities', () => {
  const text = `_format_version: "3.0"\n${FAMILY}`;
  assert.equal(load(FAMILY).config.hash, createHash('md5').update(text).digest('hex'));
  assert.equal(load('').config.hash, '0'.repeat(32));
  assert.deepEqual(emptyConfig(NOW), load('services: null').config);
});

test('a password is digested with the consumer id, and not again after an export', () => {
  const { config } = load(
    'consumers: [{ username: c, basicauth_credentials: [{ username: u, password: p }] }]',
  );
  const consumer = config.entities.consumers[0]?.id ?? '';
  const digest = createHash('sha1').update(`p${consumer}`).digest('hex');
  assert.equal(config.entities.basicauth_credentials[0]?.password, digest);
  const exported = exportDocument(config);
  const again = loadConfig({ kind: 'text', text: exported, format: 'auto' }, options);
  assert.deepEqual(again.config.entities, config.entities);
});

test('group membership in all its forms', () => {
  const groups = 'consumer_groups: [{ name: g }]';
  for (const text of [
    `${groups}\nconsumers: [{ username: c, groups: [{ name: g }] }]`,
    'consumers: [{ username: c }]\nconsumer_groups: [{ name: g, consumers: [{ username: c }] }]',
    `${groups}\nconsumers: [{ username: c }]\nconsumer_group_consumers: [{ consumer: c, consumer_group: g }]`,
  ]) {
    const { consumers, consumer_groups, consumer_group_consumers } = load(text).config.entities;
    assert.equal(consumer_group_consumers.length, 1);
    assert.deepEqual(consumer_group_consumers[0]?.consumer, { id: consumers[0]?.id });
    assert.deepEqual(consumer_group_consumers[0]?.consumer_group, { id: consumer_groups[0]?.id });
  }
});

test('values Kong makes: ports of targets, keys of credentials', () => {
  const { targets, keyauth_credentials: keys } = load(
    'upstreams: [{ name: u, targets: [{ target: a.test }] }]\nconsumers: [{ username: c, keyauth_credentials: [{}] }]',
  ).config.entities;
  assert.equal(targets[0]?.target, 'a.test:8000');
  assert.equal(targets[0]?.created_at, 1_700_000_000.5);
  assert.match(keys[0]?.key ?? '', /^[A-Za-z0-9]{32}$/);
});

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  [
    'broken reference',
    'routes: [{ name: r, paths: [/], service: x }]',
    /^invalid reference 'service: x'/,
  ],
  [
    'name used twice',
    'services: [{ name: s, host: a }, { name: s, host: b }]',
    /^uniqueness violation: 'services' entity with name/,
  ],
  [
    'custom_id used twice',
    'consumers: [{ username: a, custom_id: x }, { username: b, custom_id: x }]',
    /with custom_id set to 'x'/,
  ],
  ['two global plugins', 'plugins: [{ name: jwt }, { name: jwt }]', /with primary key set to/],
  [
    'parent named in a child',
    'services: [{ name: s, host: a, routes: [{ paths: [/], service: s }] }]',
    /^value must be null$/,
  ],
  [
    'not run by this version',
    'services: [{ name: s, host: h, protocol: tcp }]',
    /not supported|supported by this version/,
  ],
];

for (const [name, text, message] of REFUSED) {
  test(`refused: ${name}`, () => {
    const [issue] = issuesOf(text);
    assert.match(issue?.message ?? '', message);
    assert.equal(issue?.position?.line, 2);
  });
}

test('all problems at once, each with its place', () => {
  const issues = issuesOf('services:\n- name: a b\n- host: h\n  port: "80"\nbogus: 1\n');
  const lines = issues.map(({ position }) => position?.line ?? 0);
  assert.deepEqual(
    lines.toSorted((a, b) => a - b),
    [3, 3, 5, 6],
  );
});

test('a text full of problems costs little and lists the first of them', () => {
  const many = 300_000;
  for (const text of [
    `services: [${'1, '.repeat(many)}]`,
    `services: [{ name: s, host: h, tags: [${'"a,b", '.repeat(many)}] }]`,
    Array.from({ length: many }, (_, i) => `bogus${i}: 1`).join('\n'),
  ]) {
    const issues = issuesOf(text);
    assert.equal(issues.length, 1001);
    assert.ok(issues.every(({ position }) => position !== undefined));
    assert.equal(issues.at(-1)?.message, 'more than 1000 problems; the others are not listed');
  }
});

test('dates stay text, names of Object members are harmless', () => {
  const { config } = load('consumers: [{ username: 2024-01-01 }]');
  assert.equal(config.entities.consumers[0]?.username, '2024-01-01');
  assert.equal(issuesOf('__proto__: { polluted: 1 }')[0]?.message, 'unknown field');
  assert.equal(Reflect.get({}, 'polluted'), undefined);
});

test('an alias bomb is refused with its place', () => {
  const names = 'abcdefghij'.split('');
  const lines = names.map((name, i) => {
    const inner = i === 0 ? '1' : `*${names[i - 1]}`;
    return `- &${name} [${Array.from({ length: 10 }, () => inner).join(', ')}]`;
  });
  const [issue] = issuesOf(`_ignore:\n${lines.join('\n')}`);
  assert.match(issue?.message ?? '', /aliases expand to more than/);
  assert.equal(issue?.position?.line, 4);
});

test('a text that is nested without end is refused', () => {
  const text = `{"_format_version":"3.0","_ignore":${'['.repeat(5000)}${']'.repeat(5000)}}`;
  assert.throws(() => loadConfig({ kind: 'text', text, format: 'json' }, options), ConfigError);
});

test('JSON: the place of a problem, and of one that only JSON readers get to', () => {
  const key = 'k'.repeat(2000);
  for (const [text, line] of [
    ['{\n\t"_format_version": "3.0",\n\t"bogus": 1\n}', 3],
    [`{"_format_version": "3.0", "${key}"\n: 1}`, 1],
    ['{"_format_version": "3.0",\n}', 2],
  ] as const) {
    assert.throws(
      () => loadConfig({ kind: 'text', text, format: 'json' }, options),
      (error) => error instanceof ConfigError && error.issues[0]?.position?.line === line,
      text.slice(0, 40),
    );
  }
});
