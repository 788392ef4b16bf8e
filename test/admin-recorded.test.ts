/** The recorded answers of Kong's Admin API, over configs made by hand: no loader, no proxy. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { load } from 'js-yaml';
import type { Config } from '../src/config/types.ts';
import { adminClient, OPEN_SETTINGS, type AdminAnswer, type Ask } from './support/admin.ts';
import { buildConfig, type WrittenEntities } from './support/config.ts';

type Fields = Record<string, unknown>;
interface RecordedCase {
  readonly name: string;
  readonly admin?: boolean;
  readonly only?: readonly string[];
  readonly request: {
    readonly method?: string;
    readonly path: string;
    readonly headers?: readonly (readonly [string, string])[];
    readonly body?: string;
  };
}
interface Block {
  readonly name: string;
  config(places: object): string;
  readonly cases: readonly RecordedCase[];
}

const PLACES = { A: 'http://127.0.0.1:19081', B: '', aPort: 19081, bPort: 19082, dead: 1 };

/** Where we answer otherwise on purpose, and why. */
const OURS_DIFFERS: ReadonlyMap<string, string> = new Map([
  ['filters and pages › GET /services?tags=red', 'a row without tags is no reason for a 500'],
  ['filters and pages › GET /services?size', 'an argument without a value is the client’s fault'],
  ['filters and pages › GET /services?size=2&size=3', 'so is a repeated one'],
  ['filters and pages › GET /services?offset=', 'so is an empty one'],
  ['filters and pages › GET /services?offset', 'so is one without a value'],
  ['filters and pages › routes of a service after one', 'in Kong `next` leads to an empty page'],
  ['filters and pages › jwts of a consumer after one', 'in Kong `next` leads to an empty page'],
]);

const golden: Record<string, Fields> = JSON.parse(
  readFileSync(new URL('conformance/golden/admin-read.json', import.meta.url), 'utf8'),
);
const { default: blocks }: { default: readonly Block[] } = await import(
  new URL('conformance/suites/admin-read.mjs', import.meta.url).href
);

/** What the loader would make of a `url`, an unhashed password and a target without a port. */
function resolved(kind: string, entity: Fields): Fields {
  const { url, ...rest } = entity;
  if (kind === 'services' && typeof url === 'string') {
    const { protocol, hostname, port, pathname } = new URL(url.replace('grpc://', 'http://'));
    const fallback = protocol === 'https:' ? 443 : 80;
    const path = pathname === '/' ? null : pathname;
    return {
      ...rest,
      protocol: url.slice(0, url.indexOf(':')),
      host: hostname,
      port: Number(port) || fallback,
      path,
    };
  }
  if (kind === 'basicauth_credentials') {
    const hash = createHash('sha1').update('pw55000000-0000-4000-8000-000000000001');
    return { ...entity, password: hash.digest('hex') };
  }
  if (kind === 'upstreams' && entity['hash_on'] !== undefined) {
    return { ...entity, algorithm: 'consistent-hashing' };
  }
  const target = String(entity['target']);
  if (kind === 'targets' && !target.includes(':')) return { ...entity, target: `${target}:8000` };
  return entity;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Recorded times of change are masked, so recorded plugins get theirs back. */
function recordedPlugins(): readonly Fields[] {
  const answer = golden['reads › GET /plugins']?.['json'];
  const rows: unknown = isFields(answer) ? answer['data'] : undefined;
  assert.ok(Array.isArray(rows));
  return rows.filter(isFields).map((row) => ({ ...row, updated_at: 1_700_000_001 }));
}

function configOf(block: Block): Config {
  const document: unknown = load(block.config(PLACES));
  const written: Record<string, readonly Fields[]> = {};
  for (const [kind, rows] of Object.entries(isFields(document) ? document : {})) {
    if (!Array.isArray(rows)) continue;
    written[kind] = rows.filter(isFields).map((row) => resolved(kind, row));
  }
  // Plugins that are not in this build have no defaults here.
  if ((written['plugins'] ?? []).length > 1) written['plugins'] = recordedPlugins();
  const entities: WrittenEntities = written;
  return buildConfig(entities);
}

/** With one, pages of other origins are answered, as by Kong. */
const TOKEN = 'recorded';

const PRESENCE_ONLY = ['server', 'x-kong-admin-latency', 'content-length'];
const UNCOMPARED = ['date', 'connection', 'keep-alive'];

/** Ids that are not in the config were recorded masked, like times of change and request ids. */
function masked(text: string, known: string): unknown {
  return JSON.parse(
    text
      .replaceAll(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, (id) =>
        known.includes(id) ? id : '<uuid>',
      )
      .replaceAll(/"updated_at":[\d.]+/g, '"updated_at":0')
      .replaceAll(/"request_id":"[^"]*"/g, '"request_id":"<id>"'),
  );
}

function observed(answer: AdminAnswer, known: string, only: readonly string[]): Fields {
  const headers = Object.entries(answer.headers)
    .filter(([name]) => !UNCOMPARED.includes(name))
    .map(([name, value]) => [name, [PRESENCE_ONLY.includes(name) ? '<set>' : value]]);
  const all: Fields = {
    status: answer.status,
    headers: Object.fromEntries(headers),
    ...(answer.json === undefined
      ? { body: answer.text }
      : { json: masked(JSON.stringify(answer.json), known) }),
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => only.includes(name)));
}

async function checkCase(ask: Ask, block: Block, recorded: RecordedCase): Promise<void> {
  const key = `${block.name} › ${recorded.name}`;
  const { method, path, headers = [], body } = recorded.request;
  const answer = await ask({
    path,
    headers: { ...Object.fromEntries(headers), 'Kong-Admin-Token': TOKEN },
    ...(method === undefined ? {} : { method }),
    ...(body === undefined ? {} : { body }),
  });
  const got = observed(answer, block.config(PLACES), recorded.only ?? []);
  if (OURS_DIFFERS.has(key)) assert.notDeepEqual(got, golden[key]);
  else assert.deepEqual(got, golden[key], key);
}

for (const block of blocks) {
  test(`Admin API as recorded: ${block.name}`, async (t) => {
    const config = configOf(block);
    const settings = { ...OPEN_SETTINGS, adminToken: TOKEN };
    const ask = await adminClient(t, { settings, config: () => config });
    const cases = block.cases.filter(({ admin }) => admin === true);
    assert.ok(cases.length > 10);
    for (const recorded of cases) {
      if (`${block.name} › ${recorded.name}` in golden) await checkCase(ask, block, recorded);
    }
  });
}
