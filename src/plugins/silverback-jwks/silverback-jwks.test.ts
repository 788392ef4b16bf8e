/** The silverback-jwks plugin: what it publishes, and what it answers when it cannot. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, KeysetError } from '../../errors.ts';
import { FakeContext, fakeBuild } from '../../gateway/fake-context.test.fixture.ts';
import type { AccessResult } from '../../plugin.ts';
import type { Keyset, KeysetSpec, PublicSet } from '../../services.ts';
import { silverbackJwks } from './index.ts';

interface Rig {
  readonly opened: KeysetSpec[];
  closed: number;
  ask(method?: string): AccessResult;
  close(): unknown;
}

function rig(publicSet: Keyset['publicSet']): Rig {
  const opened: KeysetSpec[] = [];
  const keyset: Keyset = {
    name: 'team',
    publicSet,
    signingKey: () => {
      throw new Error('nothing is signed here');
    },
    close: () => void (made.closed += 1),
  };
  const keysets = {
    open(spec: KeysetSpec) {
      opened.push(spec);
      return keyset;
    },
  };
  const build = fakeBuild({}, Date.now, { keysets });
  const phases = silverbackJwks.compile({ keyset: 'team', max_age: 30 }, build);
  const made: Rig = {
    opened,
    closed: 0,
    ask: (method = 'GET') => phases.access?.(new FakeContext({ method })),
    close: () => phases.close?.(),
  };
  return made;
}

const SET: PublicSet = { keys: [{ kid: 'k' }], text: '{"keys":[{"kid":"k"}]}' };
const EXPECTED = {
  kind: 'exit',
  status: 200,
  headers: ['Content-Type', 'application/jwk-set+json', 'Cache-Control', 'public, max-age=30'],
  body: SET.text,
};

test('it answers with the set, at once or when it is there', async () => {
  for (const publicSet of [() => SET, () => Promise.resolve(SET)]) {
    const made = rig(publicSet);
    assert.deepEqual(made.opened, [{ kind: 'named', name: 'team', rotateSeconds: 0 }]);
    assert.deepEqual(await made.ask(), EXPECTED);
    assert.deepEqual(await made.ask('HEAD'), EXPECTED);
  }
});

test('a rotation changes the answer, and the keyset is closed with the plugin', async () => {
  let set = SET;
  const made = rig(() => set);
  const before = await made.ask();
  assert.equal(await made.ask(), before);
  set = { keys: [], text: '{"keys":[]}' };
  const after = await made.ask();
  assert.ok(after?.kind === 'exit');
  assert.equal(after.body, set.text);
  await made.close();
  assert.equal(made.closed, 1);
});

test('other methods are refused, and keys that cannot be had are no crash', async () => {
  const failing = new KeysetError('the store is away');
  assert.equal((await rig(() => SET).ask('POST'))?.status, 405);
  assert.equal((await rig(() => Promise.reject(failing)).ask())?.status, 503);
  const throws = rig(() => {
    throw failing;
  });
  assert.equal((await throws.ask())?.status, 503);
});

test('a declared key set of that name is the one that is published, as it is the one that signs', () => {
  const opened: KeysetSpec[] = [];
  const keysets = {
    open(spec: KeysetSpec): Keyset {
      opened.push(spec);
      throw new KeysetError('key set team has no private key that can sign');
    },
  };
  const build = fakeBuild({ keySets: new Map([['team', []]]) }, Date.now, { keysets });
  assert.throws(
    () => silverbackJwks.compile({ keyset: 'team', max_age: 30 }, build),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      const path = ['keyset'];
      const message = 'key set team has no private key that can sign';
      assert.deepEqual(error.issues, [{ path, message }]);
      return true;
    },
  );
  assert.deepEqual(opened, [{ kind: 'declared', name: 'team', keys: [] }]);
});
