/** Peers of a plain host, with a resolver made of a table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  address,
  isPeer,
  resolverOf,
  tally,
  type Answers,
} from './balancer/balancer.test.fixture.ts';
import { createPeerSource } from './peers.ts';

test('a literal address is used as it is, without a resolver', () => {
  const resolver = resolverOf(new Map());
  const source = createPeerSource({ host: '::1', port: 81, resolver });
  assert.deepEqual(source.next([], ''), { ip: '::1', port: 81, hostname: '::1' });
  assert.deepEqual(resolver.asked, []);
});

test('a plain host takes the addresses in turn, at once when they are known', async () => {
  const answers: Answers = new Map([['two.test', [address('10.0.0.1'), address('10.0.0.2')]]]);
  const source = createPeerSource({ host: 'two.test', port: 80, resolver: resolverOf(answers) });
  const first = source.next([], '');
  isPeer(first);
  const second = source.next([first], '');
  isPeer(second);
  assert.notEqual(second.ip, first.ip);
  assert.equal(second.hostname, 'two.test');
  isPeer(source.next([first, second], ''));
  answers.set('two.test', [address('10.0.0.9')]);
  assert.deepEqual(await tally(source, 3), { '10.0.0.9:80': 3 });
});

test('a plain host that waits for DNS, and one that has no address', async () => {
  const answers: Answers = new Map([['slow.test', Promise.resolve([address('10.0.0.1')])]]);
  const resolver = resolverOf(answers);
  const slow = createPeerSource({ host: 'slow.test', port: 80, resolver });
  assert.equal((await slow.next([], '')).ip, '10.0.0.1');
  const none = createPeerSource({ host: 'none.test', port: 80, resolver });
  await assert.rejects(async () => none.next([], ''), { code: 'ERR_NAME_RESOLUTION' });
});

test("an SRV record's port wins unless it is 0, and its weight counts", async () => {
  const answers: Answers = new Map([
    [
      'srv.test',
      [
        address('10.0.0.1', { port: 8001, weight: 1, name: 'a.test' }),
        address('10.0.0.2', { port: 0, weight: 3, name: 'b.test' }),
      ],
    ],
  ]);
  const source = createPeerSource({ host: 'srv.test', port: 80, resolver: resolverOf(answers) });
  assert.deepEqual(await tally(source, 40), { '10.0.0.1:8001': 10, '10.0.0.2:80': 30 });
});
