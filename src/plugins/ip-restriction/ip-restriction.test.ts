/** The ip-restriction plugin: lists, blocks, both families of addresses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, runPlugin, testFields } from '../../gateway/plugin-run.test.fixture.ts';
import { ipRestriction } from './index.ts';

const from = (clientAddress: string) => ({ clientAddress });

testFields(ipRestriction, [
  {
    field: 'allow',
    set: { allow: ['10.0.0.0/8'] },
    unset: { deny: ['203.0.113.7'] },
    request: from('192.0.2.1'),
    expect: ({ answer }) =>
      assert.deepEqual(answer, {
        kind: 'error',
        status: 403,
        message: 'IP address not allowed: 192.0.2.1',
        headers: [],
      }),
  },
  {
    field: 'deny',
    set: { allow: ['0.0.0.0/0'], deny: ['192.0.2.0/24'] },
    unset: { allow: ['0.0.0.0/0'] },
    request: from('192.0.2.1'),
    expect: ({ answer }) => assert.equal(answer?.status, 403),
  },
  {
    field: 'status',
    set: { deny: ['192.0.2.1'], status: 404 },
    unset: { deny: ['192.0.2.1'] },
    request: from('192.0.2.1'),
    expect: ({ answer }) => assert.equal(answer?.status, 404),
  },
  {
    field: 'message',
    set: { deny: ['192.0.2.1'], message: 'No' },
    unset: { deny: ['192.0.2.1'] },
    request: from('192.0.2.1'),
    expect: ({ answer }) => assert.equal(answer?.kind === 'error' && answer.message, 'No'),
  },
]);

const MATCHES: readonly (readonly [list: string, address: string, matches: boolean])[] = [
  ['192.0.2.1', '192.0.2.1', true],
  ['192.0.2.1', '192.0.2.10', false],
  ['192.0.2.0/25', '192.0.2.127', true],
  ['192.0.2.0/25', '192.0.2.128', false],
  ['192.0.2.77/25', '192.0.2.1', true],
  ['0.0.0.0/0', '203.0.113.9', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['2001:db8::/32', '2001:db8:ffff::1', true],
  ['2001:db8::/32', '2001:db9::1', false],
  ['2001:db8::1', '2001:0DB8:0:0:0:0:0:1', true],
  ['::/0', '2001:db8::1', true],
  ['::1', '::1', true],
  ['192.0.2.1', '::ffff:192.0.2.1', true],
  ['192.0.2.0/24', '::ffff:c000:201', true],
  ['10.0.0.0/8', '::ffff:192.0.2.1', false],
];

for (const [entry, address, matches] of MATCHES) {
  test(`${address} is ${matches ? '' : 'not '}in ${entry}`, async () => {
    const options = { request: from(address) };
    const denied = await runPlugin(ipRestriction, { deny: [entry] }, options);
    assert.equal(denied.answer?.status, matches ? 403 : undefined);
    const allowed = await runPlugin(ipRestriction, { allow: [entry] }, options);
    assert.equal(allowed.answer?.status, matches ? undefined : 403);
  });
}

test('a client without an address is refused', async () => {
  const { answer } = await runPlugin(ipRestriction, { deny: ['10.0.0.1'] }, { request: from('') });
  assert.equal(
    answer?.kind === 'error' && answer.message,
    'Cannot identify the client IP address, unix domain sockets are not supported.',
  );
});

test('what is no address and what no status can be are refused when the config loads', async () => {
  assert.deepEqual(problemsOf(ipRestriction, { deny: ['10.0.0.1', 'localhost', '10.0.0.0/33'] }), [
    "config.deny.1: invalid ip or cidr range: 'localhost'",
    "config.deny.2: invalid ip or cidr range: '10.0.0.0/33'",
  ]);
  assert.deepEqual(problemsOf(ipRestriction, {}), [
    ": at least one of these fields must be non-empty: 'config.allow', 'config.deny'",
  ]);
  assert.deepEqual(problemsOf(ipRestriction, { deny: ['::1'], status: 99 }), [
    'config.status: value should be between 200 and 599',
  ]);
  await assert.rejects(runPlugin(ipRestriction, { deny: ['::1'], status: 403.5 }), {
    issues: [{ path: ['status'], message: 'expected an integer' }],
  });
});
