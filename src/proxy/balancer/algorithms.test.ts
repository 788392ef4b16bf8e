/** Least connections, latency and consistent hashing, as a request meets them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Upstream } from '../../config/types.ts';
import type { Peer } from '../types.ts';
import type { Balancer } from './balancer.ts';
import { balanced, isPeer, targetOf, UPSTREAM } from './balancer.test.fixture.ts';

const upstreamOf = (fields: Partial<Upstream>): { readonly upstream: Upstream } => ({
  upstream: { ...UPSTREAM, ...fields },
});

function pick(balancer: Balancer, tried: readonly Peer[] = [], key = ''): Peer {
  const peer = balancer.next(tried, key);
  isPeer(peer);
  return peer;
}

/** A request that goes to the peer and does not end. */
function begin(balancer: Balancer): Peer {
  const peer = pick(balancer);
  peer.usage?.begin();
  return peer;
}

const portsOf = (peers: readonly Peer[]): string => peers.map(({ port }) => port).join(' ');

test('least-connections: requests under way follow the weights', () => {
  const targets = [targetOf('10.0.0.1:1', 100), targetOf('10.0.0.1:2', 300)];
  const balancer = balanced(targets, upstreamOf({ algorithm: 'least-connections' }));
  const peers = Array.from({ length: 8 }, () => begin(balancer));
  assert.equal(peers.filter(({ port }) => port === 2).length, 6);
  const freed = peers.find(({ port }) => port === 1);
  freed?.usage?.end(1);
  assert.equal(begin(balancer), freed);
});

test('least-connections: a retry leaves out what was tried, until everything was', () => {
  const targets = [targetOf('10.0.0.1:1', 1), targetOf('10.0.0.1:2', 1000)];
  const balancer = balanced(targets, upstreamOf({ algorithm: 'least-connections' }));
  const first = pick(balancer);
  const second = pick(balancer, [first]);
  assert.equal(portsOf([first, second]), '2 1');
  assert.equal(pick(balancer, [first, second]).port, 2);
});

test('latency: the faster one gets the requests, the slower one again when its time has faded', () => {
  let time = 1_000_000;
  const targets = [targetOf('10.0.0.1:1'), targetOf('10.0.0.1:2')];
  const options = { ...upstreamOf({ algorithm: 'latency' }), now: () => time };
  const balancer = balanced(targets, options);
  const [one, two] = [begin(balancer), begin(balancer)];
  assert.equal(portsOf([one, two].toSorted((a, b) => a.port - b.port)), '1 2', 'spread at first');
  time += 1000;
  one.usage?.end(50);
  two.usage?.end(500);
  assert.equal(pick(balancer), one);
  assert.equal(pick(balancer), one);
  for (let i = 0; i < 20; i++) {
    time += 1000;
    one.usage?.begin();
    one.usage?.end(50);
  }
  assert.equal(pick(balancer), two);
});

test('latency: an answer that failed says nothing; weights divide', () => {
  let time = 1_000_000;
  const targets = [targetOf('10.0.0.1:1', 100), targetOf('10.0.0.1:2', 300)];
  const options = { ...upstreamOf({ algorithm: 'latency' }), now: () => time };
  const balancer = balanced(targets, options);
  const one = begin(balancer);
  const two = begin(balancer);
  time += 1000;
  for (const peer of [one, two]) peer.usage?.end(peer.port === 1 ? 100 : 200);
  assert.equal(pick(balancer).port, 2, '200 ms at three times the weight');
  two.usage?.begin();
  two.usage?.end(undefined);
  assert.equal(pick(balancer).port, 2);
});

test('latency: a request that all have failed has no peer', () => {
  const balancer = balanced(
    [targetOf('10.0.0.1:1'), targetOf('10.0.0.1:2')],
    upstreamOf({ algorithm: 'latency' }),
  );
  const first = pick(balancer);
  const second = pick(balancer, [first]);
  assert.throws(() => balancer.next([first, second], ''), { code: 'ERR_NO_PEER' });
});

const HASHING = { algorithm: 'consistent-hashing', hash_on: 'ip' } as const;
const KEYS = Array.from({ length: 2000 }, (_, i) => `key-${i}`);
const NODES = ['10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80', '10.0.0.4:80'];

const homesOf = (balancer: Balancer): string[] => KEYS.map((key) => pick(balancer, [], key).ip);

test('consistent-hashing: keys follow the weights, and the order of the targets does not matter', () => {
  const targets = NODES.map((target, i) => targetOf(target, i === 0 ? 50 : 100));
  const homes = homesOf(balanced(targets, upstreamOf(HASHING)));
  assert.deepEqual(homesOf(balanced(targets.toReversed(), upstreamOf(HASHING))), homes);
  for (const [i, expected] of [1 / 7, 2 / 7, 2 / 7, 2 / 7].entries()) {
    const share = homes.filter((ip) => ip === `10.0.0.${i + 1}`).length / KEYS.length;
    assert.ok(Math.abs(share - expected) < 0.06, `${share} is not about ${expected}`);
  }
});

test('consistent-hashing: a target that goes takes only its own keys along', () => {
  const targets = NODES.map((target) => targetOf(target));
  const before = homesOf(balanced(targets, upstreamOf({ ...HASHING, slots: 65_536 })));
  const after = homesOf(balanced(targets.slice(1), upstreamOf({ ...HASHING, slots: 65_536 })));
  const moved = before.filter((ip, i) => ip !== '10.0.0.1' && ip !== after[i]);
  // Collisions of points move a few.
  assert.ok(moved.length < KEYS.length * 0.02, `${moved.length} keys moved`);
});

test('consistent-hashing: the same key goes on to the next on the ring, and begins anew after all', () => {
  const balancer = balanced(
    NODES.map((target) => targetOf(target)),
    upstreamOf(HASHING),
  );
  const tried: Peer[] = [];
  for (let i = 0; i < NODES.length; i++) tried.push(pick(balancer, tried, 'k'));
  assert.equal(new Set(tried.map(({ ip }) => ip)).size, NODES.length);
  assert.equal(pick(balancer, tried, 'k'), tried[0]);
  assert.equal(pick(balancer, [], 'k'), tried[0]);
});
