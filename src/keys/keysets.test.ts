/** Keysets as plugins use them, over one or several hosts, with real stores. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { KeysetError } from '../errors.ts';
import { SILENT } from '../log.ts';
import { createOutbound } from '../outbound/index.ts';
import type { Keyset, PublicSet } from '../services.ts';
import { ALGORITHMS, type Algorithm } from '../tokens/algorithms.ts';
import { parseCompact } from '../tokens/compact.ts';
import { findSigner, readJwkSet } from '../tokens/jwk-set.ts';
import { testKey } from '../tokens/keys.test.fixture.ts';
import { signCompact } from '../tokens/sign.ts';
import { startOrigin } from '../../test/support/origin.ts';
import { hasProgram } from '../../test/support/programs.ts';
import { startRedis } from '../../test/support/redis.ts';
import { createKeyServices, type KeyServices } from './client.ts';
import { GENERATED_ALGORITHMS, generateKeys, type GenerateKeys } from './generate.ts';
import { createKeyHost, type KeyHost } from './host.ts';
import { LEASE_MS } from './host-keyset.ts';
import { openStore } from './open-store.ts';

interface Node {
  readonly host: KeyHost;
  readonly services: KeyServices;
  /** Added to the clock that never jumps. */
  aheadMs: number;
}

interface DataOptions {
  readonly folder?: string;
  readonly key?: string;
  readonly redis?: string;
  readonly generate?: GenerateKeys;
}

/** Fresh elliptic keys, and an RSA key that every set shares but for its kid: making one takes long. */
const quickKeys: GenerateKeys = async () => {
  const named = { use: 'sig', kid: randomBytes(32).toString('base64url') };
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ec = { ...privateKey.export({ format: 'jwk' }), ...named, alg: 'ES256' } as const;
  const rsa = {
    ...testKey('RS256').privateJwk,
    ...named,
    kid: `${named.kid}r`,
    alg: 'RS256',
  } as const;
  return Promise.resolve([rsa, ec]);
};

function startNode(
  t: TestContext,
  { folder = '/nonexistent', key, redis, generate = quickKeys }: DataOptions,
): Node {
  const outbound = createOutbound({ resolve: () => [{ ip: '127.0.0.1' }] });
  const host = createKeyHost({
    outbound,
    openStore: () => openStore({ folder, key, redis }, SILENT),
    log: SILENT,
    generate,
    now: () => performance.now() + node.aheadMs,
  });
  const services = createKeyServices(host.connect);
  const node: Node = { host, services, aheadMs: 0 };
  t.after(async () => {
    services.close();
    await host.close();
    await outbound.close();
  });
  return node;
}

async function dataFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'silverback-keysets-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function stayAlive(t: TestContext): void {
  const timer = setInterval(() => {}, 1000);
  t.after(() => clearInterval(timer));
}

const open = (node: Node, name = 'kong', rotateSeconds = 0): Keyset =>
  node.services.keysets.open({ kind: 'named', name, rotateSeconds });

async function sign(keyset: Keyset, algorithm: Algorithm): Promise<string> {
  const key = await keyset.signingKey(algorithm);
  return signCompact({ alg: algorithm, kid: key.kid }, { sub: 'a' }, (input) => key.sign(input));
}

function isIn(set: PublicSet, token: string): boolean {
  const read = readJwkSet(JSON.parse(set.text));
  const { jws } = parseCompact(token);
  return 'keys' in read && jws !== undefined && findSigner(read.keys, jws) !== undefined;
}

const kidOf = async (keyset: Keyset): Promise<string> => (await keyset.signingKey('ES256')).kid;

