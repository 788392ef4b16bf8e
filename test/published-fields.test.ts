/**
 * Every plugin of this build has the fields that Kong publishes for it, with their types, defaults and allowed values,
 * and a test that names each of them. `support/published-fields.json` is made of the JSON Schemas that come with Kong
 * Gateway 3.9 (names, types and defaults only); what is ours on purpose is listed here.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PLUGIN_NAMES, pluginSchema, type FieldSchema } from '../src/config/schemas.ts';

const root = join(import.meta.dirname, '..');

interface PublishedField {
  readonly type: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  /** Of the elements of a list. */
  readonly items?: string;
  readonly itemsEnum?: readonly unknown[];
}
interface PublishedPlugin {
  readonly required: readonly string[];
  readonly fields: Readonly<Record<string, PublishedField>>;
}

const published: Readonly<Record<string, PublishedPlugin>> = JSON.parse(
  readFileSync(join(root, 'test/support/published-fields.json'), 'utf8'),
);

/** Members of the record of a Redis server. */
const REDIS_FIELDS = 'database host password port server_name ssl ssl_verify timeout username';
const redisFields = (reason: string): Readonly<Record<string, string>> =>
  Object.fromEntries(REDIS_FIELDS.split(' ').map((field) => [`redis.${field}`, reason]));

/** Dotted names of fields that are published but not ours, or ours but not published, or different; and why. */
const DIFFERENCES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cors: { allow_origin_absent: 'a field of Kong 3.10 and later' },
  jwt: Object.fromEntries(
    [
      'issuers',
      'issuers[].issuer',
      'issuers[].jwks_uri',
      'issuers[].key_set',
      'issuers[].algorithms',
      'issuers[].ssl_verify',
      'issuers[].refresh_seconds',
      'issuers[].consumer_claim',
      'issuers[].consumer_by',
      'issuers[].consumer_optional',
      'audiences',
      'scopes_required',
      'scopes_claim',
      'leeway',
      'claims_to_headers',
    ].map((field) => [field, 'ours, off by default']),
  ),
  'proxy-cache': { strategy: 'redis is ours', ...redisFields('ours, for strategy: redis') },
  'rate-limiting': {
    claim_name: 'ours, for limit_by: claim',
    limit_by: 'claim is ours, and consumer-group one of Kong Enterprise',
    policy: 'cluster needs a database',
  },
  'response-ratelimiting': { policy: 'cluster needs a database' },
  statsd: {
    metrics:
      'the default is that of Kong 3.9.1; the published one is a single metric of Kong Enterprise',
    'metrics[].name': 'cache_datastore_hits_total and _misses_total are of Kong Enterprise',
  },
};

/** Records that several plugins have and one place reads: the folder whose tests are for all of them. */
const SHARED_RECORDS: Readonly<Record<string, string>> = {
  redis: 'src/plugins/rate-limiting',
  queue: 'src/telemetry',
};

/** Plugins whose tests count their fields themselves, and where. */
const COUNTED_ELSEWHERE: Readonly<Record<string, string>> = {
  'jwt-signer': 'test/jwt-signer-fields.test.ts',
};

/** Lists are published in alphabetical order. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(String).toSorted() : value;

/** The leaves of a schema in the form of the published ones. */
function fieldsOf(schema: FieldSchema, prefix = ''): (readonly [string, PublishedField])[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const { type = 'object', items } = field;
    // Other names for fields that are there.
    if (field['x-kong-write-only']) return [];
    if (field.properties !== undefined) return fieldsOf(field, `${prefix}${name}.`);
    const shape: PublishedField = {
      type,
      ...(field.default !== undefined && { default: field.default }),
      ...(field.enum !== undefined && { enum: field.enum.map(String).toSorted() }),
      ...(items !== undefined && { items: items.type ?? 'object' }),
      ...(items?.enum !== undefined && { itemsEnum: items.enum.map(String).toSorted() }),
    };
    const own = [[`${prefix}${name}`, shape] as const];
    return items === undefined ? own : [...own, ...fieldsOf(items, `${prefix}${name}[].`)];
  });
}

const isTestFile = (file: string): boolean => file.endsWith('.test.ts');

const textsIn = (folder: string, isTest: (file: string) => boolean): readonly string[] =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder))
        .filter(isTest)
        .map((file) => readFileSync(join(root, folder, file), 'utf8'))
    : [];

/** All that the tests of a plugin say: those beside it, and those in `test/` that have its name. */
function testsOf(plugin: string): string {
  return [
    ...textsIn(`src/plugins/${plugin}`, isTestFile),
    ...textsIn('test', (file) => file.startsWith(plugin) && file.endsWith('.test.ts')),
    ...textsIn(`test/${plugin}`, (file) => file.endsWith('.ts')),
  ].join('\n');
}

function untested(plugin: string, fields: readonly string[]): readonly string[] {
  const own = testsOf(plugin);
  return fields.filter((field) => {
    const [record = '', ...below] = field.split('.');
    const isShared = below.length > 0 && Object.hasOwn(SHARED_RECORDS, record);
    const text = isShared
      ? own + textsIn(SHARED_RECORDS[record] ?? '', isTestFile).join('\n')
      : own;
    const last = below.at(-1) ?? record;
    return !new RegExp(`\\b${last}\\b`).test(text);
  });
}

test('the published plugins are there', () => {
  assert.ok(Object.keys(published).length > 25);
  assert.ok(PLUGIN_NAMES.filter((name) => Object.hasOwn(published, name)).length > 10);
  for (const name of Object.keys(DIFFERENCES)) assert.ok(PLUGIN_NAMES.includes(name), name);
});

for (const name of PLUGIN_NAMES) {
  const schema = pluginSchema(name);
  assert.ok(schema !== undefined);
  const fields = fieldsOf(schema);
  const kong = Object.hasOwn(published, name) ? published[name] : undefined;

  if (kong !== undefined) {
    test(`${name} has the published fields`, () => {
      const reasons = DIFFERENCES[name] ?? {};
      const compared = (entries: readonly (readonly [string, PublishedField])[]) =>
        Object.fromEntries(
          entries
            .filter(([field]) => !Object.hasOwn(reasons, field))
            .map(([field, shape]) => [
              field,
              { ...shape, default: sorted(shape.default), enum: sorted(shape.enum) },
            ]),
        );
      const theirs = Object.entries(kong.fields);
      assert.deepEqual(compared(fields), compared(theirs));
      for (const field of kong.required) assert.ok(schema.required?.includes(field), field);
      const all = new Set([...fields, ...theirs].map(([field]) => field));
      for (const field of Object.keys(reasons)) assert.ok(all.has(field), `${field} is no field`);
    });
  }

  test(`a test of ${name} names every field`, () => {
    if (Object.hasOwn(COUNTED_ELSEWHERE, name)) {
      assert.ok(existsSync(join(root, COUNTED_ELSEWHERE[name] ?? '')));
      return;
    }
    const names = fields.map(([field]) => field);
    assert.deepEqual(untested(name, names), [], 'add a case that fails when the field is ignored');
  });
}
