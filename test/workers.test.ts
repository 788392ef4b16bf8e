/** Two workers as one gateway: configs, signals, secrets in logs, and what outlives a process. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { rawExchange } from './support/raw-client.ts';
import { loadConfig, spawnGateway, type SpawnedGateway } from './support/spawn-gateway.ts';

const WORKERS = { KONG_NGINX_WORKER_PROCESSES: '2' };
const LOADS = 10;
const CONNECTIONS = 50;

const answering = (message: string): string => `_format_version: "3.0"
routes:
  - name: r
    paths: [/]
    plugins: [{ name: request-termination, config: { status_code: 200, message: ${message} } }]
`;

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'silverback-workers-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** The answers on new connections, opened all at once. */
async function ask(
  t: TestContext,
  { proxyPort }: SpawnedGateway,
  target = '/',
): Promise<ReadonlySet<string>> {
  const head = `GET ${target} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n`;
  const answers = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => rawExchange(t, proxyPort, head)),
  );
  return new Set(answers.map(({ body }) => body));
}

/** Polls a condition that has no event. */
async function until(isTrue: () => boolean): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  while (!isTrue()) {
    signal.throwIfAborted();
    // oxlint-disable-next-line no-await-in-loop -- that is what polling is
    await sleep(20);
  }
}

test('after a 201 every new connection sees the new config', async (t) => {
  const gateway = await spawnGateway(t, WORKERS);
  for (let load = 1; load <= LOADS; load++) {
    // oxlint-disable-next-line no-await-in-loop -- each load is looked at before the next
    assert.equal((await loadConfig(gateway.adminUrl, answering(`v${load}`))).status, 201);
    // oxlint-disable-next-line no-await-in-loop -- see above
    assert.deepEqual(await ask(t, gateway), new Set([`{"message":"v${load}"}`]));
  }
});

test('SIGHUP reads the file again, SIGUSR1 opens the logs again', async (t) => {
  const path = folder(t);
  const file = join(path, 'kong.yaml');
  const log = join(path, 'access.log');
  writeFileSync(file, answering('one'));
  const gateway = await spawnGateway(
    t,
    { ...WORKERS, KONG_DECLARATIVE_CONFIG: file, KONG_PROXY_ACCESS_LOG: log },
    ['--no-watch'],
  );
  assert.deepEqual(await ask(t, gateway), new Set(['{"message":"one"}']));

  writeFileSync(file, answering('two'));
  gateway.child.kill('SIGHUP');
  await until(() => gateway.output().includes('"changed":{"plugins"'));
  assert.deepEqual(await ask(t, gateway), new Set(['{"message":"two"}']));

  renameSync(log, `${log}.1`);
  gateway.child.kill('SIGUSR1');
  // Both workers have written to the new file when it has the lines of all connections.
  await until(() => existing(log) !== undefined);
  await sleep(200);
  await ask(t, gateway, '/rotated?jwt=eyJhbGciOiJIUzI1NiJ9.e30.c2VjcmV0');
  await until(() => (existing(log)?.match(/rotated/g) ?? []).length === CONNECTIONS);
  assert.doesNotMatch(existing(`${log}.1`) ?? '', /rotated/);
  assert.doesNotMatch(existing(log) ?? '', /c2VjcmV0/);
});

function existing(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

test('a start without a document serves what ran last in its prefix', async (t) => {
  const prefix = folder(t);
  const file = join(prefix, 'kong.yaml');
  writeFileSync(file, answering('kept'));
  const first = await spawnGateway(t, { KONG_PREFIX: prefix, KONG_DECLARATIVE_CONFIG: file });
  first.child.kill('SIGTERM');
  assert.equal(await first.exited, 0);
  const second = await spawnGateway(t, { ...WORKERS, KONG_PREFIX: prefix });
  assert.deepEqual(await ask(t, second), new Set(['{"message":"kept"}']));
});

for (const tickets of ['on', 'off']) {
  test(`a listener with ssl has a generated certificate; session tickets are ${tickets}`, async (t) => {
    const gateway = await spawnGateway(t, {
      ...WORKERS,
      KONG_PROXY_LISTEN: '127.0.0.1:0 ssl http2',
      KONG_SSL_SESSION_TICKETS: tickets,
    });
    const { proxyPort: port } = gateway;
    // With TLS 1.2 the ticket is part of the handshake.
    const maxVersion = 'TLSv1.2';
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion });
    t.after(() => socket.destroy());
    await once(socket, 'secureConnect');
    assert.equal(socket.getPeerCertificate().subject.CN, 'localhost');
    assert.equal(socket.getTLSTicket() === undefined, tickets === 'off');
  });
}
