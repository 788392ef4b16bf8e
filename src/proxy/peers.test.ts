/** Peers of a plain host and of an Upstream entity, with a resolver made of a table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Target, Upstream } from '../config/types.ts';
import { ProxyError } from '../errors.ts';
import { createPeerSource, type PeerSourceOptions } from './peers.ts';
import type { NameResolver, Peer, PeerSource, ResolvedAddress } from './types.ts';

type Answers = Map<string, readonly ResolvedAddress[] | Promise<readonly ResolvedAddress[]>>;

function address(ip: string, rest: Partial<ResolvedAddress> = {}): ResolvedAddress {
  return { ip, port: undefined, weight: 1, name: undefined, ...rest };
}

function resolverOf(answers: Answers): NameResolver & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    resolve(host) {
      asked.push(host);
      return (
        answers.get(host) ??
        Promise.reject(new ProxyError('ERR_NAME_RESOLUTION', 'name resolution failed'))
      );
    },
    close() {},
  };
}

const UPSTREAM: Upstream = {
  id: 'u',
  name: 'pool.test',
  algorithm: 'round-robin',
  hash_on: 'none',
  hash_fallback: 'none',
  hash_on_header: null,
  hash_fallback_header: null,
  hash_on_cookie: null,
  hash_on_cookie_path: '/',
  hash_on_query_arg: null,
  hash_fallback_query_arg: null,
  hash_on_uri_capture: null,
  hash_fallback_uri_capture: null,
  slots: 10_000,
  host_header: null,
  client_certificate: null,
  use_srv_name: false,
  healthchecks: {
    threshold: 0,
    active: {
      type: 'http',
      timeout: 1,
      concurrency: 10,
      http_path: '/',
      https_sni: null,
      https_verify_certificate: true,
      headers: null,
      healthy: { interval: 0, successes: 0, http_statuses: [200] },
      unhealthy: {
        interval: 0,
        http_statuses: [500],
        tcp_failures: 0,
        timeouts: 0,
        http_failures: 0,
      },
    },
    passive: {
      type: 'http',
      healthy: { successes: 0, http_statuses: [200] },
      unhealthy: { http_statuses: [500], tcp_failures: 0, timeouts: 0, http_failures: 0 },
    },
  },
  tags: null,
  created_at: 0,
  updated_at: 0,
};

function targetOf(target: string, weight = 100): Target {
  const reference = { id: UPSTREAM.id };
  return {
    id: target,
    target,
    weight,
    upstream: reference,
    tags: null,
    created_at: 0,
    updated_at: 0,
  };
}

function balanced(targets: Target[], rest: Partial<PeerSourceOptions> = {}): PeerSource {
  const resolver = resolverOf(new Map());
  return createPeerSource({
    host: 'pool.test',
    port: 80,
    upstream: UPSTREAM,
    targets,
    resolver,
    ...rest,
  });
}

/** How often each `ip:port` came up. */
async function tally(source: PeerSource, picks: number): Promise<Record<string, number>> {
  const counts = new Map<string, number>();
  for (let i = 0; i < picks; i++) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
    const { ip, port } = await source.next([]);
    counts.set(`${ip}:${port}`, (counts.get(`${ip}:${port}`) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

function isPeer(answer: Peer | Promise<Peer>): asserts answer is Peer {
  assert.ok(!(answer instanceof Promise), 'answered synchronously');
}

test('a literal address is used as it is, without a resolver', () => {
  const resolver = resolverOf(new Map());
  const source = createPeerSource({ host: '::1', port: 81, resolver });
  assert.deepEqual(source.next([]), { ip: '::1', port: 81, hostname: '::1' });
  assert.deepEqual(resolver.asked, []);
});

test('a plain host takes the addresses in turn, at once when they are known', async () => {
  const answers: Answers = new Map([['two.test', [address('10.0.0.1'), address('10.0.0.2')]]]);
  const source = createPeerSource({ host: 'two.test', port: 80, resolver: resolverOf(answers) });
  const first = source.next([]);
  isPeer(first);
  const second = source.next([first]);
  isPeer(second);
  assert.notEqual(second.ip, first.ip);
  assert.equal(second.hostname, 'two.test');
  isPeer(source.next([first, second]));
  answers.set('two.test', [address('10.0.0.9')]);
  assert.deepEqual(await tally(source, 3), { '10.0.0.9:80': 3 });
});

test('a plain host that waits for DNS, and one that has no address', async () => {
  const answers: Answers = new Map([['slow.test', Promise.resolve([address('10.0.0.1')])]]);
  const resolver = resolverOf(answers);
  const slow = createPeerSource({ host: 'slow.test', port: 80, resolver });
  assert.equal((await slow.next([])).ip, '10.0.0.1');
  const none = createPeerSource({ host: 'none.test', port: 80, resolver });
  await assert.rejects(async () => none.next([]), { code: 'ERR_NAME_RESOLUTION' });
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

test('targets get exactly their share; weight 0 gets nothing', async () => {
  const source = balanced([
    targetOf('10.0.0.1:1000', 1),
    targetOf('[::2]:1000', 3),
    targetOf('10.0.0.3:1000', 0),
  ]);
  assert.deepEqual(await tally(source, 400), { '10.0.0.1:1000': 100, '::2:1000': 300 });
  assert.equal(source.balanced, true);
});

test('a retry goes to an address that was not tried, and round again when all were', () => {
  const source = balanced([targetOf('10.0.0.1:80', 1), targetOf('10.0.0.2:80', 1000)]);
  const tried: Peer[] = [];
  for (let i = 0; i < 2; i++) {
    const peer = source.next(tried);
    isPeer(peer);
    assert.ok(!tried.some(({ ip }) => ip === peer.ip));
    tried.push(peer);
  }
  isPeer(source.next(tried));
});

for (const { name, targets } of [
  { name: 'without targets', targets: [] },
  { name: 'with weight 0 only', targets: [targetOf('10.0.0.1:80', 0)] },
  { name: 'with unknown names only', targets: [targetOf('no.test:80')] },
]) {
  test(`an Upstream ${name} has no peer`, async () => {
    const source = balanced(targets);
    await assert.rejects(async () => source.next([]), {
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
  await assert.rejects(async () => half.next([]), { code: 'ERR_NO_PEER' });
  const most = balanced([targetOf('10.0.0.1:80', 3), targetOf('no.test:80', 2)], { upstream });
  assert.equal((await most.next([])).ip, '10.0.0.1');
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
    assert.equal((await source.next([])).hostname, hostname);
  }
});
