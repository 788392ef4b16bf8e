/** Providers of keys in good and bad health, on real sockets; the clock is the test's. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import { SILENT } from '../log.ts';
import { createOutbound } from '../outbound/index.ts';
import type { KeySource, KeySourceSpec, SourceKeys } from '../services.ts';
import { parseCompact } from '../tokens/compact.ts';
import { findSigner } from '../tokens/jwk-set.ts';
import { freshKey, setOf, testKey, tokenBy, type TestKey } from '../tokens/keys.test.fixture.ts';
import { startOrigin, type RecordingOrigin } from '../../test/support/origin.ts';
import { createKeyServices, type KeyServices } from './client.ts';
import { createKeyHost, type KeyHost } from './host.ts';
import { REFRESH_PAUSE_MS, STALE_MAX_MS } from './source.ts';

type Answer = (res: ServerResponse, url: string) => void;

interface Rig {
  readonly services: KeyServices;
  readonly host: KeyHost;
  readonly provider: RecordingOrigin;
  /** What the provider does from now on. */
  answer: Answer;
  nowMs: number;
}

const serve =
  (...keys: readonly TestKey[]): Answer =>
  (res) =>
    void res.end(setOf(...keys));

async function rig(t: TestContext, answer: Answer): Promise<Rig> {
  const provider = await startOrigin(t, (req, res) => made.answer(res, req.url ?? ''));
  const outbound = createOutbound({ resolve: () => [{ ip: '127.0.0.1' }] });
  const host = createKeyHost({
    outbound,
    openStore: () => {
      throw new Error('no store in this test');
    },
    log: SILENT,
    now: () => made.nowMs,
  });
  const services = createKeyServices(host.connect);
  const made: Rig = { services, host, provider, answer, nowMs: 1000 };
  t.after(async () => {
    services.close();
    await host.close();
    await outbound.close();
  });
  return made;
}

const open = (made: Rig, more: Partial<KeySourceSpec> = {}): KeySource =>
  made.services.keySources.open({ kind: 'jwks', url: `${made.provider.url}/jwks`, ...more });

async function verifies(
  keys: SourceKeys | undefined,
  key: TestKey,
): Promise<'keys' | 'previous' | 'no'> {
  const { jws } = parseCompact(await tokenBy(key));
  assert.ok(jws);
  if (keys !== undefined && findSigner(keys.keys, jws) !== undefined) return 'keys';
  return keys !== undefined && findSigner(keys.previous, jws) !== undefined ? 'previous' : 'no';
}

const old = freshKey('old');
const young = freshKey('young');

test('keys are loaded once for all who use them, and kept over a reload', async (t) => {
  const made = await rig(t, serve(old));
  const first = open(made);
  const second = open(made);
  assert.equal(first.current(), undefined);
  const all = await Promise.all([first.load(), second.load(), first.load()]);
  assert.equal(new Set(all).size, 1);
  first.close();
  second.close();
  const third = open(made);
  assert.equal(await verifies(await third.load(), old), 'keys');
  assert.equal(made.provider.seen.length, 1);
});

test('a token of a new key makes one fetch, whoever asks; the old keys become the previous ones', async (t) => {
  const made = await rig(t, serve(old));
  const source = open(made);
  const before = await source.load();
  made.answer = serve(young);
  const [after] = await Promise.all(Array.from({ length: 50 }, () => source.refresh(before)));
  assert.equal(made.provider.seen.length, 2);
  assert.equal(await verifies(after, young), 'keys');
  assert.equal(await verifies(after, old), 'previous');
  assert.equal(await source.refresh(before), after, 'newer keys than those are there already');
  assert.equal(made.provider.seen.length, 2);
});

test('a flood of unknown keys makes at most one fetch in 30 seconds', async (t) => {
  const made = await rig(t, serve(old));
  const source = open(made);
  let keys = await source.load();
  for (let second = 0; second < 61; second++) {
    made.nowMs = 1000 + second * 1000;
    keys = await source.refresh(keys);
  }
  // The first at once, then at 30 s and 60 s.
  assert.equal(made.provider.seen.length, 4);
  assert.equal(REFRESH_PAUSE_MS, 30_000);
});

const outages: readonly (readonly [string, Answer])[] = [
  ['500', (res) => void res.writeHead(500).end('{"keys":[]}')],
  ['404', (res) => void res.writeHead(404).end('{}')],
  ['HTML', (res) => void res.end('<html>login</html>')],
  ['nothing', (res) => void res.end()],
  ['half a document', (res) => void res.end(setOf(old).slice(0, -20))],
  ['an empty set', (res) => void res.end('{"keys":[]}')],
  [
    'a set without usable keys',
    (res) => void res.end('{"keys":[{"kty":"RSA","n":"AQ","e":"AQ"}]}'),
  ],
  ['a set of private keys', (res) => void res.end(JSON.stringify({ keys: [old.privateJwk] }))],
  ['another document', (res) => void res.end('{"issuer":"x"}')],
  [
    'ten megabytes',
    (res) => {
      res.on('error', () => {});
      res.end(`{"keys":[],"x":"${'x'.repeat(10_000_000)}"}`);
    },
  ],
  ['a redirect loop', (res, url) => void res.writeHead(302, { Location: url }).end()],
  ['a cut connection', (res) => void res.socket?.destroy()],
];

