/** Health of targets in the built program, with one worker and with two: passive, active, by hand, over reloads. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { loadConfig, spawnGateway, type SpawnedGateway } from './support/spawn-gateway.ts';

interface FlappingOrigin {
  readonly port: number;
  /** What it answers with. */
  status: number;
  requests: number;
  start(): Promise<void>;
  /** Cuts its connections, those with a request under way as well. */
  stop(): Promise<void>;
}

/** An origin that can die and come back on its port; it thinks for a moment about every answer. */
async function startFlapping(t: TestContext): Promise<FlappingOrigin> {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;
  const origin = { status: 200, requests: 0 };
  async function start(): Promise<void> {
    server = createServer((_req, res) => {
      origin.requests++;
      setTimeout(() => res.writeHead(origin.status).end(String(port)), 10);
    });
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = portOf(server);
  }
  async function stop(): Promise<void> {
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    server = undefined;
    for (const socket of sockets) socket.destroy();
    await closed;
  }
  await start();
  t.after(stop);
  return Object.assign(origin, { port, start, stop });
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  return address.port;
}

const PASSIVE = {
  healthy: { successes: 1 },
  unhealthy: { http_failures: 2, tcp_failures: 1, timeouts: 1 },
};
const ACTIVE = {
  timeout: 1,
  healthy: { interval: 0.1, successes: 2 },
  unhealthy: { interval: 0.1, tcp_failures: 2, timeouts: 2, http_failures: 2 },
};

interface PoolOptions {
  readonly origins: readonly FlappingOrigin[];
  readonly healthchecks: object;
  readonly retries: number;
}

function document({ origins, healthchecks, retries }: PoolOptions): string {
  return JSON.stringify({
    _format_version: '3.0',
    upstreams: [
      {
        name: 'pool.up',
        healthchecks,
        targets: origins.map(({ port }) => ({ target: `127.0.0.1:${port}` })),
      },
    ],
    services: [{ name: 's', host: 'pool.up', retries, routes: [{ name: 'r', paths: ['/'] }] }],
  });
}

async function startGateway(
  t: TestContext,
  workers: number,
  pool: PoolOptions,
): Promise<SpawnedGateway> {
  return spawnGateway(t, {
    KONG_NGINX_WORKER_PROCESSES: String(workers),
    KONG_STATUS_LISTEN: '127.0.0.1:0',
    KONG_DECLARATIVE_CONFIG_STRING: document(pool),
  });
}

interface TargetHealth {
  readonly target: string;
  readonly health: string;
}

async function healthOf(url: string): Promise<ReadonlyMap<string, string>> {
  const answer = await fetch(`${url}/upstreams/pool.up/health`);
  assert.equal(answer.status, 200);
  const { data }: { data: readonly TargetHealth[] } = JSON.parse(await answer.text());
  return new Map(data.map(({ target, health }) => [target, health]));
}

/** Asks again and again until the target is in that state. */
async function untilHealth(
  gateway: SpawnedGateway,
  { port }: FlappingOrigin,
  wanted: string,
): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- it is asked until it is so
    const health = (await healthOf(gateway.adminUrl)).get(`127.0.0.1:${port}`);
    if (health === wanted) return;
    assert.ok(Date.now() < deadline, `still ${health}`);
  }
}

/** The bodies (ports) of that many requests, one after the other on connections of their own. */
async function ask(gateway: SpawnedGateway, count: number): Promise<readonly string[]> {
  const answers: string[] = [];
  for (let i = 0; i < count; i++) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
    const answer = await fetch(gateway.proxyUrl, { headers: { Connection: 'close' } });
    // oxlint-disable-next-line no-await-in-loop -- as above
    answers.push(await answer.text());
  }
  return answers;
}

/** Requests that may be under way at one moment. */
const IN_FLIGHT = 20;
const PAUSE_MS = 5;

interface Load {
  /** Resolves when that many more requests have been sent. */
  untilSent(count: number): Promise<void>;
  /** Resolves when the last answer is there. */
  stop(): Promise<{ readonly sent: number; readonly failed: number }>;
}

