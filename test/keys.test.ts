/** Keysets of the built program: the same on every worker and after a restart, published on a route, changed from outside. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isObject } from '../src/http/json.ts';
import { spawnCli, spawnGateway, type SpawnedGateway } from './support/spawn-gateway.ts';

const CONFIG = `_format_version: "3.0"
routes:
  - name: jwks
    paths: [/jwks]
    plugins: [{ name: silverback-jwks, config: { max_age: 0 } }]
`;

function dataFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-data-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'data');
}

const start = (
  t: TestContext,
  folder: string,
  more: Record<string, string> = {},
): Promise<SpawnedGateway> =>
  spawnGateway(t, {
    KONG_DECLARATIVE_CONFIG_STRING: CONFIG,
    KONG_NGINX_WORKER_PROCESSES: '2',
    SILVERBACK_DATA_DIR: folder,
    ...more,
  });

/** The kids that the workers publish, each answer as one text; several connections reach all of them. */
async function published({ proxyUrl }: SpawnedGateway): Promise<ReadonlySet<string>> {
  const answers = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const answer = await fetch(`${proxyUrl}/jwks`, { headers: { Connection: 'close' } });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('content-type'), 'application/jwk-set+json');
      return kidsOf(await answer.json());
    }),
  );
  return new Set(answers);
}

function kidsOf(document: unknown): string {
  const jwks = isObject(document) && Array.isArray(document['keys']) ? document['keys'] : [];
  return jwks
    .map((key: unknown) => (isObject(key) ? String(key['kid']) : ''))
    .toSorted()
    .join();
}

/** All workers publish one set, which is not `before`. */
async function untilChanged(gateway: SpawnedGateway, before: string): Promise<string> {
  for (;;) {
    const all = await published(gateway);
    const [one = ''] = all;
    if (all.size === 1 && one !== before && one !== '') return one;
    await sleep(20);
  }
}

async function keys(
  t: TestContext,
  args: readonly string[],
  env: Record<string, string>,
): Promise<string> {
  const cli = spawnCli(t, ['keys', ...args], env);
  assert.equal(await cli.exited, 0, cli.output());
  return cli.output();
}

test('every worker publishes the same keys; rotations reach them; a restart keeps them', async (t) => {
  const folder = dataFolder(t);
  const env = { SILVERBACK_DATA_DIR: folder };
  const gateway = await start(t, folder);
  const first = await untilChanged(gateway, '');
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  const offline = await keys(t, ['rotate', 'kong'], env);
  assert.match(offline, /RS256 +[\w-]{43}/);
  const second = await untilChanged(gateway, first);
  await keys(t, ['rotate', 'kong', '--admin', gateway.adminUrl], env);
  const third = await untilChanged(gateway, second);
  assert.match(await keys(t, ['list'], env), /^kong/);
  const listed = await keys(t, ['list', '--admin', gateway.adminUrl], env);
  assert.match(listed, /^kong/);
  gateway.child.kill('SIGKILL');
  await gateway.exited;
  assert.deepEqual(await published(await start(t, folder)), new Set([third]));
});

test('keys can be made before the first start, encrypted, and are unreadable without the secret', async (t) => {
  const folder = dataFolder(t);
  const secret = { SILVERBACK_DATA_DIR: folder, SILVERBACK_DATA_KEY: 'ab'.repeat(32) };
  const made = await keys(t, ['generate', 'kong'], secret);
  assert.equal(await keys(t, ['generate', 'kong'], secret), made, 'never replaced');
  const cli = spawnCli(t, ['keys', 'list'], { SILVERBACK_DATA_DIR: folder });
  assert.equal(await cli.exited, 1);
  assert.match(cli.output(), /SILVERBACK_DATA_KEY/);
  const gateway = await start(t, folder);
  const answer = await fetch(`${gateway.proxyUrl}/jwks`);
  assert.equal(answer.status, 503);
  const status: unknown = await (await fetch(`${gateway.adminUrl}/jwt-signer/status`)).json();
  assert.match(JSON.stringify(status), /"state":"none","problem":"keyset kong is encrypted/);
});

test('the command line says what is wrong', async (t) => {
  const env = { SILVERBACK_DATA_DIR: dataFolder(t) };
  const cases = [
    [['rotate', 'nothing'], /there is no keyset nothing/],
    [['list', '--admin', 'http://127.0.0.1:1'], /nothing answers at/],
  ] as const;
  for (const [args, message] of cases) {
    const cli = spawnCli(t, ['keys', ...args], env);
    assert.equal(await cli.exited, 1);
    assert.match(cli.output(), message);
  }
});
