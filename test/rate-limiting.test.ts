/** Rate limits that hold exactly: over the workers of a node, over nodes on one Redis, and while Redis is away. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Agent, request } from 'undici';
import { startOrigin } from './support/origin.ts';
import { hasProgram } from './support/programs.ts';
import { startRedis, type RedisServer } from './support/redis.ts';
import { spawnGateway, type SpawnedGateway } from './support/spawn-gateway.ts';

const LIMIT = 100;
const REQUESTS = 5000;
const CONNECTIONS = 20;
/** A month lasts longer than any test; only a run over midnight of its first day could see two. */
const config = (origin: string, fields: string): string => `_format_version: "3.0"
services:
  - name: s
    url: ${origin}
    routes: [{ name: r, paths: [/] }]
    plugins:
      - name: rate-limiting
        config: { limit_by: service, ${fields} }
`;

interface Started {
  readonly gateways: readonly SpawnedGateway[];
  readonly asked: () => number;
}

async function start(
  t: TestContext,
  fields: string,
  { nodes, workers }: { readonly nodes: number; readonly workers: number },
): Promise<Started> {
  const origin = await startOrigin(t);
  const gateways = await Promise.all(
    Array.from({ length: nodes }, () =>
      spawnGateway(t, {
        KONG_NGINX_WORKER_PROCESSES: String(workers),
        KONG_DECLARATIVE_CONFIG_STRING: config(origin.url, fields),
      }),
    ),
  );
  return { gateways, asked: () => origin.seen.length };
}

/** Sends the requests over twenty connections, in turn to each gateway; gives how often each status came. */
async function flood(t: TestContext, gateways: readonly SpawnedGateway[], requests: number) {
  const agent = new Agent({ connections: CONNECTIONS / gateways.length });
  t.after(() => agent.close());
  const statuses = new Map<number, number>();
  let sent = 0;
  const client = async (): Promise<void> => {
    while (sent < requests) {
      const gateway = gateways[sent++ % gateways.length];
      // oxlint-disable-next-line no-await-in-loop -- one request at a time on each connection
      const { statusCode, body } = await request(`${gateway?.proxyUrl ?? ''}/`, {
        dispatcher: agent,
      });
      // oxlint-disable-next-line no-await-in-loop -- see above
      await body.dump();
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  return statuses;
}

const EXACTLY = new Map([
  [200, LIMIT],
  [429, REQUESTS - LIMIT],
]);
const sorted = (statuses: ReadonlyMap<number, number>) =>
  new Map([...statuses].toSorted(([a], [b]) => a - b));

test('two workers let exactly the limit pass', async (t) => {
  const { gateways, asked } = await start(t, `month: ${LIMIT}`, { nodes: 1, workers: 2 });
  assert.deepEqual(sorted(await flood(t, gateways, REQUESTS)), EXACTLY);
  assert.equal(asked(), LIMIT);
});

const redisFields = ({ port }: RedisServer, more = ''): string =>
  `month: ${LIMIT}, policy: redis, redis: { host: 127.0.0.1, port: ${port}, timeout: 1000 }${more}`;

test('two nodes on one Redis let exactly the limit pass', async (t) => {
  if (!hasProgram(t, 'redis-server')) return;
  const redis = await startRedis(t);
  const { gateways, asked } = await start(t, redisFields(redis), { nodes: 2, workers: 1 });
  assert.deepEqual(sorted(await flood(t, gateways, REQUESTS)), EXACTLY);
  assert.equal(asked(), LIMIT);
});

for (const [tolerant, status] of [
  [true, 200],
  [false, 500],
] as const) {
  test(`Redis stops: fault_tolerant ${tolerant} answers ${status} at once, and counts again afterwards`, async (t) => {
    if (!hasProgram(t, 'redis-server')) return;
    const redis = await startRedis(t);
    const more = `, fault_tolerant: ${tolerant}`;
    const { gateways } = await start(t, redisFields(redis, more), { nodes: 1, workers: 1 });
    const [gateway] = gateways;
    assert.ok(gateway);
    const counted = await fetch(gateway.proxyUrl);
    assert.equal(counted.headers.get('x-ratelimit-remaining-month'), `${LIMIT - 1}`);
    await redis.stop();
    const before = performance.now();
    const statuses = await flood(t, gateways, 200);
    assert.deepEqual(sorted(statuses), new Map([[status, 200]]));
    // 200 waits of a second each, ten at a time, would be ten seconds.
    assert.ok(
      performance.now() - before < 5000,
      'requests must not wait for a server that is away',
    );
    await redis.restart();
    const again = await untilCounted(gateway);
    assert.equal(again.status, 200);
  });
}

/** The gateway connects again by itself; nothing tells when it has. */
async function untilCounted({ proxyUrl }: SpawnedGateway): Promise<Response> {
  const signal = AbortSignal.timeout(10_000);
  for (;;) {
    signal.throwIfAborted();
    // oxlint-disable-next-line no-await-in-loop -- that is what polling is
    const answer = await fetch(proxyUrl);
    if (answer.headers.has('x-ratelimit-remaining-month')) return answer;
  }
}

test('with sync_rate, nodes learn of each other', async (t) => {
  if (!hasProgram(t, 'redis-server')) return;
  const redis = await startRedis(t);
  const fields = redisFields(redis, ', sync_rate: 0.05');
  const { gateways } = await start(t, fields, { nodes: 2, workers: 1 });
  const [first, second] = gateways;
  assert.ok(first && second);
  await flood(t, [first], LIMIT);
  const signal = AbortSignal.timeout(10_000);
  let status = 200;
  while (status === 200) {
    signal.throwIfAborted();
    // oxlint-disable-next-line no-await-in-loop -- the other node learns of it within the rate
    ({ status } = await fetch(second.proxyUrl));
  }
  assert.equal(status, 429);
});