/** 200 requests a second, at most `IN_FLIGHT` of them under way. */
function startLoad(gateway: SpawnedGateway): Load {
  const pending = new Set<Promise<void>>();
  const waiting = new Map<number, () => void>();
  let sent = 0;
  let failed = 0;
  async function one(): Promise<void> {
    try {
      const answer = await fetch(gateway.proxyUrl);
      await answer.arrayBuffer();
      if (answer.status !== 200) failed++;
    } catch {
      failed++;
    }
  }
  const timer = setInterval(() => {
    if (pending.size >= IN_FLIGHT) return;
    sent++;
    waiting.get(sent)?.();
    const request = one().finally(() => pending.delete(request));
    pending.add(request);
  }, PAUSE_MS);
  return {
    untilSent: (count) => new Promise((resolve) => waiting.set(sent + count, resolve)),
    async stop() {
      clearInterval(timer);
      await Promise.all(pending);
      return { sent, failed };
    },
  };
}

for (const workers of [1, 2]) {
  const name = `${workers} worker${workers === 1 ? '' : 's'}`;

  test(`${name}: failures in answers take a target out, over reloads, until somebody puts it back`, async (t) => {
    const good = await startFlapping(t);
    const bad = await startFlapping(t);
    bad.status = 500;
    const pool = { origins: [good, bad], healthchecks: { passive: PASSIVE }, retries: 0 };
    const gateway = await startGateway(t, workers, pool);
    await ask(gateway, 10);
    await untilHealth(gateway, bad, 'UNHEALTHY');
    // Two workers count together: no more than the limit, and what was under way.
    assert.ok(bad.requests <= 2 + workers, `${bad.requests} requests`);
    assert.equal(
      (await healthOf(gateway.statusUrl)).get(`127.0.0.1:${bad.port}`),
      'UNHEALTHY',
      'the Status API says so, too',
    );

    const reloaded = document(pool).replace('"name":"r"', '"name":"r2"');
    assert.equal((await loadConfig(gateway.adminUrl, reloaded)).status, 201);
    const before = bad.requests;
    assert.deepEqual(new Set(await ask(gateway, 20)), new Set([String(good.port)]));
    assert.equal(bad.requests, before);

    bad.status = 200;
    const path = `${gateway.adminUrl}/upstreams/pool.up/targets/127.0.0.1:${bad.port}`;
    const marked = await fetch(`${path}/127.0.0.1:${bad.port}/healthy`, { method: 'PUT' });
    assert.equal(marked.status, 204);
    await untilHealth(gateway, bad, 'HEALTHY');
    assert.equal(new Set(await ask(gateway, 20)).size, 2);
    const unmarked = await fetch(`${path}/unhealthy`, { method: 'PUT' });
    assert.equal(unmarked.status, 204);
    assert.equal(new Set(await ask(gateway, 20)).size, 1);

    const others = document({ ...pool, origins: [good] });
    assert.equal((await loadConfig(gateway.adminUrl, others)).status, 201);
    assert.equal((await loadConfig(gateway.adminUrl, document(pool))).status, 201);
    await untilHealth(gateway, bad, 'HEALTHY');
  });

  for (const { retries, checks, failuresMax } of [
    { retries: 2, checks: { active: ACTIVE }, failuresMax: 0 },
    { retries: 0, checks: { active: ACTIVE, passive: PASSIVE }, failuresMax: IN_FLIGHT },
  ]) {
    test(`${name}: a target dies, flaps and comes back at 200 requests a second, ${retries} retries`, async (t) => {
      const origins = [await startFlapping(t), await startFlapping(t), await startFlapping(t)];
      const [flapping] = origins;
      assert.ok(flapping);
      const gateway = await startGateway(t, workers, { origins, healthchecks: checks, retries });
      const load = startLoad(gateway);
      t.after(() => load.stop());
      for (let flap = 0; flap < 2; flap++) {
        // oxlint-disable-next-line no-await-in-loop -- dead, then alive, then again
        await flapping.stop();
        // oxlint-disable-next-line no-await-in-loop -- as above
        await untilHealth(gateway, flapping, 'UNHEALTHY');
        const before = flapping.requests;
        // oxlint-disable-next-line no-await-in-loop -- as above
        await flapping.start();
        // oxlint-disable-next-line no-await-in-loop -- as above
        await untilHealth(gateway, flapping, 'HEALTHY');
        // Its share comes back: more than the probes' that brought it back.
        // oxlint-disable-next-line no-await-in-loop -- as above
        await load.untilSent(100);
        assert.ok(flapping.requests - before > 20, `${flapping.requests - before} requests`);
      }
      const { sent, failed } = await load.stop();
      t.diagnostic(`${failed} of ${sent} failed`);
      // Two deaths.
      assert.ok(failed <= 2 * failuresMax, `${failed} of ${sent} requests failed`);
    });
  }
}
