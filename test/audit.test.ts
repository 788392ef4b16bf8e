/** The audit log of a running gateway: who tried to change what, wrong tokens, rotation. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { makeToken, tokenLine } from '../src/settings/admin-tokens.ts';
import { loadConfig, spawnCli, spawnGateway } from './support/spawn-gateway.ts';
import { until } from './support/until.ts';

const READ = makeToken();
const WRITE = makeToken();

interface Audited {
  readonly adminUrl: string;
  readonly log: string;
  readonly kill: (signal: NodeJS.Signals) => void;
}

const line = (token: string, name: string, scope: 'read' | 'write'): string =>
  tokenLine(token, { name, scope, untilMs: undefined });

async function start(t: TestContext, folder: string): Promise<Audited> {
  const tokens = join(folder, 'tokens');
  writeFileSync(tokens, `${line(READ, 'grafana', 'read')}\n${line(WRITE, 'ci', 'write')}\n`);
  const { adminUrl, child } = await spawnGateway(t, {
    KONG_PREFIX: folder,
    KONG_ADMIN_TOKENS: tokens,
  });
  const log = join(folder, 'logs/admin_audit.log');
  return { adminUrl, log, kill: (signal) => void child.kill(signal) };
}

/** The lines without what changes from run to run. */
function linesOf(log: string): readonly unknown[] {
  return readFileSync(log, 'utf8')
    .trimEnd()
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => {
      const { time, address, certificate, ...rest } = JSON.parse(text);
      assert.ok(Number.isFinite(Date.parse(time)));
      assert.deepEqual([address, certificate], ['127.0.0.1', null]);
      return rest;
    });
}

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-audit-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('writes, what may not write, and wrong tokens leave a line; reads leave none', async (t) => {
  const { adminUrl, log } = await start(t, folderFor(t));
  const send = async (path: string, method: string, token?: string): Promise<number> => {
    const headers = token === undefined ? {} : { 'Kong-Admin-Token': token };
    return (await fetch(`${adminUrl}${path}`, { method, headers })).status;
  };
  assert.equal(await send('/services', 'GET', READ), 200);
  assert.equal(await send('/services', 'GET'), 401);
  assert.equal(await send('/cache', 'OPTIONS', READ), 204);
  assert.equal(await send('/schemas/services/validate', 'POST', READ), 400);
  assert.deepEqual(linesOf(log), []);
  assert.equal(await send('/cache?token=S3CRET', 'DELETE', WRITE), 204);
  assert.equal(await send('/consumers/ann/key-auth/S3CRET', 'DELETE', WRITE), 404);
  assert.equal(await send('/cache', 'DELETE', READ), 403);
  assert.equal(await send('/cache', 'DELETE'), 401);
  assert.equal(await send('/services', 'GET', 'S3CRET'), 401);
  const statuses: number[] = [];
  for (let i = 0; i < 12; i++) statuses.push(await send('/config', 'POST', 'S3CRET'));
  assert.equal(statuses.filter((status) => status === 401).length, 8);
  const wrong = { event: 'refused', token: null, method: 'POST', path: '/config', status: 401 };
  assert.deepEqual(linesOf(log), [
    { event: 'request', token: 'ci', method: 'DELETE', path: '/cache', status: 204 },
    {
      event: 'request',
      token: 'ci',
      method: 'DELETE',
      path: '/consumers/ann/key-auth/***',
      status: 404,
    },
    {
      event: 'refused',
      token: 'grafana',
      method: 'DELETE',
      path: '/cache',
      status: 403,
      reason: 'scope',
    },
    { ...wrong, method: 'DELETE', path: '/cache', reason: 'missing' },
    { ...wrong, method: 'GET', path: '/services', reason: 'wrong' },
    ...Array.from({ length: 7 }, () => ({ ...wrong, reason: 'wrong' })),
    { ...wrong, reason: 'closed' },
  ]);
  const text = readFileSync(log, 'utf8');
  for (const secret of ['S3CRET', READ, WRITE]) assert.ok(!text.includes(secret));
  assert.equal(statSync(log).mode & 0o777, 0o600);
});

test('a config that was posted is told before its answer; rotation opens a new file', async (t) => {
  const folder = folderFor(t);
  const { adminUrl, log, kill } = await start(t, folder);
  const headers = { 'Kong-Admin-Token': WRITE, 'Content-Type': 'application/json' };
  const post = async (): Promise<void> => {
    const body = JSON.stringify({ _format_version: '3.0', services: [{ host: 'a.test' }] });
    const answer = await fetch(`${adminUrl}/config`, { method: 'POST', headers, body });
    assert.equal(answer.status, 201);
  };
  const told = { event: 'request', token: 'ci', method: 'POST', path: '/config', status: 201 };
  await post();
  assert.deepEqual(linesOf(log), [told]);
  const old = join(folder, 'logs/old.log');
  renameSync(log, old);
  kill('SIGUSR1');
  await until(() => statSync(log, { throwIfNoEntry: false }) !== undefined);
  await post();
  assert.deepEqual([linesOf(old), linesOf(log)], [[told], [told]]);
});

test('it goes to standard output or nowhere where that is said; what cannot be opened is no start', async (t) => {
  const gateway = await spawnGateway(t, { KONG_ADMIN_AUDIT_LOG: '/dev/stdout' });
  assert.equal((await loadConfig(gateway.adminUrl, '_format_version: "3.0"')).status, 201);
  await until(() => /^\{"time":.*"path":"\/config","status":201\}$/m.test(gateway.output()));
  const refused = spawnCli(t, ['start'], { KONG_ADMIN_AUDIT_LOG: '/dev/null/audit.log' });
  assert.equal(await refused.exited, 1);
  assert.match(refused.output(), /admin_audit_log = \/dev\/null\/audit\.log: .*name another file/);
});
