/** Keysets rotate under load, and no upstream fails to verify a token: on one node, and on two that share a Redis. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { hasProgram } from './support/programs.ts';
import { startRedis } from './support/redis.ts';
import {
  rotatingConfig,
  sendSteadily,
  startVerifyingUpstream,
  type Node,
  type VerifyingUpstream,
} from './support/rotation.ts';
import { loadConfig, spawnGateway, type SpawnedGateway } from './support/spawn-gateway.ts';

/** `ROTATION=full node --import tsx test/run.ts rotation` takes four minutes and more load. */
const [ROTATE_SECONDS, SECONDS, PER_SECOND, KIDS_MIN] =
  process.env['ROTATION'] === 'full' ? [5, 120, 500, 8] : [2, 10, 100, 2];

interface Started extends Node {
  readonly gateway: SpawnedGateway;
}

async function startNode(
  t: TestContext,
  upstream: VerifyingUpstream,
  env: Readonly<Record<string, string>>,
): Promise<Started> {
  const gateway = await spawnGateway(t, { KONG_NGINX_WORKER_PROCESSES: '1', ...env });
  const loaded = await loadConfig(gateway.adminUrl, rotatingConfig(upstream.url, ROTATE_SECONDS));
  assert.equal(loaded.status, 201, await loaded.text());
  const { proxyUrl } = gateway;
  return { gateway, proxyUrl, jwksUrl: `${proxyUrl}/jwks`, isAlive: true };
}

async function upstreamFor(t: TestContext, nodes: readonly Node[]): Promise<VerifyingUpstream> {
  const upstream = await startVerifyingUpstream(() => nodes);
  t.after(() => upstream.close());
  return upstream;
}

function assertAllVerified(
  upstream: VerifyingUpstream,
  { answers, failures }: { readonly answers: number; readonly failures: ReadonlySet<string> },
): void {
  assert.deepEqual([...failures], []);
  assert.deepEqual([...upstream.failures], []);
  assert.equal(upstream.verified(), answers);
  assert.ok(answers > SECONDS * PER_SECOND * 0.5, `${answers} answers`);
  assert.ok(upstream.kids.size >= KIDS_MIN, `${upstream.kids.size} keys signed`);
}

const report = (t: TestContext, upstream: VerifyingUpstream): void =>
  t.diagnostic(`${upstream.verified()} tokens verified, ${upstream.kids.size} keys signed`);

test('a keyset that rotates under load', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-keys-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const nodes: Node[] = [];
  const upstream = await upstreamFor(t, nodes);
  nodes.push(await startNode(t, upstream, { SILVERBACK_DATA_DIR: folder }));
  const result = await sendSteadily({
    nodes,
    seconds: SECONDS,
    perSecond: PER_SECOND,
    isEnough: () => upstream.kids.size >= KIDS_MIN,
  });
  report(t, upstream);
  assertAllVerified(upstream, result);
});

test('two nodes on one Redis rotate as one, and one of them dies', async (t) => {
  if (!hasProgram(t, 'redis-server')) return;
  const redis = await startRedis(t);
  const env = { SILVERBACK_DATA_REDIS: `redis://127.0.0.1:${redis.port}` };
  const nodes: Started[] = [];
  const upstream = await upstreamFor(t, nodes);
  nodes.push(await startNode(t, upstream, env), await startNode(t, upstream, env));
  const result = await sendSteadily({
    nodes,
    seconds: SECONDS,
    perSecond: PER_SECOND,
    isEnough: () => upstream.kids.size >= KIDS_MIN,
    atHalf() {
      const [victim] = nodes;
      assert.ok(victim);
      victim.isAlive = false;
      victim.gateway.child.kill('SIGKILL');
    },
  });
  report(t, upstream);
  const { answers, failures } = result;
  assert.deepEqual([...failures], []);
  assert.deepEqual([...upstream.failures], []);
  // What the node that died had sent on was verified too, and no client heard of it.
  assert.ok(upstream.verified() >= answers);
  assert.ok(upstream.kids.size >= KIDS_MIN, `${upstream.kids.size} keys signed`);
});
