/** Counting failures: the window, the networks, the bound. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAttempts, FAILURES_MAX } from './attempts.ts';

test('the last failure closes the door until the window is over', () => {
  let now = 1000;
  const attempts = createAttempts(() => now);
  const closing = Array.from({ length: FAILURES_MAX }, () => attempts.failed('10.0.0.1'));
  assert.deepEqual(closing, [...Array.from({ length: FAILURES_MAX - 1 }, () => false), true]);
  assert.equal(attempts.failed('10.0.0.1'), false);
  assert.equal(attempts.waitMs('10.0.0.1'), 60_000);
  assert.equal(attempts.waitMs('10.0.0.2'), 0);
  now += 59_999;
  assert.equal(attempts.waitMs('10.0.0.1'), 1);
  now += 1;
  assert.equal(attempts.waitMs('10.0.0.1'), 0);
  assert.equal(attempts.failed('10.0.0.1'), false);
});

test('an address is known however it is written, an IPv6 network is one client', () => {
  const cases = [
    ['::ffff:10.0.0.1', '10.0.0.1', true],
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['2001:db8::1', '2001:db8:0:0:5::', true],
    ['fe80::1%eth0', 'fe80::2%eth1', true],
    ['::1', '::2', true],
  ] as const;
  for (const [failing, other, isSame] of cases) {
    const attempts = createAttempts(() => 0);
    for (let i = 0; i < FAILURES_MAX; i++) attempts.failed(failing);
    assert.equal(attempts.waitMs(other) > 0, isSame, `${failing} and ${other}`);
  }
});

test('however many addresses fail, few are remembered', () => {
  const attempts = createAttempts(() => 0);
  for (let i = 0; i < FAILURES_MAX; i++) attempts.failed('10.0.0.1');
  for (let i = 0; i < 30_000; i++) attempts.failed(`172.16.${i >> 8}.${i & 255}`);
  assert.equal(attempts.waitMs('10.0.0.1'), 0);
});
