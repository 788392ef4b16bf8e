/** Both stores keep, compare, tell and forget in the same way; the file store also through crashes and mischief. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { KeysetError } from '../errors.ts';
import { SILENT } from '../log.ts';
import { createRedisConnections } from '../redis/connections.ts';
import { parseRedisUrl } from '../redis/url.ts';
import { hasProgram } from '../../test/support/programs.ts';
import { startRedis } from '../../test/support/redis.ts';
import { deferred } from '../../test/support/deferred.ts';
import { openFileStore, stemOf } from './file-store.ts';
import { openRedisStore } from './redis-store.ts';
import { sealed } from './seal.ts';
import type { KeyStore } from './store.ts';

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'silverback-keys-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'data');
}

function fileStore(t: TestContext, folder: string): KeyStore {
  const store = openFileStore(folder, 10);
  t.after(() => store.close());
  return store;
}

function redisStore(t: TestContext, url: string): KeyStore {
  const spec = parseRedisUrl(url);
  assert.ok(typeof spec === 'object');
  const connection = createRedisConnections(SILENT).open({ ...spec, timeoutMs: 500 });
  const store = openRedisStore(connection, `${spec.host}:${spec.port}`, 10);
  t.after(() => store.close());
  return store;
}

const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always'];

/** Stores keep no process alive; a test that waits for one must. */
function stayAlive(t: TestContext): void {
  const timer = setInterval(() => {}, 1000);
  t.after(() => clearInterval(timer));
}

/** Two openings of the same store, as two processes or nodes have them. */
type OpenTwo = (t: TestContext) => Promise<readonly [KeyStore, KeyStore]>;

const stores: readonly (readonly [string, OpenTwo])[] = [
  [
    'files',
    async (t) => {
      const folder = await temporaryFolder(t);
      return [fileStore(t, folder), fileStore(t, folder)];
    },
  ],
  [
    'redis',
    async (t) => {
      const url = `redis://127.0.0.1:${(await startRedis(t)).port}`;
      return [redisStore(t, url), redisStore(t, url)];
    },
  ],
];

for (const [kind, openTwo] of stores) {
  const isMissing = (t: TestContext): boolean => kind === 'redis' && !hasProgram(t, 'redis-server');

  test(`${kind}: what one writes, the other reads; versions grow, also over a deletion`, async (t) => {
    if (isMissing(t)) return;
    const [a, b] = await openTwo(t);
    assert.deepEqual(await a.read('kong'), { version: 0, text: undefined });
    assert.deepEqual(await a.list(), []);
    assert.equal(await a.write('kong', 0, 'one'), true);
    assert.deepEqual(await b.read('kong'), { version: 1, text: 'one' });
    assert.equal(await b.write('kong', 1, 'two'), true);
    assert.equal(await b.write('a/../b', 0, 'odd name'), true);
    assert.deepEqual(await a.list(), ['a/../b', 'kong']);
    assert.equal(await a.write('kong', 2, undefined), true);
    assert.deepEqual(await b.read('kong'), { version: 3, text: undefined });
    assert.deepEqual(await b.list(), ['a/../b']);
    assert.equal(await b.write('kong', 3, 'again'), true);
    assert.deepEqual(await a.read('kong'), { version: 4, text: 'again' });
  });

  test(`${kind}: of writers at the same time one wins, and the others know`, async (t) => {
    if (isMissing(t)) return;
    const [a, b] = await openTwo(t);
    for (let version = 0; version < 5; version++) {
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          (i % 2 === 0 ? a : b).write('kong', version, `${version} ${i}`),
        ),
      );
      assert.equal(outcomes.filter(Boolean).length, 1);
      const { text } = await a.read('kong');
      assert.equal(text, `${version} ${outcomes.indexOf(true)}`);
    }
    assert.equal(await a.write('kong', 2, 'late'), false);
  });

  test(`${kind}: a change is told to the other`, async (t) => {
    if (isMissing(t)) return;
    const [a, b] = await openTwo(t);
    stayAlive(t);
    let told = deferred<void>();
    b.watch(() => told.resolve());
    await a.write('kong', 0, 'one');
    await told.promise;
    for (let version = 1; version < 4; version++) {
      told = deferred<void>();
      await a.write('kong', version, 'next');
      await told.promise;
    }
  });

  test(`${kind}: sealed texts need their key and their name`, async (t) => {
    if (isMissing(t)) return;
    const [a, b] = await openTwo(t);
    const key = Buffer.alloc(32, 1);
    await a.write('clear', 0, '{"in":"the clear"}');
    const encrypted = sealed(a, key);
    await encrypted.write('kong', 0, 'secret words');
    assert.ok(!(await b.read('kong')).text?.includes('secret'));
    assert.equal((await sealed(b, key).read('kong')).text, 'secret words');
    assert.equal((await sealed(b, key).read('clear')).text, '{"in":"the clear"}');
    await assert.rejects(sealed(b, Buffer.alloc(32, 2)).read('kong'), KeysetError);
    await assert.rejects(sealed(b, undefined).read('kong'), /SILVERBACK_DATA_KEY/);
    const { text } = await b.read('kong');
    await b.write('other', 0, text);
    await assert.rejects(sealed(b, key).read('other'), KeysetError, 'another name');
    await b.write('kong', 1, text?.replace(/"data":"./, '"data":"!'));
    await assert.rejects(sealed(b, key).read('kong'), KeysetError, 'changed bytes');
  });
}

test('files: private folder, private files, no old keys, no remains', async (t) => {
  const folder = await temporaryFolder(t);
  const store = fileStore(t, folder);
  await writeFile(join(folder, '..', 'x'), '');
  for (let version = 0; version < 3; version++)
    await store.write('kong', version, `secret ${version}`);
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  const files = await readdir(folder);
  assert.ok(
    files.every((file) => file.endsWith('.json')),
    files.join(),
  );
  for (const file of files) {
    assert.equal((await stat(join(folder, file))).mode & 0o777, 0o600);
    const text = await readFile(join(folder, file), 'utf8');
    assert.ok(file.endsWith('.3.json') ? text.includes('secret 2') : text === '', file);
  }
});

test('files: what a crash leaves behind changes nothing', async (t) => {
  const folder = await temporaryFolder(t);
  const store = fileStore(t, folder);
  await store.write('kong', 0, 'one');
  const stem = stemOf('kong');
  await writeFile(join(folder, `.${stem}.0123.tmp`), '{"name":"kong","te', { mode: 0o600 });
  await writeFile(join(folder, 'notes.txt'), 'a file of somebody');
  assert.deepEqual(await store.read('kong'), { version: 1, text: 'one' });
  assert.equal(await store.write('kong', 1, 'two'), true);
  assert.deepEqual(await store.list(), ['kong']);
});

test('files: damaged, oversized, readable by others, or a link: refused and never replaced', async (t) => {
  const folder = await temporaryFolder(t);
  const store = fileStore(t, folder);
  await store.write('kong', 0, 'one');
  const file = join(folder, `${stemOf('kong')}.1.json`);
  const good = await readFile(file);
  await chmod(file, 0o644);
  await assert.rejects(store.read('kong'), /chmod 600/);
  await chmod(file, 0o600);
  for (const bad of [
    '',
    '{',
    '[]',
    '{"name":1,"text":"x"}',
    '{"name":"kong","text":7}',
    'x'.repeat(5e6),
  ]) {
    await writeFile(file, bad);
    await assert.rejects(store.read('kong'), KeysetError);
    await assert.rejects(store.list(), KeysetError);
  }
  await rm(file);
  await writeFile(join(folder, 'target'), good, { mode: 0o600 });
  await symlink(join(folder, 'target'), file);
  await assert.rejects(store.read('kong'), KeysetError);
});

test('files: a folder that cannot be used is named, with the reason', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(folder, 'a file');
  const store = fileStore(t, folder);
  await assert.rejects(
    store.read('kong'),
    (error: Error) => error instanceof KeysetError && error.message.includes(folder),
  );
  await assert.rejects(store.write('kong', 0, 'one'), KeysetError);
});

