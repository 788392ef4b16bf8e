/** The peers of an Upstream entity, with a resolver made of a table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Peer } from '../types.ts';
import {
  address,
  balanced,
  isPeer,
  resolverOf,
  tally,
  targetOf,
  UPSTREAM,
  type Answers,
} from './balancer.test.fixture.ts';

test('targets get exactly their share; weight 0 gets nothing', async () => {
  const source = balanced([
    targetOf('10.0.0.1:1000', 1),
    targetOf('[::2]:1000', 3),
    targetOf('10.0.0.3:1000', 0),
  ]);
  assert.deepEqual(await tally(source, 400), { '10.0.0.1:1000': 100, '::2:1000': 300 });
});

test('a retry goes to an address that was not tried, and round again when all were', () => {
  const source = balanced([targetOf('10.0.0.1:80', 1), targetOf('10.0.0.2:80', 1000)]);
  const tried: Peer[] = [];
  for (let i = 0; i < 2; i++) {
    const peer = source.next(tried, '');
    isPeer(peer);
    assert.ok(!tried.some(({ ip }) => ip === peer.ip));
    tried.push(peer);
  }
  isPeer(source.next(tried, ''));
});

for (const { name, targets } of [
  { name: 'without targets', targets: [] },
  { name: 'with weight 0 only', targets: [targetOf('10.0.0.1:80', 0)] },
  { name: 'with unknown names only', targets: [targetOf('no.test:80')] },
]) {
  test(`an Upstream ${name} has no peer`, async () => {
    const source = balanced(targets);
    await assert.rejects(async () => source.next([], ''), {
      code: 'ERR_NO_PEER',
      message: 'failure to get a peer from the ring-balancer',
    });
  });
}

test('an unknown name is unavailable, is left alone for 30 s and then asked again', async () => {
  const answers: Answers = new Map();
  const resolver = resolverOf(answers);
  let time = 1;
  const targets = [targetOf('10.0.0.1:80'), targetOf('late.test:81')];
  const source = balanced(targets, { resolver, now: () => time });
  assert.deepEqual(await tally(source, 4), { '10.0.0.1:80': 4 });
  answers.set('late.test', [address('10.0.0.2')]);
  time += 29_999;
  assert.deepEqual(await tally(source, 4), { '10.0.0.1:80': 4 });
  assert.deepEqual(resolver.asked, ['late.test']);
  time += 1;
  assert.deepEqual(await tally(source, 4), { '10.0.0.1:80': 2, '10.0.0.2:81': 2 });
});

test('unavailable weight above the threshold stops the balancer', async () => {
  const upstream = { ...UPSTREAM, healthchecks: { ...UPSTREAM.healthchecks, threshold: 50 } };
  const half = balanced([targetOf('10.0.0.1:80', 1), targetOf('no.test:80', 1)], { upstream });
  await assert.rejects(async () => half.next([], ''), { code: 'ERR_NO_PEER' });
  const most = balanced([targetOf('10.0.0.1:80', 3), targetOf('no.test:80', 2)], { upstream });
  assert.equal((await most.next([], '')).ip, '10.0.0.1');
});

test('use_srv_name names the peer after the SRV target', async () => {
  const answers: Answers = new Map([
    ['srv.test', [address('10.0.0.1', { port: 8001, name: 'node-1.test' })]],
  ]);
  const resolver = resolverOf(answers);
  for (const { use_srv_name, hostname } of [
    { use_srv_name: true, hostname: 'node-1.test' },
    { use_srv_name: false, hostname: 'srv.test' },
  ]) {
    const upstream = { ...UPSTREAM, use_srv_name };
    const source = balanced([targetOf('srv.test:80')], { upstream, resolver });
    // oxlint-disable-next-line no-await-in-loop -- two cases
    assert.equal((await source.next([], '')).hostname, hostname);
  }
});
