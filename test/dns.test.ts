/** The resolver against a real DNS server: types, suffixes, caching, failures. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { SILENT } from '../src/log.ts';
import { createResolver } from '../src/proxy/dns.ts';
import type { NameResolver } from '../src/proxy/types.ts';
import type { DnsSettings } from '../src/settings/types.ts';
import { startDnsServer, type DnsAnswer, type DnsServer } from './support/dns-server.ts';

interface Setup {
  readonly server: DnsServer;
  readonly resolver: NameResolver;
  /** Moves the resolver's clock. */
  readonly advance: (ms: number) => void;
  /** The addresses, or the error's code. */
  readonly ips: (host: string) => Promise<readonly string[] | string>;
  readonly hostsFile: string;
}

interface Rest {
  readonly settings?: Partial<DnsSettings>;
  readonly resolvConf?: string;
  readonly hosts?: string;
}

async function setUp(
  t: TestContext,
  zone: Record<string, DnsAnswer>,
  rest: Rest = {},
): Promise<Setup> {
  const folder = await mkdtemp(join(tmpdir(), 'dns-test-'));
  t.after(() => rm(folder, { recursive: true }));
  const hostsFile = join(folder, 'hosts');
  const resolvConfFile = join(folder, 'resolv.conf');
  await writeFile(hostsFile, rest.hosts ?? '');
  await writeFile(resolvConfFile, rest.resolvConf ?? 'options timeout:1 attempts:1\n');
  const server = await startDnsServer(t, zone);
  const settings: DnsSettings = {
    servers: [server.address],
    hostsFile,
    order: ['LAST', 'SRV', 'A', 'CNAME'],
    validTtlMs: undefined,
    staleTtlMs: 3_600_000,
    notFoundTtlMs: 30_000,
    errorTtlMs: 1_000,
    cacheSize: 10_000,
    ...rest.settings,
  };
  let time = 1_000_000;
  const resolver = createResolver(settings, SILENT, { resolvConfFile, now: () => time });
  t.after(() => resolver.close());
  return {
    server,
    resolver,
    hostsFile,
    advance(ms) {
      time += ms;
    },
    async ips(host) {
      try {
        const found = await resolver.resolve(host);
        return found.map(({ ip }) => ip).toSorted();
      } catch (error) {
        return error instanceof Error && 'code' in error ? String(error.code) : String(error);
      }
    },
  };
}

/** Resolves once the server has been asked `count` questions. */
async function whenAsked(server: DnsServer, count: number): Promise<void> {
  while (server.asked.length < count) await new Promise((resolve) => setImmediate(resolve));
}

const A = (data: string, ttl = 60): DnsAnswer => [{ type: 'A', data, ttl }];

test('literal addresses and localhost need no server', async (t) => {
  const { resolver, server } = await setUp(t, {});
  for (const ip of ['127.0.0.1', '::1']) assert.deepEqual((await resolver.resolve(ip))[0]?.ip, ip);
  assert.deepEqual(
    (await resolver.resolve('localhost')).map(({ ip }) => ip),
    ['127.0.0.1'],
  );
  assert.deepEqual(server.asked, []);
});

test('addresses come from A records, and the second time at once', async (t) => {
  const { resolver, server, ips } = await setUp(t, {
    'a.test': [
      { type: 'A', data: '10.0.0.1' },
      { type: 'A', data: '10.0.0.2' },
    ],
  });
  assert.deepEqual(await ips('A.test'), ['10.0.0.1', '10.0.0.2']);
  assert.deepEqual(server.asked, ['SRV a.test', 'A a.test']);
  const hit = resolver.resolve('a.test');
  assert.ok(!(hit instanceof Promise));
  assert.equal(resolver.resolve('a.test'), hit, 'the same list while nothing changed');
});

test('concurrent lookups of one name are one lookup', async (t) => {
  const { server, ips } = await setUp(t, { 'a.test': A('10.0.0.1') });
  const all = await Promise.all(Array.from({ length: 50 }, () => ips('a.test')));
  assert.ok(all.every((found) => found[0] === '10.0.0.1'));
  assert.equal(server.asked.length, 2);
});

