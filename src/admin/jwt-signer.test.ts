/** `/jwt-signer/…` of the Admin API over a real store and a real provider. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { isObject } from '../http/json.ts';
import { createKeyAdmin } from '../keys/admin.ts';
import { createKeyServices, type KeyServices } from '../keys/client.ts';
import { createKeyHost } from '../keys/host.ts';
import { openFileStore } from '../keys/file-store.ts';
import { SILENT } from '../log.ts';
import { createOutbound } from '../outbound/index.ts';
import { freshKey, setOf, testKey } from '../tokens/keys.test.fixture.ts';
import { adminClient, type Ask } from '../../test/support/admin.ts';
import { startOrigin } from '../../test/support/origin.ts';

interface Rig {
  readonly ask: Ask;
  readonly services: KeyServices;
  readonly folder: string;
}

async function rig(t: TestContext): Promise<Rig> {
  const folder = join(await mkdtemp(join(tmpdir(), 'silverback-admin-')), 'data');
  const outbound = createOutbound({ resolve: () => [{ ip: '127.0.0.1' }] });
  let kids = 0;
  const host = createKeyHost({
    outbound,
    openStore: () => openFileStore(folder),
    log: SILENT,
    generate: () => {
      kids += 1;
      const rs = { ...testKey('RS256').privateJwk, alg: 'RS256', kid: `rs-${kids}` } as const;
      const hs = { ...testKey('HS256').privateJwk, alg: 'HS256', kid: `hs-${kids}` } as const;
      return Promise.resolve([rs, hs]);
    },
  });
  const services = createKeyServices(host.connect);
  t.after(async () => {
    services.close();
    await host.close();
    await outbound.close();
    await rm(join(folder, '..'), { recursive: true, force: true });
  });
  return { ask: await adminClient(t, { keys: createKeyAdmin(host) }), services, folder };
}

const member = (value: unknown, name: string): unknown =>
  isObject(value) ? value[name] : undefined;
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const kids = (value: unknown, name: string): unknown[] =>
  list(member(value, name)).map((key) => member(key, 'kid'));

test('an empty store is an empty list, and unknown names are 404', async (t) => {
  const { ask } = await rig(t);
  assert.deepEqual((await ask('/jwt-signer/jwks')).json, { data: [] });
  for (const method of ['GET', 'DELETE']) {
    assert.equal((await ask({ method, path: '/jwt-signer/jwks/kong' })).status, 404);
  }
  assert.equal((await ask({ method: 'POST', path: '/jwt-signer/jwks/kong/rotate' })).status, 404);
  assert.equal((await ask({ method: 'PATCH', path: '/jwt-signer/jwks/kong' })).status, 405);
});

test('a keyset: made, shown by name and id, rotated, deleted; nothing private is shown', async (t) => {
  const { ask, services } = await rig(t);
  const put = await ask({ method: 'PUT', path: '/jwt-signer/jwks/kong' });
  assert.equal(put.status, 200);
  const { json } = await ask('/jwt-signer/jwks');
  const [row] = list(member(json, 'data'));
  assert.equal(member(row, 'name'), 'kong');
  assert.ok(Number.isInteger(member(row, 'created_at')));
  assert.ok(!JSON.stringify(json).includes('"k"'));
  const shown = await ask('/jwt-signer/jwks/kong');
  assert.equal(shown.headers['content-type'], 'application/jwk-set+json');
  assert.deepEqual(Object.keys(isObject(shown.json) ? shown.json : {}), ['keys', 'previous']);
  assert.ok(!/"(d|p|q|dp|dq|qi)":/.test(shown.text));
  assert.ok(shown.text.includes('"k":'), 'all that verifies HMAC');
  assert.deepEqual((await ask(`/jwt-signer/jwks/${String(member(row, 'id'))}`)).json, shown.json);
  const keyset = services.keysets.open({ kind: 'named', name: 'kong', rotateSeconds: 0 });
  assert.equal((await keyset.signingKey('RS256')).kid, 'rs-1');
  const rotated = await ask({ method: 'POST', path: '/jwt-signer/jwks/kong/rotate' });
  assert.equal(rotated.status, 200);
  assert.ok(kids(rotated.json, 'keys').includes('rs-1'), 'the old keys are still published');
  assert.equal((await ask({ method: 'DELETE', path: '/jwt-signer/jwks/kong' })).status, 204);
  assert.equal((await ask('/jwt-signer/jwks/kong')).status, 404);
  assert.notEqual((await keyset.signingKey('RS256')).kid, 'rs-1');
});

test('a fetched set: listed under its URL, loaded again with credentials, deleted', async (t) => {
  const { ask, services } = await rig(t);
  const [one, two] = [freshKey('one'), freshKey('two')];
  let document = setOf(one);
  let status = 200;
  const origin = await startOrigin(t, (_req, res) => res.writeHead(status).end(document));
  const source = services.keySources.open({ kind: 'jwks', url: `${origin.url}/certs` });
  await source.load();
  const path = `/jwt-signer/jwks/${encodeURIComponent(`${origin.url}/certs`)}`;
  assert.deepEqual(kids((await ask(path)).json, 'keys'), ['one']);
  document = setOf(two);
  const body = JSON.stringify({ client_username: 'u', client_password: 'p' });
  const headers = { 'Content-Type': 'application/json' };
  const rotated = await ask({ method: 'POST', path: `${path}/rotate`, body, headers });
  assert.deepEqual(
    [kids(rotated.json, 'keys'), kids(rotated.json, 'previous')],
    [['two'], ['one']],
  );
  assert.ok(origin.seen.at(-1)?.lines.some((line) => line.startsWith('authorization: Basic')));
  status = 500;
  const failed = await ask({ method: 'POST', path: `${path}/rotate` });
  assert.deepEqual([failed.status, failed.json], [502, { message: 'it answered 500' }]);
  assert.deepEqual(kids((await ask(path)).json, 'keys'), ['two']);
  status = 200;
  assert.equal((await ask({ method: 'DELETE', path })).status, 204);
  assert.equal((await ask(path)).status, 404);
  assert.equal(source.current(), undefined);
  assert.equal((await source.load())?.keys.length, 1);
});

test('bodies of a rotation that make no sense are refused', async (t) => {
  const { ask } = await rig(t);
  const headers = { 'Content-Type': 'application/json' };
  const path = '/jwt-signer/jwks/kong/rotate';
  for (const body of ['[', '[]', '{"client_username":"u"}', '{"client_certificate":"x"}']) {
    assert.equal((await ask({ method: 'POST', path, body, headers })).status, 400, body);
  }
});

test('the status tells of every keyset and source, also of what fails', async (t) => {
  const { ask, services, folder } = await rig(t);
  const origin = await startOrigin(t, (_req, res) => res.end('<html>'));
  await services.keySources.open({ kind: 'jwks', url: `${origin.url}/certs` }).load();
  await services.keysets.open({ kind: 'named', name: 'kong', rotateSeconds: 0 }).publicSet();
  const { json } = await ask('/jwt-signer/status');
  const [keyset] = list(member(json, 'keysets'));
  const [source] = list(member(json, 'sources'));
  assert.equal(member(member(json, 'store'), 'place'), folder);
  assert.deepEqual(
    [member(keyset, 'state'), member(keyset, 'signing')],
    ['ready', { RS256: 'rs-1', HS256: 'hs-1' }],
  );
  assert.equal(member(source, 'state'), 'none');
  assert.equal(member(source, 'problem'), 'it answered with something that is no JSON but HTML');
});

test('a store that cannot be read is a 503 with its reason', async (t) => {
  const { ask, folder } = await rig(t);
  await writeFile(folder, 'no folder');
  const answer = await ask('/jwt-signer/jwks/kong');
  assert.equal(answer.status, 503);
  assert.match(answer.text, /keysets cannot be read in/);
});
