/**
 * decK as a client: the requests that it sent, played against a gateway that writes its file. What they are and how they
 * were recorded: docs/deck.md.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { isFields, type Fields } from '../src/config/checks/field-issue.ts';
import { startGateway } from '../src/index.ts';
import { call, configFile, entitiesIn, entitiesOf, type Entities } from './support/writer.ts';
import { runCli } from './support/run-cli.ts';

const FOLDER = join(import.meta.dirname, 'support/deck');
/** In decK's form: what it synced while its requests were recorded. */
const STATE = join(FOLDER, 'kong.yaml');

interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly body?: Fields;
  /** What decK goes on with. */
  readonly status: number;
}

const SCENES = ['ping', 'sync', 'dump', 'change', 'reset'] as const;
type Scene = (typeof SCENES)[number];

interface Recording {
  /** Of decK. */
  readonly version: string;
  readonly scenes: Readonly<Record<Scene, readonly Recorded[]>>;
}

const RECORDING: Recording = JSON.parse(readFileSync(join(FOLDER, 'requests.json'), 'utf8'));

const isList = (path: string): boolean => path.includes('size=1000');

/** Members that were sent, as they come back: hashed passwords and times apart. */
function assertKept(sent: Fields, answer: Fields, where: string): void {
  for (const [name, value] of Object.entries(sent)) {
    if (name === 'password' || name === 'updated_at') continue;
    const got = answer[name];
    // References come with a name; they are the same by their id.
    const isReference = isFields(value) && typeof value['id'] === 'string';
    if (isReference) assertKept({ id: value['id'] }, isFields(got) ? got : {}, `${where}.${name}`);
    else if (isFields(value) && isFields(got)) assertKept(value, got, `${where}.${name}`);
    else assert.deepEqual(got, value, `${where}.${name}`);
  }
}

/** What decK's client reads of an answer. */
function assertReadable({ method, path, body }: Recorded, answer: Fields, where: string): void {
  if (path === '/') {
    assert.match(String(answer['version']), /^\d+\.\d+\.\d+$/, where);
  } else if (path.startsWith('/schemas/')) {
    assert.ok(Array.isArray(answer['fields']), where);
  } else if (isList(path)) {
    const { data } = answer;
    assert.ok(Array.isArray(data), where);
    for (const row of data) assert.match(String(isFields(row) && row['id']), /^[0-9a-f-]{36}$/);
    assert.ok(answer['offset'] === undefined || typeof answer['offset'] === 'string', where);
  } else if (method === 'PUT' && body !== undefined) {
    assertKept(body, answer, where);
  }
}

/** Plays a scene, one request after the other; each answer must be one that decK goes on with. */
async function play(adminUrl: string, scene: Scene): Promise<void> {
  for (const recorded of RECORDING.scenes[scene]) {
    const { method, path, body, status } = recorded;
    const answer = await call(adminUrl, method, path, body);
    const where = `${method} ${path} → ${answer.status} ${JSON.stringify(answer.body)}`;
    assert.equal(answer.status, status, where);
    if (status >= 400) assert.equal(typeof answer.body['message'], 'string', where);
    else if (status !== 204) assertReadable(recorded, answer.body, where);
  }
}

/** The hash of a password covers its consumer's id, which decK has drawn. */
const ALL_BUT_THE_HASH =
  /^~ basicauth credential batch of consumer batch\n {4}password: .*\n0 added, 1 changed, 0 removed\s*$/;

/** Ids are decK's own, and no two recordings have the same. */
const countsOf = (entities: Entities): Fields =>
  Object.fromEntries([...entities].map(([kind, rows]) => [kind, rows.size]));

async function startWriter(t: TestContext): Promise<{ adminUrl: string; file: string }> {
  const file = configFile(t, '# Synced by decK.\n_format_version: "3.0"\n');
  const gateway = await startGateway({
    settings: { declarative_config: file, admin_write: 'on' },
  });
  t.after(() => gateway.close());
  return { adminUrl: `http://127.0.0.1:${gateway.admin[0]?.port ?? 0}`, file };
}

test(`decK ${RECORDING.version} plays its scenes`, async (t) => {
  const { adminUrl, file } = await startWriter(t);
  const state = entitiesIn(readFileSync(STATE, 'utf8'));

  await t.test('ping', () => play(adminUrl, 'ping'));

  await t.test('sync: the gateway and its file are what the state says', async () => {
    await play(adminUrl, 'sync');
    assert.deepEqual(countsOf(await entitiesOf(adminUrl)), countsOf(state));
    assert.deepEqual(countsOf(entitiesIn(readFileSync(file, 'utf8'))), countsOf(state));
    assert.match(readFileSync(file, 'utf8'), /^# Synced by decK\.\n/);
    const { stdout, stderr } = runCli(['diff', STATE, file]);
    assert.match(stdout, ALL_BUT_THE_HASH, stdout + stderr);
  });

  await t.test('dump: everything is listed, with the tag and without', async () => {
    await play(adminUrl, 'dump');
    for (const tags of ['', '&tags=shop']) {
      const answer = await fetch(`${adminUrl}/services?size=1000${tags}`);
      const body: unknown = await answer.json();
      const data = isFields(body) && Array.isArray(body['data']) ? body['data'] : [];
      assert.equal(data.length, state.get('services')?.size);
    }
  });

  await t.test('sync of a changed state: updates, deletes and creates', async () => {
    await play(adminUrl, 'change');
    const now = await entitiesOf(adminUrl);
    const values = (kind: string, field: string) =>
      new Set([...(now.get(kind)?.values() ?? [])].map((row) => row[field]));
    assert.deepEqual(values('services', 'name'), new Set(['orders', 'stock']));
    assert.deepEqual(values('services', 'retries'), new Set([3, 5]));
    assert.deepEqual(values('consumers', 'username'), new Set(['nightly', 'web']));
    assert.equal(entitiesIn(readFileSync(file, 'utf8')).get('services')?.size, 2);
  });

  await t.test('reset: nothing is left', async () => {
    await play(adminUrl, 'reset');
    assert.deepEqual(countsOf(await entitiesOf(adminUrl)), {});
    assert.deepEqual(countsOf(entitiesIn(readFileSync(file, 'utf8'))), {});
  });
});

test('lists of more than 1000 entities are read page by page, as decK reads them', async (t) => {
  const names = Array.from({ length: 2100 }, (_, i) => `consumer-${i}`);
  const consumers = names.map((username) => ({ username, tags: ['deck'] }));
  const config = JSON.stringify({ _format_version: '3.0', consumers });
  const gateway = await startGateway({ config });
  t.after(() => gateway.close());
  const url = `http://127.0.0.1:${gateway.admin[0]?.port ?? 0}/consumers`;
  for (const tags of ['', '&tags=deck']) {
    const seen = new Set<string>();
    let offset: unknown;
    do {
      const from = typeof offset === 'string' ? `offset=${encodeURIComponent(offset)}&` : '';
      const answer = await fetch(`${url}?${from}size=1000${tags}`);
      const body: unknown = await answer.json();
      assert.ok(isFields(body) && Array.isArray(body['data']));
      for (const row of body['data']) if (isFields(row)) seen.add(String(row['username']));
      ({ offset } = body);
    } while (offset !== undefined);
    assert.equal(seen.size, names.length);
  }
});
