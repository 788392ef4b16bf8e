/** `POST /config`: what each form of body hands to the loader, and what each outcome answers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApplyOptions, ApplyOutcome } from '../src/admin/index.ts';
import { loadConfig, type DocumentSource } from '../src/config/load.ts';
import type { Config } from '../src/config/types.ts';
import { ConfigError } from '../src/errors.ts';
import { adminClient } from './support/admin.ts';
import { buildConfig } from './support/config.ts';

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const YAML = '_format_version: "3.0"\n';
const DOCUMENT = { _format_version: '3.0', services: [] };

interface Posted {
  readonly title: string;
  readonly path?: string;
  readonly type?: string;
  readonly body: string;
  readonly source: DocumentSource;
  readonly checkHash?: boolean;
}

const text = (value: string): DocumentSource => ({ kind: 'text', text: value, format: 'auto' });
const object = (value: unknown): DocumentSource => ({ kind: 'object', value });

const part = (name: string, more: string, value: string): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;

const POSTED: readonly Posted[] = [
  {
    title: 'a JSON document',
    type: JSON_TYPE,
    body: JSON.stringify(DOCUMENT),
    source: object(DOCUMENT),
  },
  {
    title: 'a JSON document with options',
    type: JSON_TYPE,
    body: JSON.stringify({ ...DOCUMENT, flatten_errors: true, check_hash: 1 }),
    source: object(DOCUMENT),
    checkHash: true,
  },
  {
    title: 'text in JSON',
    type: JSON_TYPE,
    body: JSON.stringify({ config: YAML }),
    source: text(YAML),
  },
  { title: 'no text in JSON', type: JSON_TYPE, body: '{"config":5}', source: object(5) },
  { title: 'an empty JSON list', type: JSON_TYPE, body: '[]', source: object({}) },
  {
    title: 'a prototype in JSON',
    type: JSON_TYPE,
    body: '{"_format_version":"3.0","__proto__":{"a":1}}',
    source: object(JSON.parse('{"_format_version":"3.0","__proto__":{"a":1}}')),
  },
  { title: 'YAML', type: 'application/yaml', body: YAML, source: text(YAML) },
  { title: 'YAML as text', type: 'text/yaml; charset=utf-8', body: YAML, source: text(YAML) },
  {
    title: 'a form',
    type: FORM_TYPE,
    body: `config=${encodeURIComponent(`${YAML}# ü+\n`)}&check_hash=1`,
    source: text(`${YAML}# ü+\n`),
    checkHash: true,
  },
  { title: 'a form without config', type: FORM_TYPE, body: 'a=b', source: text('a=b') },
  {
    title: 'an uploaded file',
    type: 'multipart/form-data; boundary="b"',
    body: `${part('other', '', 'x')}${part('config', '; filename="kong.yaml"', YAML)}--b--\r\n`,
    source: text(YAML),
  },
  {
    title: 'check_hash in the query',
    path: '/config?check_hash=1',
    type: 'text/yaml',
    body: YAML,
    source: text(YAML),
    checkHash: true,
  },
  {
    title: 'another check_hash',
    path: '/config?check_hash=true',
    type: 'text/yaml',
    body: YAML,
    source: text(YAML),
  },
];

for (const { title, path = '/config', type, body, source, checkHash = false } of POSTED) {
  test(`POST /config: ${title}`, async (t) => {
    const seen: { source: DocumentSource; options: ApplyOptions }[] = [];
    const ask = await adminClient(t, {
      apply: (given, options) => {
        seen.push({ source: given, options });
        return Promise.resolve({ kind: 'unchanged' });
      },
    });
    const headers = { 'Content-Type': type ?? '' };
    const answer = await ask({ method: 'POST', path, headers, body });
    assert.deepEqual([answer.status, answer.text], [304, '']);
    assert.deepEqual(seen, [{ source, options: { checkHash } }]);
  });
}

const EXPECTED = { message: 'expected a declarative configuration' };
const UNREADABLE: readonly {
  readonly title: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
  readonly json: unknown;
}[] = [
  { title: 'nothing', headers: {}, body: '', status: 400, json: EXPECTED },
  {
    title: 'empty YAML',
    headers: { 'Content-Type': 'text/yaml' },
    body: '',
    status: 400,
    json: EXPECTED,
  },
  {
    title: 'a JSON text',
    headers: { 'Content-Type': JSON_TYPE },
    body: '"x"',
    status: 400,
    json: EXPECTED,
  },
  {
    title: 'a JSON null',
    headers: { 'Content-Type': JSON_TYPE },
    body: 'null',
    status: 400,
    json: EXPECTED,
  },
  {
    title: 'broken JSON',
    headers: { 'Content-Type': JSON_TYPE },
    body: '{"config":',
    status: 400,
    json: { message: 'Cannot parse JSON body' },
  },
  {
    title: 'another type',
    headers: { 'Content-Type': 'text/x-yaml' },
    body: YAML,
    status: 415,
    json: undefined,
  },
];

for (const { title, headers, body, status, json } of UNREADABLE) {
  test(`POST /config refuses ${title} and loads nothing`, async (t) => {
    let loads = 0;
    const ask = await adminClient(t, {
      apply: () => {
        loads += 1;
        return Promise.resolve({ kind: 'unchanged' });
      },
    });
    const answer = await ask({ method: 'POST', path: '/config', headers, body });
    assert.deepEqual([answer.status, answer.json], [status, json]);
    assert.equal(loads, 0);
  });
}

const ID = '33000000-0000-4000-8000-000000000001';
const loaded = buildConfig({
  services: [{ id: ID, name: 'pay', host: 'pay.test' }],
  plugins: [{ id: ID, name: 'jwt' }],
});
const problem = new ConfigError([{ path: ['bogus'], message: 'unknown field' }]);

const OUTCOMES: readonly {
  readonly outcome: ApplyOutcome;
  readonly status: number;
  readonly json: unknown;
}[] = [
  {
    outcome: { kind: 'busy' },
    status: 429,
    json: { message: 'Currently loading previous configuration' },
  },
  { outcome: { kind: 'exiting' }, status: 503, json: { message: 'Kong currently exiting' } },
  {
    outcome: { kind: 'rejected', error: problem },
    status: 400,
    json: {
      code: 14,
      name: 'invalid declarative configuration',
      message: 'declarative config is invalid: {bogus="unknown field"}',
      fields: { bogus: 'unknown field' },
    },
  },
];

for (const { outcome, status, json } of OUTCOMES) {
  test(`POST /config answers an outcome: ${outcome.kind}`, async (t) => {
    const ask = await adminClient(t, { apply: () => Promise.resolve(outcome) });
    const headers = { 'Content-Type': 'text/yaml' };
    const answer = await ask({ method: 'POST', path: '/config', headers, body: YAML });
    assert.deepEqual([answer.status, answer.json], [status, json]);
    assert.equal(answer.headers['retry-after'], outcome.kind === 'busy' ? '1' : undefined);
  });
}

test('POST /config answers an outcome: applied, with the entities by id', async (t) => {
  const ask = await adminClient(t, {
    apply: () => Promise.resolve({ kind: 'applied', config: loaded }),
  });
  const headers = { 'Content-Type': 'text/yaml' };
  const { status, json } = await ask({ method: 'POST', path: '/config', headers, body: YAML });
  const { consumer_group: _group, ...plugin } = loaded.entities.plugins[0] ?? {};
  assert.equal(status, 201);
  assert.deepEqual(json, {
    services: { [ID]: { ...loaded.entities.services[0] } },
    plugins: { [ID]: { ...plugin } },
  });
});

for (const [value, isList] of [
  ['1', true],
  ['true', true],
  ['ON', true],
  ['yes', true],
  ['0', false],
  ['2', false],
] as const) {
  test(`POST /config?flatten_errors=${value}`, async (t) => {
    const ask = await adminClient(t, {
      apply: () => Promise.resolve({ kind: 'rejected', error: problem }),
    });
    const path = `/config?flatten_errors=${value}`;
    const headers = { 'Content-Type': 'text/yaml' };
    const { json } = await ask({ method: 'POST', path, headers, body: YAML });
    assert.ok(typeof json === 'object' && json !== null);
    assert.equal('flattened_errors' in json, isList);
  });
}

test('GET /config shows the whole config as YAML', async (t) => {
  const ask = await adminClient(t, { config: () => loaded });
  const { status, json } = await ask('/config');
  assert.equal(status, 200);
  assert.ok(typeof json === 'object' && json !== null && 'config' in json);
  assert.match(String(json.config), /^_format_version: ['"]3\.0['"]\n_transform: false\n/);
  assert.match(String(json.config), /host: pay\.test/);
});

test('what GET /config shows, POST /config loads to the same entities', async (t) => {
  const options = { plugins: ['jwt'], now: 1_700_000_000_000 };
  const yaml = [
    YAML,
    'services: [{ name: pay, host: pay.test, routes: [{ name: r, paths: [/pay] }] }]',
    'consumers: [{ username: ann, jwt_secrets: [{ key: k, secret: s }] }]',
    'plugins: [{ name: jwt, service: pay }]',
  ].join('\n');
  const { config } = loadConfig(text(yaml), options);
  const reloaded: Config[] = [];
  const ask = await adminClient(t, {
    config: () => config,
    apply: (source) => {
      const again = loadConfig(source, options).config;
      reloaded.push(again);
      return Promise.resolve({ kind: 'applied', config: again });
    },
  });
  const { text: body } = await ask('/config');
  const headers = { 'Content-Type': JSON_TYPE };
  const answer = await ask({ method: 'POST', path: '/config', headers, body });
  assert.equal(answer.status, 201);
  assert.deepEqual(reloaded[0]?.entities, config.entities);
});
