/** What is kept of files that change: by hand, by writes, both; how much of it; and for whose eyes. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { WriteChange } from '../../admin/index.ts';
import type { DocumentSource } from '../../config/load.ts';
import { SILENT } from '../../log.ts';
import { deferred } from '../../../test/support/deferred.ts';
import { testSettings } from '../../../test/support/settings.ts';
import { fileDocument } from '../document-files.ts';
import { createHistory, type NodeHistory } from './history.ts';
import { openVersions, versionsFolder, type StoreLimits, type VersionStore } from './store.ts';

const PATHS = ['/etc/gateway/kong.yaml', '/etc/gateway/more.yaml'];
const [MAIN = '', MORE = ''] = PATHS;
const LIMITS: StoreLimits = { versions: 50, bytes: 1_000_000 };

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-history-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Started {
  readonly history: NodeHistory;
  readonly store: VersionStore;
  readonly folder: string;
}

function start(t: TestContext, limits = LIMITS): Started {
  const data = { folder: folderFor(t), key: undefined, redis: undefined };
  const settings = testSettings({ data, declarativeConfig: PATHS, history: limits });
  const folder = versionsFolder(data.folder, PATHS);
  return { history: createHistory(settings, SILENT), store: openVersions(folder, limits), folder };
}

const source = (main: string, more: string): DocumentSource => ({
  kind: 'files',
  texts: [fileDocument(MAIN, main), fileDocument(MORE, more)],
});

const write = (path: string, oldText: string, newText: string): WriteChange => ({
  who: { address: '10.0.0.7', token: 'ci', certificate: undefined },
  method: 'POST',
  path: '/services',
  entity: { kind: 'services', id: 'x' },
  before: undefined,
  after: { id: 'x', name: 'pay' },
  files: [{ path, oldText, newText }],
});

/** Texts and makers, from the oldest. */
async function kept(store: VersionStore): Promise<readonly (readonly string[])[]> {
  const versions = await store.list();
  return versions.map(({ who, files }) => [who.kind, ...files.map(({ text }) => text)]);
}

test('what is loaded is kept once, and writes with what was there before them', async (t) => {
  const { history, store } = start(t);
  await history.loaded(source('a', 'b'));
  await history.loaded(source('a', 'b'));
  await history.written(write(MAIN, 'a', 'a2'));
  // The gateway's watch may see its own write.
  await history.loaded(source('a2', 'b'));
  await history.loaded(source('a2', 'b by hand'));
  await history.written(write(MORE, 'b by hand', 'b3'));
  assert.deepEqual(await kept(store), [
    ['file', 'a', 'b'],
    ['admin', 'a2', 'b'],
    ['file', 'a2', 'b by hand'],
    ['admin', 'a2', 'b3'],
  ]);
  const versions = await store.list();
  assert.deepEqual(
    versions.map(({ number }) => number),
    [1, 2, 3, 4],
  );
  assert.equal(versions[1]?.what, 'POST /services: service pay created');
  assert.deepEqual(versions[1]?.who, {
    kind: 'admin',
    address: '10.0.0.7',
    token: 'ci',
    certificate: null,
  });
});

test('an edit that nobody loaded is there when a write goes over it', async (t) => {
  const { history, store } = start(t);
  await history.loaded(source('a', 'b'));
  const made = source('a by hand and by a write', 'b');
  history.expect(made);
  await history.loaded(made);
  await history.written(write(MAIN, 'a by hand', 'a by hand and by a write'));
  assert.deepEqual(await kept(store), [
    ['file', 'a', 'b'],
    ['file', 'a by hand', 'b'],
    ['admin', 'a by hand and by a write', 'b'],
  ]);
});

const numbersIn = async ({ store }: Started): Promise<readonly number[]> =>
  (await store.list()).map(({ number }) => number);

test('the oldest go beyond the number and beyond the bytes, the last two never', async (t) => {
  const few = start(t, { versions: 3, bytes: 1_000_000 });
  for (let i = 0; i < 8; i++) await few.history.loaded(source(`a${i}`, 'b'));
  assert.deepEqual(await numbersIn(few), [6, 7, 8]);
  const small = start(t, { versions: 50, bytes: 5000 });
  for (let i = 0; i < 8; i++) await small.history.loaded(source(String(i).repeat(1500), 'b'));
  assert.deepEqual(await numbersIn(small), [6, 7, 8].slice(-(await numbersIn(small)).length));
  assert.ok((await numbersIn(small)).length < 4);
  const tiny = start(t, { versions: 1, bytes: 1 });
  for (let i = 0; i < 4; i++) await tiny.history.loaded(source(`a${i}`, 'b'));
  assert.deepEqual(await numbersIn(tiny), [3, 4]);
});

test('only the owner may read it; what a killed process left is cleared away, broken files are passed over', async (t) => {
  const { history, store, folder } = start(t);
  await history.loaded(source('a', 'b'));
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(join(folder, '1.json')).mode & 0o777, 0o600);
  const left = join(folder, '.4b6e8a54-a508-4a60-ba6f-9d1a451a3234.new');
  writeFileSync(left, 'half');
  utimesSync(left, 1, 1);
  writeFileSync(join(folder, '2.json'), '{"time":');
  assert.deepEqual(await kept(store), [['file', 'a', 'b']]);
  await history.loaded(source('c', 'd'));
  assert.deepEqual(readdirSync(folder).toSorted(), ['1.json', '2.json', '3.json']);
  assert.equal((await store.newest())?.number, 3);
});

test('several at once get numbers of their own', async (t) => {
  const { store } = start(t);
  const version = { time: '', who: { kind: 'file' }, what: '', paths: PATHS, files: [] } as const;
  const numbers = await Promise.all(Array.from({ length: 20 }, () => store.add(version)));
  assert.equal(new Set(numbers).size, 20);
});

test('what cannot be kept is logged and stops nobody; without files nothing is kept', async (t) => {
  const blocked = join(folderFor(t), 'file');
  writeFileSync(blocked, '');
  const data = { folder: blocked, key: undefined, redis: undefined };
  const warned = deferred<string>();
  const log = { ...SILENT, warn: (_fields: object, text: string) => warned.resolve(text) };
  const settings = testSettings({ data, declarativeConfig: PATHS, history: LIMITS });
  await createHistory(settings, log).loaded(source('a', 'b'));
  assert.match(await warned.promise, /history .* could not be kept/);
  const folder = folderFor(t);
  for (const declarativeConfig of [[], ['-']]) {
    const other = { ...settings, declarativeConfig, data: { ...data, folder } };
    await createHistory(other, SILENT).loaded(source('a', 'b'));
  }
  assert.deepEqual(readdirSync(folder), []);
});
