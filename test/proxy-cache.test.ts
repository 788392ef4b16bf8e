/** Kept answers over workers, reloads, the Admin API, and nodes that share a Redis which comes and goes. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { startOrigin, type RecordingOrigin } from './support/origin.ts';
import { hasProgram } from './support/programs.ts';
import { startRedis, type RedisServer } from './support/redis.ts';
import { loadConfig, spawnGateway, type SpawnedGateway } from './support/spawn-gateway.ts';
import { until } from './support/until.ts';

const PLUGIN_ID = 'cccccccc-0000-4000-8000-000000000001';
const config = (
  origin: string,
  fields = 'strategy: memory',
  more = '',
): string => `_format_version: "3.0"
services:
  - name: s
    url: ${origin}
    routes: [{ name: r, id: cccccccc-0000-4000-8000-000000000002, paths: [/] }]
    plugins: [{ name: proxy-cache, id: ${PLUGIN_ID}, config: { ${fields} } }]
${more}`;

/** Answers with a number that grows; `/cut` does not come to its end, `/large` is one mebibyte. */
const startUpstream = (t: TestContext): Promise<RecordingOrigin> => {
  let asked = 0;
  return startOrigin(t, (req, res) => {
    asked += 1;
    res.setHeader('Content-Type', 'text/plain');
    if (req.url === '/large') return void res.end('x'.repeat(1024 * 1024));
    if (req.url !== '/cut') return void res.end(`answer ${asked}`);
    res.setHeader('Content-Length', '100');
    res.write('half', () => res.destroy());
  });
};

interface Seen {
  readonly cache: string | null;
  readonly key: string;
  readonly length: string | null;
  readonly body: string;
}

/** On a connection of its own, so that any worker may take it. */
async function get({ proxyUrl }: SpawnedGateway, path = '/'): Promise<Seen> {
  const answer = await fetch(proxyUrl + path, { headers: { connection: 'close' } });
  const { headers } = answer;
  return {
    cache: headers.get('x-cache-status'),
    key: headers.get('x-cache-key') ?? '',
    length: headers.get('content-length'),
    body: await answer.text(),
  };
}

const start = (t: TestContext, text: string, env: Readonly<Record<string, string>> = {}) =>
  spawnGateway(t, {
    KONG_NGINX_WORKER_PROCESSES: '1',
    KONG_DECLARATIVE_CONFIG_STRING: text,
    ...env,
  });

const admin = (gateway: SpawnedGateway, path: string, method = 'GET'): Promise<Response> =>
  fetch(`${gateway.adminUrl}/proxy-cache${path}`, { method });

for (const workers of [1, 2]) {
  test(`${workers} worker(s): one cache, one purge, and a reload keeps it`, async (t) => {
    const origin = await startUpstream(t);
    const gateway = await start(t, config(origin.url), {
      KONG_NGINX_WORKER_PROCESSES: String(workers),
    });
    const all = async (): Promise<string> => {
      // In turn, so that each worker has taken some of them.
      const seen: Seen[] = [];
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
      for (let i = 0; i < 12; i++) seen.push(await get(gateway));
      assert.equal(new Set(seen.map(({ body }) => body)).size, 1);
      return seen.map(({ cache }) => cache?.charAt(0)).join('');
    };
    const first = await get(gateway);
    assert.deepEqual(
      { cache: first.cache, length: first.length, body: first.body },
      { cache: 'Miss', length: '8', body: 'answer 1' },
    );
    assert.equal(await all(), 'H'.repeat(12));
    assert.equal((await admin(gateway, '', 'DELETE')).status, 204);
    assert.equal(await all(), `M${'H'.repeat(11)}`);
    const changed = config(origin.url, 'strategy: memory', 'consumers: [{ username: ada }]');
    assert.equal((await loadConfig(gateway.adminUrl, changed)).status, 201);
    assert.equal(await all(), 'H'.repeat(12));
    assert.equal((await admin(gateway, `/${first.key}`, 'DELETE')).status, 204);
    assert.equal(await all(), `M${'H'.repeat(11)}`);
    assert.equal(origin.seen.length, 3);
  });
}

test('the Admin API shows an answer and forgets it', async (t) => {
  const origin = await startUpstream(t);
  const gateway = await start(t, config(origin.url));
  const { key } = await get(gateway);
  const shown = await (await admin(gateway, `/${key}`)).text();
  assert.match(shown, /^\{"status":200,"headers":\{.*"Content-Type":"text\/plain".*\}/);
  assert.match(shown, /"body":"answer 1","body_len":8,"timestamp":\d{10},"ttl":300,"version":1\}$/);
  assert.equal((await admin(gateway, `/${PLUGIN_ID}/caches/${key}`)).status, 200);
  assert.equal((await admin(gateway, `/${key.replace('c', 'd')}/caches/${key}`)).status, 404);
  assert.equal((await admin(gateway, `/${PLUGIN_ID}/caches/${key}`, 'DELETE')).status, 204);
  assert.equal((await admin(gateway, `/${PLUGIN_ID}/caches/${key}`, 'DELETE')).status, 404);
  assert.equal((await admin(gateway, `/${key}`)).status, 404);
  assert.equal((await get(gateway)).cache, 'Miss');
});

test('what is cut off or too large is not kept, and mem_cache_size bounds what is', async (t) => {
  const origin = await startUpstream(t);
  const gateway = await start(t, config(origin.url), { KONG_MEM_CACHE_SIZE: '1m' });
  for (let i = 0; i < 2; i++) {
    // oxlint-disable-next-line no-await-in-loop -- the second finds what the first left
    await assert.rejects(get(gateway, '/cut'));
    // oxlint-disable-next-line no-await-in-loop -- see above
    assert.equal((await get(gateway, '/large')).body.length, 1024 * 1024);
  }
  assert.equal(origin.seen.length, 4);
});

const redisFields = ({ port }: RedisServer): string =>
  `strategy: redis, redis: { host: 127.0.0.1, port: ${port}, timeout: 1000 }`;

test('two nodes share Redis; while it is away requests pass by; afterwards it is used again', async (t) => {
  if (!hasProgram(t, 'redis-server')) return;
  const origin = await startUpstream(t);
  const redis = await startRedis(t);
  const text = config(origin.url, redisFields(redis));
  const [one, two] = await Promise.all([
    start(t, text, { KONG_NGINX_WORKER_PROCESSES: '2' }),
    start(t, text),
  ]);
  const first = await get(one);
  assert.equal(first.cache, 'Miss');
  // An answer goes to Redis beside the one to the client, who does not wait for it.
  await until(async () => (await admin(one, `/${first.key}`)).status === 200);
  assert.deepEqual(await get(two), { ...first, cache: 'Hit' });
  assert.equal((await admin(one, '', 'DELETE')).status, 204);
  assert.equal((await get(two)).cache, 'Miss');
  await redis.stop();
  const before = performance.now();
  for (let i = 0; i < 5; i++) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other: none of them may wait
    assert.equal((await get(two)).cache, 'Bypass');
  }
  assert.ok(performance.now() - before < 4000, 'requests must not wait for a server that is away');
  assert.equal((await admin(two, '', 'DELETE')).status, 500);
  await redis.restart();
  const signal = AbortSignal.timeout(10_000);
  let cache: string | null = 'Bypass';
  while (cache !== 'Hit') {
    signal.throwIfAborted();
    // oxlint-disable-next-line no-await-in-loop -- the gateway connects again by itself
    ({ cache } = await get(two));
  }
});