test('SRV: lowest priority only, with ports, weights and names', async (t) => {
  const { resolver } = await setUp(t, {
    'srv.test': [
      { type: 'SRV', data: '1 0 8001 a.test' },
      { type: 'SRV', data: '1 5 0 b.test' },
      { type: 'SRV', data: '2 9 8003 c.test' },
    ],
    'a.test': A('10.0.0.1'),
    'b.test': A('10.0.0.2'),
    'c.test': A('10.0.0.3'),
  });
  const found = [...(await resolver.resolve('srv.test'))].toSorted((x, y) => x.weight - y.weight);
  assert.deepEqual(found, [
    { ip: '10.0.0.1', port: 8001, weight: 1, name: 'a.test' },
    { ip: '10.0.0.2', port: 0, weight: 5, name: 'b.test' },
  ]);
});

test('an alias is followed, a loop of aliases is a failure', async (t) => {
  const { ips } = await setUp(t, {
    'alias.test': [{ type: 'CNAME', data: 'a.test' }],
    'a.test': A('10.0.0.1'),
    'loop.test': [{ type: 'CNAME', data: 'pool.test' }],
    'pool.test': [{ type: 'CNAME', data: 'loop.test' }],
  });
  assert.deepEqual(await ips('alias.test'), ['10.0.0.1']);
  assert.equal(await ips('loop.test'), 'ERR_DNS_SERVER');
});

test('AAAA is asked only when the order says so', async (t) => {
  const zone: Record<string, DnsAnswer> = { 'six.test': [{ type: 'AAAA', data: 'fd00::6' }] };
  const plain = await setUp(t, zone);
  assert.equal(await plain.ips('six.test'), 'ERR_NAME_RESOLUTION');
  const both = await setUp(t, zone, { settings: { order: ['LAST', 'A', 'AAAA'] } });
  assert.deepEqual(await both.ips('six.test'), ['fd00::6']);
});

test('search suffixes and ndots, as in a Kubernetes pod', async (t) => {
  const resolvConf =
    'search ns.svc.cluster.local svc.cluster.local\noptions ndots:5 timeout:1 attempts:1\n';
  const { server, ips, advance } = await setUp(
    t,
    { 'web.shop.svc.cluster.local': A('10.0.0.1'), 'out.test': A('10.0.0.2') },
    { resolvConf },
  );
  assert.deepEqual(await ips('web.shop'), ['10.0.0.1']);
  assert.deepEqual(server.asked, [
    'SRV web.shop.ns.svc.cluster.local',
    'SRV web.shop.svc.cluster.local',
    'SRV web.shop',
    'A web.shop.svc.cluster.local',
  ]);
  advance(61_000);
  await ips('web.shop');
  await whenAsked(server, 5);
  assert.equal(server.asked[4], 'A web.shop.svc.cluster.local', 'what had an answer goes first');
  assert.deepEqual(await ips('out.test.'), ['10.0.0.2']);
  assert.deepEqual(server.asked.slice(5), ['SRV out.test', 'A out.test'], 'a final dot: no suffix');
});

const failures: { name: string; answer: DnsAnswer; code: string; message: string }[] = [
  { name: 'NODATA', answer: [], code: 'ERR_NAME_RESOLUTION', message: 'name resolution failed' },
  ...[
    { answer: 'SERVFAIL' as const, reason: 'dns server error: 2 server failure' },
    { answer: 'REFUSED' as const, reason: 'dns server error: 5 refused' },
    { answer: 'silence' as const, reason: 'timeout' },
  ].map(({ answer, reason }) => ({
    name: answer,
    answer,
    code: 'ERR_DNS_SERVER',
    message: `failed the initial dns/balancer resolve for 'x.test' with: ${reason}`,
  })),
];
for (const { name, answer, code, message } of failures) {
  test(`${name} is ${code}`, async (t) => {
    const { resolver } = await setUp(t, { 'x.test': answer });
    await assert.rejects(async () => resolver.resolve('x.test'), { code, message });
  });
}

