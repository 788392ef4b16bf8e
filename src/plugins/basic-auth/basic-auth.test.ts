/** The basic-auth plugin: headers, passwords, hiding, anonymous. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { BasicauthCredential } from '../../config/schema-types.ts';
import { fakeBuild, fakeConsumer } from '../../gateway/fake-context.test.fixture.ts';
import { problemsOf, runPlugin, testFields } from '../../gateway/plugin-run.test.fixture.ts';
import type { RequestContext } from '../../plugin.ts';
import { basicAuth } from './index.ts';

const bob = fakeConsumer('bob');
const nobody = fakeConsumer('nobody');
const account = (username: string, password: string): BasicauthCredential => ({
  id: `id-of-${username}`,
  created_at: 0,
  consumer: { id: bob.id },
  username,
  password: createHash('sha1').update(password).update(bob.id).digest('hex'),
  tags: null,
});
const build = fakeBuild({
  consumers: [bob, nobody],
  basicauth: [
    account('bob', 'open sesame'),
    account('zoë', 'pässword:with:colons'),
    account('e', ''),
  ],
});

const encode = (text: string): string => Buffer.from(text).toString('base64');
const basic = (text: string, name = 'Authorization'): string[] => [name, `Basic ${encode(text)}`];
const good = basic('bob:open sesame');

testFields(basicAuth, [
  {
    field: 'hide_credentials',
    set: { hide_credentials: true },
    request: { headers: good },
    build,
    expect: ({ upstream }) => assert.deepEqual(upstream.headers, []),
  },
  {
    field: 'anonymous',
    set: { anonymous: 'nobody' },
    build,
    expect: ({ consumer, answer }) => assert.deepEqual([consumer, answer], ['nobody', undefined]),
  },
  {
    field: 'realm',
    set: { realm: 'caf\u00e9' },
    build,
    expect: ({ answer }) =>
      assert.deepEqual(answer?.headers, ['WWW-Authenticate', 'Basic realm="caf\u00c3\u00a9"']),
  },
]);

interface Case {
  readonly name: string;
  readonly headers: string[];
  readonly passes?: boolean;
}

const CASES: readonly Case[] = [
  { name: 'nothing', headers: [] },
  { name: 'right', headers: good, passes: true },
  { name: 'wrong password', headers: basic('bob:open Sesame') },
  { name: 'unknown user', headers: basic('alice:open sesame') },
  { name: 'username in another case', headers: basic('Bob:open sesame') },
  { name: 'no colon', headers: basic('bob') },
  { name: 'no username', headers: basic(':open sesame') },
  { name: 'colon before the username', headers: basic(':bob:open sesame'), passes: true },
  { name: 'UTF-8 and colons', headers: basic('zoë:pässword:with:colons'), passes: true },
  { name: 'an empty password', headers: basic('e:'), passes: true },
  { name: 'an empty password for another', headers: basic('bob:') },
  {
    name: 'lower case',
    headers: ['Authorization', `basic ${encode('bob:open sesame')}`],
    passes: true,
  },
  { name: 'upper case', headers: ['Authorization', `BASIC ${encode('bob:open sesame')}`] },
  {
    name: 'no space',
    headers: ['Authorization', `Basic${encode('bob:open sesame')}`],
    passes: true,
  },
  { name: 'another scheme', headers: ['Authorization', `Bearer ${encode('bob:open sesame')}`] },
  { name: 'no base64', headers: ['Authorization', 'Basic bob:open sesame'] },
  { name: 'base64url', headers: ['Authorization', 'Basic _-_-'] },
  { name: 'scheme alone', headers: ['Authorization', 'Basic'] },
  { name: 'an empty header', headers: ['Authorization', ''] },
  {
    name: 'the digest instead of the password',
    headers: basic(`bob:${account('bob', 'open sesame').password}`),
  },
  {
    name: 'Proxy-Authorization',
    headers: basic('bob:open sesame', 'Proxy-Authorization'),
    passes: true,
  },
  {
    name: 'a known user in Proxy-Authorization is final',
    headers: [...basic('bob:wrong', 'Proxy-Authorization'), ...good],
  },
  {
    name: 'an unknown user in Proxy-Authorization is not',
    headers: [...basic('alice:x', 'Proxy-Authorization'), ...good],
    passes: true,
  },
];

for (const { name, headers, passes = false } of CASES) {
  test(`${name} ${passes ? 'passes' : 'is refused'}`, async () => {
    const { answer, consumer } = await runPlugin(basicAuth, {}, { request: { headers }, build });
    if (passes) assert.deepEqual([answer, consumer], [undefined, 'bob']);
    else {
      assert.deepEqual(answer, {
        kind: 'error',
        status: 401,
        message: 'Unauthorized',
        headers: ['WWW-Authenticate', 'Basic realm="service"'],
      });
      assert.equal(consumer, undefined);
    }
  });
}

test('hiding takes out what was examined, also when it was wrong', async () => {
  const config = { hide_credentials: true, anonymous: 'nobody' };
  const hidden = async (headers: string[]) =>
    (await runPlugin(basicAuth, config, { request: { headers }, build })).upstream.headers;
  const proxy = basic('bob:open sesame', 'Proxy-Authorization');
  assert.deepEqual(await hidden([...proxy, 'Authorization', 'other']), ['Authorization', 'other']);
  assert.deepEqual(await hidden(basic('bob:wrong')), []);
  assert.deepEqual(await hidden(['Authorization', 'Bearer x']), []);
  // As with Kong: it could be decoded but not split.
  assert.deepEqual(await hidden(basic('no colon')), basic('no colon'));
});

const before = (ctx: RequestContext): void =>
  ctx.authenticate(bob, { id: 'other', consumerId: bob.id });

test('anonymous: one credential is enough, and a missing consumer is 500', async () => {
  const known = await runPlugin(basicAuth, { anonymous: 'nobody' }, { build, before });
  assert.deepEqual([known.answer, known.consumer], [undefined, 'bob']);
  const both = await runPlugin(basicAuth, {}, { build, before });
  assert.equal(both.answer?.status, 401, 'without anonymous every plugin must succeed');
  const missing = await runPlugin(basicAuth, { anonymous: 'gone' }, { build });
  assert.equal(missing.answer?.status, 500);
});

test('a realm with a line break is refused', () => {
  assert.deepEqual(problemsOf(basicAuth, { realm: 'a\r\nSet-Cookie: x' }), [
    'config.realm: a header cannot hold line breaks and other control characters',
  ]);
});
