/** The command line as built: its commands, its signals, its workers and its exit codes. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { KONG_VERSION, SILVERBACK_VERSION } from '../src/version.ts';
import { deferred } from './support/deferred.ts';
import { EXAMPLES, EXAMPLE_NAMES } from './support/examples.ts';
import { startOrigin } from './support/origin.ts';
import { openRaw, rawExchange } from './support/raw-client.ts';
import { spawnCli, spawnGateway, type SpawnedGateway } from './support/spawn-gateway.ts';

const root = join(import.meta.dirname, '..');

function writeYaml(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-cli-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'kong.yaml');
  writeFileSync(file, text);
  return file;
}

const config = (url: string) => `_format_version: "3.0"
services: [{ name: s, url: "${url}", routes: [{ name: r, paths: [/] }] }]
`;

test('version says what it is and what it follows', async (t) => {
  const cli = spawnCli(t, ['version']);
  assert.equal(await cli.exited, 0);
  assert.ok(cli.output().includes(SILVERBACK_VERSION), cli.output());
  assert.ok(cli.output().includes(KONG_VERSION), cli.output());
});

test('help names every command', async (t) => {
  const cli = spawnCli(t, ['--help']);
  assert.equal(await cli.exited, 0);
  for (const command of ['start', 'validate', 'demo', 'version']) {
    assert.match(cli.output(), new RegExp(`\\b${command}\\b`));
  }
});

for (const command of ['start', 'validate', 'demo', 'reload', 'quit', 'health', 'check']) {
  test(`help of ${command} has an example`, async (t) => {
    const cli = spawnCli(t, [command, '--help']);
    assert.equal(await cli.exited, 0);
    assert.match(cli.output(), new RegExp(`Examples?:\\n  silverback .*${command}`));
  });
}

test('a prefix that is a file is named with the way out', async (t) => {
  const cli = spawnCli(t, ['start'], { KONG_PREFIX: writeYaml(t, '') });
  assert.equal(await cli.exited, 1);
  assert.match(cli.output(), /kong\.yaml.*choose another one \(--prefix\)/);
});

test('an unknown command is a usage error', async (t) => {
  const cli = spawnCli(t, ['strat']);
  assert.notEqual(await cli.exited, 0);
  assert.match(cli.output(), /start/);
});

test('the hint after a usage error names every command of the help', async (t) => {
  const [help, failed] = [spawnCli(t, ['--help']), spawnCli(t, ['--nonsense'])];
  await Promise.all([help.exited, failed.exited]);
  const [, listed = ''] = /commands: ([a-z, ]+)\./.exec(failed.output()) ?? [];
  const named = [...help.output().matchAll(/^ {2}([a-z]+)[ |]/gm)].flatMap(
    ([, name]) => name ?? [],
  );
  const wanted = named.filter((name) => name !== 'silverback' && name !== 'help');
  assert.ok(wanted.length > 10, help.output());
  assert.deepEqual(listed.split(', ').toSorted(), wanted.toSorted());
});

for (const name of EXAMPLE_NAMES) {
  test(`validate accepts the example ${name}`, async (t) => {
    const cli = spawnCli(t, ['validate', join(EXAMPLES, name, 'kong.yaml')]);
    assert.equal(await cli.exited, 0, cli.output());
  });
}

test('validate accepts the packaged kong.yaml', async (t) => {
  const cli = spawnCli(t, ['validate', join(root, 'kong.yaml')]);
  assert.equal(await cli.exited, 0, cli.output());
});

test('validate shows every problem with its place', async (t) => {
  const file = writeYaml(
    t,
    `_format_version: "3.0"
services:
  - name: s
    host: a.test
    port: eighty
    routes:
      - name: r
        paths: [no-slash]
`,
  );
  const cli = spawnCli(t, ['validate', file]);
  assert.equal(await cli.exited, 1);
  assert.match(cli.output(), /error\[SB1103\].*port.*\n.*kong\.yaml:5:11\n/);
  assert.match(cli.output(), /error\[SB1117\].*paths.*\n.*kong\.yaml:8:17\n/);
});

test('a file that cannot be loaded ends the start with 1', async (t) => {
  const file = writeYaml(t, '_format_version: "3.0"\nservices: [{ nme: s }]\n');
  const cli = spawnCli(t, ['start'], {
    KONG_DECLARATIVE_CONFIG: file,
    KONG_PROXY_LISTEN: '127.0.0.1:0',
    KONG_ADMIN_LISTEN: 'off',
    KONG_STATUS_LISTEN: 'off',
  });
  assert.equal(await cli.exited, 1);
  assert.match(cli.output(), /nme/);
});

for (const workers of ['1', '2']) {
  test(`a port that is taken ends the start with 1 (${workers} workers)`, async (t) => {
    const holder = createServer().listen(0, '127.0.0.1');
    t.after(() => holder.close());
    await once(holder, 'listening');
    const address = holder.address();
    assert.ok(address !== null && typeof address === 'object');
    const cli = spawnCli(t, ['start'], {
      KONG_PROXY_LISTEN: `127.0.0.1:${address.port}`,
      KONG_ADMIN_LISTEN: 'off',
      KONG_STATUS_LISTEN: 'off',
      KONG_NGINX_WORKER_PROCESSES: workers,
    });
    assert.equal(await cli.exited, 1);
    assert.match(cli.output(), new RegExp(`${address.port}`));
  });

  test(`SIGTERM lets a request finish, then exits with 0 (${workers} workers)`, async (t) => {
    const requested = deferred<ServerResponse>();
    const origin = await startOrigin(t, (_req, res) => requested.resolve(res));
    const gateway = await spawnGateway(t, {
      KONG_DECLARATIVE_CONFIG: writeYaml(t, config(origin.url)),
      KONG_NGINX_WORKER_PROCESSES: workers,
    });
    const client = await openRaw(t, gateway.proxyPort);
    client.write('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
    const upstreamAnswer = await requested.promise;
    gateway.child.kill('SIGTERM');
    await refusesConnections(gateway.proxyUrl);
    upstreamAnswer.end('finished');
    const answer = await client.answer();
    assert.equal(answer.status, 200);
    assert.equal(answer.body, 'finished');
    assert.equal(await gateway.exited, 0);
  });
}

for (const workers of ['1', '2']) {
  test(`what the grace period cuts is in the access log (${workers} workers)`, async (t) => {
    const requested = deferred<ServerResponse>();
    const origin = await startOrigin(t, (_req, res) => requested.resolve(res));
    const gateway = await spawnGateway(t, {
      KONG_DECLARATIVE_CONFIG: writeYaml(t, config(origin.url)),
      KONG_NGINX_WORKER_PROCESSES: workers,
      KONG_PROXY_ACCESS_LOG: '/dev/stdout',
      KONG_GRACE_PERIOD: '100ms',
    });
    const client = await openRaw(t, gateway.proxyPort);
    client.write('GET /endless HTTP/1.1\r\nHost: a.test\r\n\r\n');
    await requested.promise;
    gateway.child.kill('SIGTERM');
    assert.equal(await gateway.exited, 0);
    assert.match(gateway.output(), /"GET \/endless HTTP\/1\.1" 499 0 /);
    assert.match(gateway.output(), /some requests were cut/);
  });
}

/** Polls until nothing listens any more; a port that is about to close has no event to wait for. */
async function refusesConnections(url: string): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  for (;;) {
    const outcome = await fetch(url, { signal: AbortSignal.timeout(200) }).catch(
      (error: unknown) => error,
    );
    if (outcome instanceof TypeError) return;
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The process ids of a process' children (Linux). */
function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).map(Number);
}

