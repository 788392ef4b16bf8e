/** The command line and the Admin API: tokens made and used, a gateway that refuses to stand open, slow bodies. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openRaw } from './support/raw-client.ts';
import { runCli } from './support/run-cli.ts';
import { spawnCli, spawnGateway } from './support/spawn-gateway.ts';
import { until } from './support/until.ts';

const KONG_YAML = '_format_version: "3.0"\nservices:\n- name: pay\n  url: http://127.0.0.1:9\n';

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-admin-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function newToken(file: string, name: string, scope: string): string {
  const args = ['admin', 'token', 'new', '--name', name, '--scope', scope, '--file', file];
  const { code, stdout, stderr } = runCli(args);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^sba_[\w-]{43}\n$/);
  assert.ok(!stderr.includes(stdout.trim()));
  return stdout.trim();
}

test('a token is made, opens the API for curl and commands, and is gone with its line', async (t) => {
  const folder = folderFor(t);
  const file = join(folder, 'admin-tokens');
  const config = join(folder, 'kong.yaml');
  writeFileSync(config, KONG_YAML);
  const write = newToken(file, 'ci', 'write');
  const read = newToken(file, 'grafana', 'read');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const kept = readFileSync(file, 'utf8');
  assert.ok(!kept.includes(write) && !kept.includes(read));
  const gateway = await spawnGateway(t, { KONG_ADMIN_TOKENS: file }, ['-c', config]);
  const { adminUrl } = gateway;

  const statusOf = async (token: string, method = 'GET'): Promise<number> => {
    const path = method === 'GET' ? '/services' : '/cache';
    const headers = { 'Kong-Admin-Token': token };
    return (await fetch(`${adminUrl}${path}`, { method, headers })).status;
  };
  assert.deepEqual([await statusOf(write, 'DELETE'), await statusOf(read, 'DELETE')], [204, 403]);
  assert.equal((await fetch(`${adminUrl}/services`)).status, 401);

  const ask = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    runCli([...args, '--admin', adminUrl], { env: { KONG_PREFIX: folder, ...env } });
  assert.equal(ask(['keys', 'list'], { SILVERBACK_ADMIN_TOKEN: read }).code, 0);
  assert.equal(ask(['keys', 'list', '--admin-token', read]).code, 0);
  const refused = ask(['keys', 'list'], { SILVERBACK_ADMIN_TOKEN: 'wrong' });
  assert.deepEqual([refused.code, refused.stdout], [1, '']);
  assert.match(refused.stderr, /answered 401: the token is not known here/);
  assert.match(ask(['keys', 'generate', '--admin-token', read]).stderr, /403: .*scope read/);
  const diff = runCli(['diff', config, '--against', adminUrl], {
    env: { SILVERBACK_ADMIN_TOKEN: read },
  });
  assert.deepEqual([diff.code, diff.stdout], [0, ''], diff.stderr);

  writeFileSync(file, kept.replace(/^ci .*\n/m, ''));
  assert.deepEqual([await statusOf(write), await statusOf(read)], [401, 200]);
  for (const token of [write, read]) assert.ok(!gateway.output().includes(token));
});

test('without a file the line is shown, and may end; names are checked', (t) => {
  const made = runCli(['admin', 'token', 'new', '--name', 'ann@corp', '--expires-in', '90d']);
  assert.equal(made.code, 0);
  const line = /^ann@corp read sha256:[\da-f]{64} until:\S+Z$/m.exec(made.stderr)?.[0] ?? '';
  const file = join(folderFor(t), 'tokens');
  writeFileSync(file, `${line}\nbroken\n`);
  const list = runCli(['admin', 'token', 'list', '--file', file]);
  assert.equal(list.code, 1);
  assert.match(list.stdout, /^ann@corp {2}read {2}until \d{4}-/);
  assert.match(list.stderr, /line 2 must be/);
  const names = [['--name', 'a b'], ['--name', ''], ['--name', 'a', '--expires-in', 'soon'], []];
  for (const wrong of names) assert.equal(runCli(['admin', 'token', 'new', ...wrong]).code, 2);
  assert.equal(runCli(['admin', 'token', 'list']).code, 2);
});

test('a gateway that would stand open does not start, unless that is meant', async (t) => {
  const open = { KONG_ADMIN_LISTEN: '0.0.0.0:0' };
  const refused = spawnCli(t, ['start'], open);
  assert.equal(await refused.exited, 1);
  assert.match(refused.output(), /admin_listen is reachable from other machines/);
  const meant = await spawnGateway(t, { ...open, KONG_ADMIN_UNGUARDED: 'on' });
  await until(() => /THE ADMIN API IS OPEN.*admin_unguarded/.test(meant.output()));
});

test('a body that does not come ends its connection with 408', async (t) => {
  const { adminUrl } = await spawnGateway(t, { KONG_NGINX_HTTP_CLIENT_BODY_TIMEOUT: '200ms' });
  const client = await openRaw(t, Number(new URL(adminUrl).port));
  const head = 'POST /config HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/yaml\r\n';
  client.write(`${head}Content-Length: 100\r\n\r\n_format_`);
  const answer = await client.answer();
  assert.equal(answer.status, 408);
  assert.ok(answer.lines.includes('Connection: close'));
  await client.closed();
});

test('who is refused gets no body read', async (t) => {
  const { adminUrl } = await spawnGateway(t, { KONG_ADMIN_TOKEN: 'secret' });
  const client = await openRaw(t, Number(new URL(adminUrl).port));
  client.write('POST /config HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n');
  const answer = await client.answer();
  assert.equal(answer.status, 401);
  assert.ok(answer.lines.includes('Connection: close'));
  await client.closed();
});
