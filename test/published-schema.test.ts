/**
 * The schema that editors read, beside the loader: it takes every document that loads, and refuses most of
 * those that do not. Measured over all documents of this repository.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { diagnosticsOf } from '../src/config/diagnostic.ts';
import { publishedSchema, schemaText } from '../src/config/editor-schema/document.ts';
import { loadConfig } from '../src/config/load.ts';
import { parseText } from '../src/config/parse.ts';
import { PLUGIN_NAMES } from '../src/config/schemas.ts';
import { ConfigError } from '../src/errors.ts';
import { readCorpus } from './support/config-corpus.ts';
import { SCHEMA_FILE } from './support/generate-schema.ts';

const isAccepted = new Ajv({ strict: false }).compile(publishedSchema());

/** What a schema cannot see: it knows neither the other entities nor what a text means. */
const BEYOND_A_SCHEMA: ReadonlySet<string> = new Set([
  'SB1102', // a url without a host
  'SB1103', // a url with a word for a port
  'SB1104', // a url with another scheme
  'SB1105', // a url with a port out of range
  'SB1114', // a host of a route with a port out of range
  'SB1117', // a url with a bad path, a path that is not normalised
  'SB1122', // protocols of two families
  'SB1206', // a key with PEM's first line and words after it
  'SB1207',
  'SB1208', // fields of another protocol
  'SB1301', // references to nothing
  'SB1302', // names, ids and other values that are taken
  'SB1303',
  'SB1304',
  'SB1601', // plugins that refuse their config
  'SB1602', // regular expressions
  'SB1603',
  'SB1606', // keys
]);

/** The codes of what keeps a text from being loaded; none when it loads. */
function codesOf(text: string): readonly string[] {
  try {
    loadConfig({ kind: 'text', text, format: 'auto' }, { plugins: PLUGIN_NAMES, now: Date.now() });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return diagnosticsOf(error).map(({ code }) => code);
    throw error;
  }
}

/** The value a text holds; `undefined` for what is no YAML, which no schema is asked about. */
function valueOf(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: parseText(text, 'auto', 'kong.yaml').value ?? null };
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

test('schemas/silverback.schema.json is what `npm run schemas` makes', () => {
  assert.equal(readFileSync(SCHEMA_FILE, 'utf8'), schemaText(publishedSchema()));
});

test('over all documents: what loads is accepted, most of the rest is refused', async (t) => {
  const documents = (await readCorpus()).flatMap(({ name, text }) => {
    const parsed = valueOf(text);
    return parsed === undefined ? [] : [{ name, codes: codesOf(text), value: parsed.value }];
  });
  const good = documents.filter(({ codes }) => codes.length === 0);
  const bad = documents.filter(({ codes }) => codes.length > 0);
  const missed = bad.filter(({ value }) => isAccepted(value));
  t.diagnostic(
    `${good.length} documents load; ${bad.length - missed.length} of ${bad.length} bad ones are refused`,
  );

  await t.test('every document that loads is accepted', () => {
    assert.ok(good.length > 50);
    assert.deepEqual(
      good.filter(({ value }) => !isAccepted(value)).map(({ name }) => name),
      [],
    );
  });

  await t.test('what is not refused is beyond a schema', () => {
    const surprising = missed.filter(({ codes }) => !codes.every((c) => BEYOND_A_SCHEMA.has(c)));
    assert.deepEqual(
      surprising.map(({ name, codes }) => `${name}: ${codes.join(' ')}`),
      [],
    );
  });

  await t.test('two thirds of the bad documents are refused', () => {
    assert.ok(missed.length < bad.length / 3, `${missed.length} of ${bad.length} are accepted`);
  });
});

const ODD_AND_GOOD: readonly (readonly [name: string, text: string])[] = [
  [
    'nulls, which count as unset',
    `services: [{ name: s, url: "http://a.test", protocol: ~, retries: ~, tags: ~, client_certificate: ~ }]
routes: [{ name: r, paths: [/], hosts: ~, headers: ~, strip_path: ~, service: ~ }]
plugins: [{ name: jwt, config: ~, route: ~, protocols: ~ }]
consumers: ~`,
  ],
  [
    'duplicates in sets, which are dropped',
    'routes: [{ name: r, paths: [/], methods: [GET, GET], tags: [a, a], protocols: [http, http] }]',
  ],
  [
    'references by name, by id and in a record',
    `services: [{ id: 2aeb71a5-6b1f-4c1e-9b0a-3c4f6f3ea4d1, name: s, host: a.test }]
routes:
- { name: a, paths: [/a], service: s }
- { name: b, paths: [/b], service: 2aeb71a5-6b1f-4c1e-9b0a-3c4f6f3ea4d1 }
- { name: c, paths: [/c], service: { id: 2aeb71a5-6b1f-4c1e-9b0a-3c4f6f3ea4d1 } }`,
  ],
  [
    'the TLS fields of a service whose protocol is in its url',
    'services: [{ name: s, url: "https://a.test", tls_verify: true, tls_verify_depth: 2 }]',
  ],
  [
    'vault references in place of certificates',
    'certificates: [{ cert: "{vault://env/cert}", key: "{vault://env/key}" }]',
  ],
  [
    "decK's members and shared settings",
    `_info: { select_tags: [t], defaults: { service: { retries: 2 } } }
_workspace: default
_plugin_configs: { strict: { claims_to_verify: [exp] } }
plugins: [{ name: jwt, _config: strict }]`,
  ],
  [
    'notes in every entity',
    `_comment: c
_ignore: [{ a: 1 }]
services: [{ name: s, host: a.test, _comment: c, _ignore: [1], plugins: [{ name: key-auth, _comment: c }] }]`,
  ],
];

for (const [name, text] of ODD_AND_GOOD) {
  test(`${name} are accepted as by the loader`, () => {
    const whole = `_format_version: '3.0'\n${text}\n`;
    assert.deepEqual(codesOf(whole), []);
    assert.ok(isAccepted(valueOf(whole)?.value), JSON.stringify(isAccepted.errors));
  });
}

test('values that come from the environment are accepted wherever a value may stand', () => {
  const text = `_format_version: '3.0'
services: [{ name: '\${NAME}', host: '\${HOST:-a.test}', port: '\${PORT}', protocol: '\${PROTOCOL}', tls_verify: '\${VERIFY}' }]
`;
  assert.ok(isAccepted(valueOf(text)?.value), JSON.stringify(isAccepted.errors));
});
