/** Cases 112 to 124 of the reference: keysets on the Admin API, rotation, configs that are refused. */
import assert from 'node:assert/strict';
import {
  assertSigned,
  startSigner,
  makeWorld,
  testCase,
  verifyPublished,
  type Case,
  type World,
} from '../support/signer.ts';
import { until } from '../support/until.ts';

const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi'];

const admin = (w: World, path: string, init?: RequestInit): Promise<Response> =>
  fetch(`${w.adminUrl}/jwt-signer/jwks${path}`, init);

const rotate = (w: World, name: string, body?: object): Promise<Response> =>
  admin(w, `/${encodeURIComponent(name)}/rotate`, {
    method: 'POST',
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });

interface Row {
  readonly id: string;
  readonly name: string;
}

async function rows(w: World): Promise<readonly Row[]> {
  const answer = await admin(w, '');
  assert.equal(answer.status, 200);
  const list: unknown = await answer.json();
  assert.ok(typeof list === 'object' && list !== null && 'data' in list);
  const { data } = list;
  assert.ok(Array.isArray(data));
  return data.filter(isRow);
}

const isRow = (row: unknown): row is Row =>
  typeof row === 'object' && row !== null && 'id' in row && 'name' in row;

const kidsOf = async (w: World, name: string): Promise<readonly unknown[]> =>
  (await w.publicSet(name)).keys.map(({ kid }) => kid);

const kidOf = async (w: World): Promise<unknown> =>
  (await w.good({ jti: Math.random() })).fresh().header['kid'];

export const ADMIN_CASES: readonly Case[] = [
  testCase(112, 'the list is empty at first, and then has what was used', async (shared) => {
    const w = await makeWorld(shared.t, await startSigner(shared.t));
    assert.deepEqual(await rows(w), []);
    await w.base();
    assertSigned(await w.good());
    const names = (await rows(w)).map(({ name }) => name);
    assert.deepEqual(names.toSorted(), [w.issuer.jwks, 'kong'].toSorted());
  }),
  testCase(113, 'a set by its name, without private members', async (w) => {
    await w.base();
    assertSigned(await w.good());
    const answer = await admin(w, '/kong');
    assert.match(answer.headers.get('content-type') ?? '', /^application\/jwk-set\+json/);
    const { keys, previous } = await w.publicSet();
    assert.ok(keys.length > 0);
    for (const key of [...keys, ...previous]) {
      for (const member of PRIVATE) assert.ok(!(member in key), member);
    }
  }),
  testCase(114, 'a set by its id', async (w) => {
    await w.base();
    assertSigned(await w.good());
    const id = (await rows(w)).find(({ name }) => name === 'kong')?.id ?? '';
    assert.deepEqual(await w.publicSet(id), await w.publicSet('kong'));
  }),
  testCase(115, 'a set that is not there', async (w) => {
    assert.equal((await admin(w, '/unknown')).status, 404);
  }),
  testCase(116, 'rotation: new keys sign, the ones before still verify', async (w) => {
    await w.base({ access_token_keyset: 'rotated' });
    const before = await w.good();
    const old = before.fresh().header['kid'];
    assert.equal((await rotate(w, 'rotated')).status, 200);
    // New keys are published some seconds before they sign.
    await until(async () => (await kidOf(w)) !== old);
    const after = await w.good();
    const { keys, previous } = await w.publicSet('rotated');
    assert.ok(keys.some(({ kid }) => kid === after.fresh().header['kid']));
    assert.ok(previous.some(({ kid }) => kid === old));
    await verifyPublished(w, before.token(), 'rotated');
    await verifyPublished(w, after.token(), 'rotated');
  }),
  testCase(117, 'two rotations: keys that signed nothing are gone', async (w) => {
    await w.base({ access_token_keyset: 'twice', access_token_signing_algorithm: 'ES256' });
    const first = await kidOf(w);
    const before = await kidsOf(w, 'twice');
    const left = async () => {
      const { keys, previous } = await w.publicSet('twice');
      return new Set([...keys, ...previous].map(({ kid }) => kid));
    };
    const rotateOnce = async () => {
      const kid = await kidOf(w);
      await rotate(w, 'twice');
      await until(async () => (await kidOf(w)) !== kid);
    };
    await rotateOnce();
    // A generation that has not been published for long when it is activated signs later, and the one
    // before the last stays until the next rotation. How long the first took decides that.
    await until(async () => {
      await rotateOnce();
      const kids = await left();
      return before.some((kid) => !kids.has(kid));
    });
    assert.ok((await left()).has(first), 'its tokens are still good, so it stays');
  }),
  testCase(118, 'a set that is deleted is made anew', async (w) => {
    await w.base({ access_token_keyset: 'deleted' });
    const before = (await w.good()).fresh().header['kid'];
    assert.equal((await admin(w, '/deleted', { method: 'DELETE' })).status, 204);
    await until(async () => {
      const answer = await w.good();
      return answer.status === 200 && answer.fresh().header['kid'] !== before;
    });
    assert.equal((await admin(w, '/unknown', { method: 'DELETE' })).status, 404);
  }),
  testCase(119, 'rotation of a provider fetches its keys, with what the body says', async (w) => {
    await w.base();
    assertSigned(await w.good());
    const credentials = { client_username: 'me', client_password: 'secret' };
    assert.equal((await rotate(w, w.issuer.jwks, credentials)).status, 200);
    const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    assert.equal(w.issuer.seen.at(-1)?.authorization, basic);
    assert.equal(w.issuer.count('/jwks'), 2);
  }),
  testCase(120, 'rotation by itself', async (w) => {
    await w.base({ access_token_keyset: 'periodic', access_token_keyset_rotate_period: 2 });
    const before = await kidOf(w);
    await until(async () => (await kidOf(w)) !== before);
  }),
  testCase(121, 'a keyset that is null is the default one', async (w) => {
    await w.base({ access_token_keyset: null });
    await verifyPublished(w, (await w.good()).token(), 'kong');
  }),
  testCase(122, 'an unknown field', async (w) => {
    const { status, text } = await w.refused({ anonymous: 'x' });
    assert.equal(status, 400);
    assert.match(text, /unknown field/);
  }),
  testCase(123, 'RS384 does not sign', async (w) => {
    const { status, text } = await w.refused({ access_token_signing_algorithm: 'RS384' });
    assert.equal(status, 400);
    assert.match(text, /expected one of: HS256/);
  }),
  testCase(124, 'a consumer has no email', async (w) => {
    const { status, text } = await w.refused({ access_token_consumer_by: ['email'] });
    assert.equal(status, 400);
    assert.match(text, /expected one of: id, username, custom_id/);
  }),
];