test('"no such name" is remembered for its time, a failure for its own', async (t) => {
  const { server, ips, advance } = await setUp(t, { 'bad.test': 'SERVFAIL' });
  for (const { host, ttl, code } of [
    { host: 'none.test', ttl: 30_000, code: 'ERR_NAME_RESOLUTION' },
    { host: 'bad.test', ttl: 1_000, code: 'ERR_DNS_SERVER' },
  ]) {
    assert.equal(await ips(host), code);
    const asked = server.asked.length;
    server.zone.set(host, A('10.0.0.1'));
    advance(ttl - 1);
    assert.equal(await ips(host), code);
    assert.equal(server.asked.length, asked, 'not asked again');
    advance(1);
    assert.deepEqual(await ips(host), ['10.0.0.1']);
  }
});

test('after its TTL an answer is used once more while a new one is fetched', async (t) => {
  const { server, resolver, ips, advance } = await setUp(t, { 'a.test': A('10.0.0.1', 5) });
  await ips('a.test');
  server.zone.set('a.test', A('10.0.0.2', 5));
  advance(5_000);
  const stale = resolver.resolve('a.test');
  assert.ok(!(stale instanceof Promise));
  assert.equal(stale[0]?.ip, '10.0.0.1');
  while ((await ips('a.test'))[0] === '10.0.0.1') {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(await ips('a.test'), ['10.0.0.2']);
  assert.deepEqual(server.asked, ['SRV a.test', 'A a.test', 'A a.test'], 'one refresh');
});

test('a stale answer outlives failing servers, up to its limit, but not "no such name"', async (t) => {
  const settings = { staleTtlMs: 10_000 };
  const { server, ips, advance } = await setUp(t, { 'a.test': A('10.0.0.1', 5) }, { settings });
  await ips('a.test');
  server.zone.set('a.test', 'SERVFAIL');
  advance(6_000);
  assert.deepEqual(await ips('a.test'), ['10.0.0.1']);
  await whenAsked(server, 5);
  advance(10_000);
  assert.equal(await ips('a.test'), 'ERR_DNS_SERVER');
  server.zone.set('a.test', A('10.0.0.1', 5));
  advance(1_000);
  assert.deepEqual(await ips('a.test'), ['10.0.0.1']);
  server.zone.delete('a.test');
  advance(5_000);
  await ips('a.test');
  while ((await ips('a.test')) !== 'ERR_NAME_RESOLUTION') {
    await new Promise((resolve) => setImmediate(resolve));
  }
});

test('TTL 0 is asked every time; dns_valid_ttl overrides it', async (t) => {
  const zone = { 'a.test': A('10.0.0.1', 0) };
  const { server, ips } = await setUp(t, zone);
  await ips('a.test');
  server.zone.set('a.test', A('10.0.0.2', 0));
  assert.deepEqual(await ips('a.test'), ['10.0.0.2']);
  const fixed = await setUp(t, zone, { settings: { validTtlMs: 60_000 } });
  await fixed.ips('a.test');
  fixed.server.zone.set('a.test', A('10.0.0.2', 0));
  assert.deepEqual(await fixed.ips('a.test'), ['10.0.0.1']);
});

test('the cache is bounded', async (t) => {
  const zone = { 'a.test': A('10.0.0.1'), 'b.test': A('10.0.0.2') };
  const { resolver, ips } = await setUp(t, zone, { settings: { cacheSize: 1 } });
  await ips('a.test');
  await ips('b.test');
  assert.ok(!(resolver.resolve('b.test') instanceof Promise));
  assert.ok(resolver.resolve('a.test') instanceof Promise);
  await ips('a.test');
});

test('the hosts file wins over DNS, and a change to it is noticed', async (t) => {
  const zone = { 'a.test': A('10.0.0.1') };
  const hosts = '# comment\n192.0.2.1 a.test Other.test # more\n::5 a.test\nnonsense a.test\n';
  const { server, ips, advance, hostsFile } = await setUp(t, zone, { hosts });
  assert.deepEqual(await ips('a.test'), ['192.0.2.1']);
  assert.deepEqual(await ips('other.test'), ['192.0.2.1']);
  assert.deepEqual(server.asked, []);
  await writeFile(hostsFile, '192.0.2.2 a.test\n');
  await utimes(hostsFile, 1, 1);
  advance(5_000);
  while ((await ips('a.test'))[0] !== '192.0.2.2') {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(server.asked, []);
});