test('redis: a server that is gone is an error, and everything is there when it is back', async (t) => {
  if (!hasProgram(t, 'redis-server')) return;
  const server = await startRedis(t, DURABLE);
  const store = redisStore(t, `redis://127.0.0.1:${server.port}`);
  await store.write('kong', 0, 'one');
  await server.stop();
  await assert.rejects(store.read('kong'), KeysetError);
  await assert.rejects(store.write('kong', 1, 'two'), KeysetError);
  const told = deferred<void>();
  await server.restart();
  store.watch(() => told.resolve());
  await told.promise;
  let found: unknown;
  while (found === undefined) {
    found = await store.read('kong').catch(() => undefined);
    await new Promise((resolve) => void setTimeout(resolve, 5));
  }
  assert.deepEqual(found, { version: 1, text: 'one' });
});

test('redis: a password is needed, and is no part of what is shown', async (t) => {
  if (!hasProgram(t, 'redis-server')) return;
  const server = await startRedis(t, ['--requirepass', 'pa ss']);
  const store = redisStore(t, `redis://:pa%20ss@127.0.0.1:${server.port}/2`);
  assert.equal(await store.write('kong', 0, 'one'), true);
  assert.equal(store.place, `127.0.0.1:${server.port}`);
  const other = redisStore(t, `redis://127.0.0.1:${server.port}`);
  await assert.rejects(other.read('kong'), KeysetError);
});

test('Redis URLs', () => {
  const good = {
    'redis://h': {
      host: 'h',
      port: 6379,
      database: 0,
      username: null,
      password: null,
      tls: undefined,
    },
    'redis://h/': { host: 'h', database: 0 },
    'rediss://u:p%40@h:1/3': { username: 'u', password: 'p@', database: 3 },
    'redis://:50%@h': { password: '50%' },
    'rediss://:p@h': { username: null, password: 'p', tls: { verify: true, serverName: null } },
    'redis://[::1]:6380': { host: '::1', port: 6380 },
  };
  for (const [url, expected] of Object.entries(good)) {
    const spec = parseRedisUrl(url);
    assert.ok(typeof spec === 'object', url);
    assert.deepEqual({ ...spec, ...expected }, spec, url);
  }
  const bad = [
    'h:6379',
    'http://h',
    'redis://',
    'redis://h:99999',
    'redis://h/x',
    'redis://h/1/2',
    'redis://a,b',
    'redis://h?x=1',
    'redis://h:p:q',
  ];
  for (const url of bad) assert.equal(typeof parseRedisUrl(url), 'string', url);
});