/** Waits for what a node learns from another. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => void setTimeout(resolve, 10));
}

test('every algorithm signs, and the public set alone verifies all but HMAC', async (t) => {
  const keyset = open(startNode(t, { folder: await dataFolder(t), generate: generateKeys }));
  for (const algorithm of GENERATED_ALGORITHMS) {
    const token = await sign(keyset, algorithm);
    assert.equal(isIn(await keyset.publicSet(), token), !algorithm.startsWith('HS'), algorithm);
  }
  const { text, keys } = await keyset.publicSet();
  assert.ok(!/"(d|p|q|dp|dq|qi|k)":/.test(text));
  assert.ok(keys.every(({ use, kid }) => use === 'sig' && String(kid).length === 43));
  assert.ok(ALGORITHMS.length > GENERATED_ALGORITHMS.length);
  await assert.rejects(async () => keyset.signingKey('RS384'), KeysetError);
});

test('the keys are the same after a restart, for every process, and for every user of the name', async (t) => {
  const folder = await dataFolder(t);
  const first = startNode(t, { folder });
  const token = await sign(open(first), 'RS256');
  const worker = createKeyServices(first.host.connect);
  const inWorker = worker.keysets.open({ kind: 'named', name: 'kong', rotateSeconds: 0 });
  assert.ok(isIn(await inWorker.publicSet(), token));
  assert.equal(
    (await inWorker.signingKey('RS256')).kid,
    (await open(first).signingKey('RS256')).kid,
  );
  const again = open(startNode(t, { folder }));
  assert.ok(isIn(await again.publicSet(), token));
  assert.ok(!isIn(await open(first, 'other').publicSet(), token));
});

test('two nodes that start together on one folder agree', async (t) => {
  const folder = await dataFolder(t);
  const keysets = [1, 2, 3].map(() => open(startNode(t, { folder })));
  const kids = await Promise.all(
    keysets.map(async (keyset) => (await keyset.signingKey('ES256')).kid),
  );
  assert.equal(new Set(kids).size, 1);
});

test('signing keys are the same object until a rotation, which the next token follows', async (t) => {
  stayAlive(t);
  const node = startNode(t, { folder: await dataFolder(t) });
  const keyset = open(node);
  const before = await keyset.signingKey('ES256');
  const token = await sign(keyset, 'ES256');
  assert.equal(keyset.signingKey('ES256'), before);
  const next = (await keyset.publicSet()).keys
    .filter(({ alg }) => alg === 'ES256')
    .map(({ kid }) => kid);
  assert.equal(next.length, 2, 'the key that will sign is published already');
  await node.host.keyset('kong').rotate();
  await until(async () => (await keyset.signingKey('ES256')) !== before);
  const after = await keyset.signingKey('ES256');
  assert.ok(next.includes(after.kid));
  assert.ok(isIn(await keyset.publicSet(), token), 'the retired key is still published');
});

test('a deleted keyset is made anew with other keys', async (t) => {
  const node = startNode(t, { folder: await dataFolder(t) });
  const keyset = open(node);
  const before = await keyset.signingKey('ES256');
  assert.equal(await node.host.keyset('kong').remove(), true);
  assert.equal(await node.host.keyset('unknown').remove(), false);
  assert.notEqual((await keyset.signingKey('ES256')).kid, before.kid);
});

test('tokens keep their key published over many rotations', async (t) => {
  const node = startNode(t, { folder: await dataFolder(t) });
  const keyset = open(node);
  const key = await keyset.signingKey('ES256');
  const token = await sign(keyset, 'ES256');
  key.noteExpiry(Date.now() / 1000 + 3600);
  const hosted = node.host.keyset('kong');
  await until(async () => {
    const { record } = hosted.state();
    return (
      record?.generations.some(({ keys }) => keys.some(({ neededUntil }) => neededUntil > 0)) ??
      false
    );
  });
  for (let i = 0; i < 4; i++) await hosted.rotate();
  assert.ok(isIn(await keyset.publicSet(), token));
});

test('the end waits for what is being written, and a late note writes nothing', async (t) => {
  const folder = await dataFolder(t);
  const node = startNode(t, { folder });
  const { kid } = await open(node).signingKey('ES256');
  const hosted = node.host.keyset('kong');
  const neededUntil = (): number =>
    Math.max(
      ...(hosted.state().record?.generations ?? []).flatMap(({ keys }) =>
        keys.map((key) => key.neededUntil),
      ),
    );
  const soon = Date.now() + 3_600_000;
  void hosted.note(kid, soon);
  await node.host.close();
  const noted = neededUntil();
  assert.ok(noted >= soon, 'the note before the end is written');
  await rm(folder, { recursive: true });
  await hosted.note(kid, soon + 86_400_000);
  await hosted.check();
  assert.equal(hosted.state().problem, undefined);
  assert.equal(neededUntil(), noted);
  await assert.rejects(readdir(folder), { code: 'ENOENT' }, 'the folder is not made again');
});

test('rotation by period: new keys sign, again and again', async (t) => {
  stayAlive(t);
  const node = startNode(t, { folder: await dataFolder(t) });
  const keyset = open(node, 'kong', 1);
  const kids = new Set<string>();
  await until(async () => kids.add((await keyset.signingKey('ES256')).kid).size >= 3);
});

test('unreadable storage: nothing is signed and nothing is overwritten', async (t) => {
  const folder = await dataFolder(t);
  const key = Buffer.alloc(32, 1).toString('base64');
  await open(startNode(t, { folder, key })).publicSet();
  const files = await readdir(folder);
  const wrong = open(startNode(t, { folder, key: Buffer.alloc(32, 2).toString('base64') }));
  await assert.rejects(async () => wrong.signingKey('RS256'), /cannot be decrypted/);
  await assert.rejects(async () => wrong.publicSet(), KeysetError);
  const without = open(startNode(t, { folder }));
  await assert.rejects(async () => without.signingKey('RS256'), /SILVERBACK_DATA_KEY/);
  assert.deepEqual(await readdir(folder), files);
  for (const file of files) await writeFile(join(folder, file), 'garbage');
  const damaged = open(startNode(t, { folder, key }));
  await assert.rejects(async () => damaged.signingKey('RS256'), /damaged/);
});

test('storage that fails later: keys in memory sign for five minutes, and again when it is back', async (t) => {
  const folder = await dataFolder(t);
  const node = startNode(t, { folder });
  const keyset = open(node);
  const before = await keyset.signingKey('ES256');
  const hosted = node.host.keyset('kong');
  await rm(folder, { recursive: true });
  await writeFile(folder, 'no folder');
  await hosted.check();
  assert.match(hosted.state().problem ?? '', /cannot be read/);
  assert.equal(await keyset.signingKey('ES256'), before);
  node.aheadMs += LEASE_MS;
  await hosted.check();
  await assert.rejects(async () => keyset.signingKey('ES256'), KeysetError);
  await rm(folder);
  await until(async () => {
    await hosted.load();
    return hosted.state().problem === undefined;
  });
  assert.ok(await keyset.signingKey('ES256'));
});

test('Redis: all nodes sign with the same keys, and a rotation on one is seen by all within a second', async (t) => {
  if (!hasProgram(t, 'redis-server')) return;
  stayAlive(t);
  const redis = `redis://127.0.0.1:${(await startRedis(t)).port}`;
  const nodes = [1, 2, 3].map(() => startNode(t, { redis }));
  const keysets = nodes.map((node) => open(node));
  const kids = await Promise.all(keysets.map(kidOf));
  assert.equal(new Set(kids).size, 1);
  const [first] = nodes;
  const hosted = first?.host.keyset('kong');
  // Until the next keys are old enough, so that the rotation is followed at once.
  await until(() => {
    const [, next] = hosted?.state().record?.generations ?? [];
    return next !== undefined && Date.now() - next.createdAt > 3000;
  });
  await hosted?.rotate();
  const startedAt = performance.now();
  await until(async () => (await Promise.all(keysets.map(kidOf))).every((kid) => kid !== kids[0]));
  assert.ok(performance.now() - startedAt < 1000);
  assert.equal(new Set(await Promise.all(keysets.map(kidOf))).size, 1);
});

test('a keyset at a URL signs with its private keys, and loads again when one is missing', async (t) => {
  const es = testKey('ES256', 'es');
  const rs = testKey('RS256', 'rs');
  let jwks: unknown[] = [es.privateJwk, { kty: 'RSA', note: 'not a key' }];
  const origin = await startOrigin(t, (_req, res) => res.end(JSON.stringify({ keys: jwks })));
  const node = startNode(t, {});
  const basicAuth = { username: 'u', password: 'p' };
  const keyset = node.services.keysets.open({
    kind: 'url',
    url: origin.url,
    basicAuth,
    rotateSeconds: 0,
  });
  assert.equal((await keyset.signingKey('ES256')).kid, 'es');
  assert.ok(isIn(await keyset.publicSet(), await sign(keyset, 'ES256')));
  assert.ok(!(await keyset.publicSet()).text.includes('"d"'));
  jwks = [es.privateJwk, rs.privateJwk];
  const key = await keyset.signingKey('ES256');
  assert.equal((await keyset.signingKey('RS256')).kid, 'rs');
  assert.equal(await keyset.signingKey('ES256'), key);
  assert.equal(origin.seen.length, 2);
  await assert.rejects(async () => keyset.signingKey('PS512'), /no private key with alg PS512/);
});

test('a keyset at a URL with public keys alone signs nothing', async (t) => {
  const origin = await startOrigin(t, (_req, res) =>
    res.end(JSON.stringify({ keys: [testKey('ES256').publicJwk] })),
  );
  const node = startNode(t, {});
  const keyset = node.services.keysets.open({ kind: 'url', url: origin.url, rotateSeconds: 0 });
  await assert.rejects(async () => keyset.signingKey('ES256'), KeysetError);
  assert.match(node.host.sources()[0]?.facts().problem ?? '', /private/);
});

test('a declared key set signs with JWKs and PEM keys', async (t) => {
  const node = startNode(t, {});
  const es = testKey('ES256');
  const pem = testKey('RS256').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const keys = [
    { kid: 'es', jwk: JSON.stringify({ ...es.privateJwk, kid: 'es' }) },
    { kid: 'rs', pem: { private_key: pem, public_key: null } },
    { kid: 'public', jwk: JSON.stringify({ ...testKey('ES384').publicJwk, kid: 'public' }) },
  ];
  const keyset = node.services.keysets.open({ kind: 'declared', name: 'mine', keys });
  const kids = await Promise.all(
    (['ES256', 'RS256', 'PS384'] as const).map(async (alg) => (await keyset.signingKey(alg)).kid),
  );
  assert.deepEqual(kids, ['es', 'rs', 'rs']);
  for (const algorithm of ['ES256', 'RS256'] as const) {
    assert.ok(isIn(await keyset.publicSet(), await sign(keyset, algorithm)));
  }
  assert.throws(() => keyset.signingKey('ES512'), KeysetError);
  assert.throws(
    () => node.services.keysets.open({ kind: 'declared', name: 'x', keys: keys.slice(2) }),
    KeysetError,
  );
});