for (const [name, outage] of outages) {
  test(`outage (${name}): known keys go on working for a day, and unknown ones are asked for at most once in 30 s`, async (t) => {
    const made = await rig(t, serve(old));
    const source = open(made);
    let keys = await source.load();
    made.answer = outage;
    keys = await source.refresh(keys);
    assert.equal(await verifies(keys, old), 'keys');
    const [facts] = made.host.sources().map((each) => each.facts());
    assert.equal(facts?.state, 'stale');
    assert.equal(facts.failures, 1);
    assert.ok((facts.problem ?? '') !== '');
    made.nowMs += STALE_MAX_MS - 10_000;
    keys = await source.refresh(keys);
    assert.equal(await verifies(keys, old), 'keys');
    made.nowMs += 60_000;
    keys = await source.refresh(keys);
    assert.equal(keys, undefined, 'too old');
    made.nowMs += 60_000;
    made.answer = serve(young);
    keys = await source.refresh(keys);
    assert.equal(await verifies(keys, young), 'keys');
    assert.equal(made.host.sources()[0]?.facts().state, 'fresh');
  });
}

test('outage at the start: no keys, then keys with the first request after the provider is back', async (t) => {
  const made = await rig(t, (res) => void res.writeHead(503).end());
  const source = open(made);
  assert.equal(await source.load(), undefined);
  assert.equal(made.host.sources()[0]?.facts().state, 'none');
  made.answer = serve(old);
  assert.equal(await verifies(await source.load(), old), 'keys');
});

test('outage at the start: the pause grows, so that a flood of tokens does not become one of calls', async (t) => {
  const made = await rig(t, (res) => void res.writeHead(503).end());
  const source = open(made);
  for (let i = 0; i < 50; i++) {
    await source.load();
    made.nowMs += 100;
  }
  assert.ok(made.provider.seen.length <= 8, `${made.provider.seen.length} calls in 5 s`);
});

test('an issuer is discovered, and only itself', async (t) => {
  const made = await rig(t, (res, url) => {
    if (url === '/jwks') return void res.end(setOf(old));
    return void res.end(JSON.stringify({ issuer: `${base()}/tenant`, jwks_uri: `${base()}/jwks` }));
  });
  const base = (): string => made.provider.url;
  const source = open(made, { kind: 'discovery', url: `${base()}/tenant` });
  const keys = await source.load();
  assert.equal(keys?.issuer, `${base()}/tenant`);
  assert.equal(await verifies(keys, old), 'keys');
  assert.deepEqual(
    made.provider.seen.map(({ url }) => url),
    ['/tenant/.well-known/openid-configuration', '/jwks'],
  );
  const other = open(made, { kind: 'discovery', url: `${base()}/other` });
  assert.equal(await other.load(), undefined);
  assert.match(made.host.sources()[1]?.facts().problem ?? '', /another issuer/);
});

test('a provider that moved its keys is found again', async (t) => {
  let path = '/one';
  const made = await rig(t, (res, url) => {
    if (url === path) return void res.end(setOf(path === '/one' ? old : young));
    if (!url.startsWith('/.well')) return void res.writeHead(410).end();
    return void res.end(
      JSON.stringify({ issuer: made.provider.url, jwks_uri: `${made.provider.url}${path}` }),
    );
  });
  const source = open(made, { kind: 'discovery', url: made.provider.url });
  let keys = await source.load();
  path = '/two';
  keys = await source.refresh(keys);
  assert.equal(await verifies(keys, old), 'keys', 'the place that was known is gone');
  made.nowMs += REFRESH_PAUSE_MS;
  keys = await source.refresh(keys);
  assert.equal(await verifies(keys, young), 'keys');
});

test('Basic credentials go to the provider, and sources with others are others', async (t) => {
  const made = await rig(t, serve(old));
  const basicAuth = { username: 'u', password: 'p' };
  const source = open(made, { basicAuth });
  await source.load();
  assert.ok(
    made.provider.seen[0]?.lines.includes(
      `authorization: Basic ${Buffer.from('u:p').toString('base64')}`,
    ),
  );
  await open(made).load();
  assert.equal(made.provider.seen.length, 2);
  assert.ok(!source.name.includes('p@'));
  assert.ok(!JSON.stringify(made.host.sources().map((each) => each.facts())).includes('"p"'));
});

test('with a period, keys are loaded again without being asked for', async (t) => {
  const made = await rig(t, serve(old));
  const alive = setInterval(() => {}, 1000);
  t.after(() => clearInterval(alive));
  const source = open(made, { refreshSeconds: 0.02 });
  await source.load();
  await new Promise<void>((resolve) => {
    made.answer = (res) => {
      res.end(setOf(young));
      if (made.provider.seen.length >= 4) resolve();
    };
  });
  assert.equal(await verifies(source.current(), young), 'keys');
  source.close();
});

test('keys that cannot be used are left out and named', async (t) => {
  const made = await rig(
    t,
    (res) => void res.end(JSON.stringify({ keys: [{ kty: 'x' }, testKey('ES256').publicJwk] })),
  );
  assert.equal((await open(made).load())?.keys.length, 1);
  assert.deepEqual(made.host.sources()[0]?.facts().skipped, ['0: kty is not supported']);
});