test('a worker that dies is replaced and serves the loaded config', async (t) => {
  const origin = await startOrigin(t);
  const gateway = await spawnGateway(t, {
    KONG_DECLARATIVE_CONFIG: writeYaml(t, config(origin.url)),
    KONG_NGINX_WORKER_PROCESSES: '2',
    KONG_STATUS_LISTEN: '127.0.0.1:0',
  });
  const pid = gateway.child.pid ?? 0;
  const before = childrenOf(pid);
  assert.equal(before.length, 2);
  for (const worker of before) {
    process.kill(worker, 'SIGKILL');
    await untilReplaced(gateway, worker);
    const answer = await rawExchange(t, gateway.proxyPort, 'GET / HTTP/1.0\r\n\r\n');
    assert.equal(answer.status, 200);
    await untilCounted(gateway, before.indexOf(worker) + 1);
  }
});

/** Polls: workers tell their counters twice a second. What dead ones counted stays. */
async function untilCounted(gateway: SpawnedGateway, requests: number): Promise<void> {
  const signal = AbortSignal.timeout(5000);
  for (;;) {
    const status = await fetch(`${gateway.adminUrl}/status`);
    if ((await status.text()).includes(`"total_requests":${requests}}`)) return;
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Polls: neither the process list nor readiness has events. One worker stays, so the port chosen for the test does too. */
async function untilReplaced(gateway: SpawnedGateway, worker: number): Promise<void> {
  const signal = AbortSignal.timeout(20_000);
  for (;;) {
    const now = childrenOf(gateway.child.pid ?? 0);
    if (now.length === 2 && !now.includes(worker)) {
      const { status } = await fetch(`${gateway.statusUrl}/status/ready`);
      if (status === 200) return;
    }
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
