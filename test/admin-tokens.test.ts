/** Admin tokens over real sockets: names and scopes, a file that changes, wrong ones and too many of them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { SILENT } from '../src/log.ts';
import { openTokens } from '../src/node/admin-tokens.ts';
import { makeToken, tokenLine } from '../src/settings/admin-tokens.ts';
import { ADMIN_SETTINGS, adminClient, type AdminAnswer, type Ask } from './support/admin.ts';
import { buildConfig } from './support/config.ts';

const READ = makeToken();
const WRITE = makeToken();
const ENDED = makeToken();
const line = (token: string, name: string, scope: 'read' | 'write', untilMs?: number): string =>
  tokenLine(token, { name, scope, untilMs });

const FILE = [
  '# tokens of the Admin API',
  line(READ, 'grafana', 'read'),
  `${line(WRITE, 'ci', 'write')} # the pipeline`,
  line(ENDED, 'intern', 'write', Date.now() - 1000),
  '',
].join('\n');

interface Guarded {
  readonly ask: Ask;
  readonly file: string;
}

async function start(t: TestContext, text = FILE, adminToken?: string): Promise<Guarded> {
  const folder = mkdtempSync(join(tmpdir(), 'silverback-tokens-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'admin-tokens');
  writeFileSync(file, text, { mode: 0o600 });
  const namedTokens = await openTokens(file, SILENT);
  const settings = { ...ADMIN_SETTINGS, adminTokensFile: file, adminToken };
  const config = buildConfig({});
  return { file, ask: await adminClient(t, { settings, namedTokens, config: () => config }) };
}

const messageOf = ({ json }: AdminAnswer): unknown =>
  typeof json === 'object' && json !== null && 'message' in json ? json.message : undefined;

test('a token opens what its scope says, in either header', async (t) => {
  const { ask } = await start(t);
  const validate = { method: 'POST', path: '/schemas/services/validate' };
  const create = { method: 'POST', path: '/consumers' };
  const body = '{"host":"a.test"}';
  const json = { 'Content-Type': 'application/json' };
  const cases = [
    [{ path: '/services' }, READ, 200],
    [{ path: '/services', method: 'HEAD' }, READ, 200],
    [{ path: '/services', method: 'OPTIONS' }, READ, 204],
    [{ ...validate, body, headers: json }, READ, 200],
    [{ ...create, body: '{"username":"a"}', headers: json }, READ, 403],
    [{ path: '/cache', method: 'DELETE' }, READ, 403],
    [{ path: '/config', method: 'POST', body, headers: json }, READ, 403],
    [{ path: '/services' }, WRITE, 200],
    [{ path: '/cache', method: 'DELETE' }, WRITE, 204],
    [{ ...create, body: '{"username":"a"}', headers: json }, WRITE, 405],
  ] as const;
  for (const [question, token, status] of cases) {
    const given = 'headers' in question ? question.headers : {};
    for (const own of [{ 'Kong-Admin-Token': token }, { Authorization: `Bearer ${token}` }]) {
      const answer = await ask({ ...question, headers: { ...given, ...own } });
      assert.equal(answer.status, status, JSON.stringify(question));
      assert.doesNotMatch(answer.text, /sba_/);
    }
  }
});

test('a token that may only read is told so', async (t) => {
  const { ask } = await start(t);
  const answer = await ask({
    method: 'DELETE',
    path: '/cache',
    headers: { 'Kong-Admin-Token': READ },
  });
  assert.equal(messageOf(answer), 'the token grafana has the scope read; this request needs write');
  assert.equal(
    answer.headers['www-authenticate'],
    'Bearer realm="admin", error="insufficient_scope", scope="write"',
  );
});

test('what is no token of ours is 401 with a challenge, whatever the path', async (t) => {
  const { ask } = await start(t);
  const cases: readonly Readonly<Record<string, string>>[] = [
    {},
    { 'Kong-Admin-Token': '' },
    { 'Kong-Admin-Token': makeToken() },
    { 'Kong-Admin-Token': ENDED },
    // The header of Kong decides: a right token in the other one changes nothing.
    { 'Kong-Admin-Token': 'wrong', Authorization: `Bearer ${READ}` },
    { Authorization: `Basic ${READ}` },
    { Authorization: READ },
  ];
  for (const headers of cases) {
    for (const path of ['/services', '/nothing/here', '/status']) {
      if (path !== '/services' && Object.keys(headers).length > 0) continue;
      const answer = await ask({ path, headers });
      assert.equal(answer.status, 401, JSON.stringify(headers));
      assert.equal(answer.headers['www-authenticate'], 'Bearer realm="admin"');
      assert.equal(typeof messageOf(answer), 'string');
    }
  }
});

test('the file counts as it is at each request', async (t) => {
  const { ask, file } = await start(t);
  const statusOf = async (token: string): Promise<number> =>
    (await ask({ path: '/services', headers: { 'Kong-Admin-Token': token } })).status;
  const later = makeToken();
  assert.deepEqual([await statusOf(READ), await statusOf(later)], [200, 401]);
  writeFileSync(file, line(later, 'new', 'read'));
  assert.deepEqual([await statusOf(READ), await statusOf(later)], [401, 200]);
  // A mistake takes its own line away and no other.
  writeFileSync(file, `grafana read sha256:xyz\n${line(later, 'new', 'read')}\n`);
  assert.deepEqual([await statusOf(READ), await statusOf(later)], [401, 200]);
  rmSync(file);
  assert.equal(await statusOf(later), 401);
  writeFileSync(file, FILE);
  assert.equal(await statusOf(READ), 200);
});

test('a file with mistakes, or none at all, keeps the gateway from starting', async (t) => {
  const bad = ['ci write', 'ci admin sha256:00', `ci read sha256:${'0'.repeat(64)} until:tomorrow`];
  for (const text of bad) await assert.rejects(start(t, text), /line 1 must be `NAME read\|write/);
  await assert.rejects(openTokens('/nonexistent/tokens', SILENT), /silverback admin token new/);
});

test('admin_token goes on beside the file', async (t) => {
  const { ask } = await start(t, FILE, 'the one in the settings');
  const headers = { 'Kong-Admin-Token': 'the one in the settings' };
  assert.equal((await ask({ method: 'DELETE', path: '/cache', headers })).status, 204);
});

test('ten wrong tokens close the door to guesses, and to no holder of a made one', async (t) => {
  const { ask } = await start(t, FILE, 'guessable');
  const answerTo = (token: string, method = 'GET'): Promise<AdminAnswer> =>
    ask({ path: '/services', method, headers: token === '' ? {} : { 'Kong-Admin-Token': token } });
  // Who has none is no guesser, until it tries to write.
  for (let i = 0; i < 15; i++) assert.equal((await answerTo('')).status, 401);
  for (let i = 0; i < 9; i++) assert.equal((await answerTo('wrong')).status, 401);
  assert.equal((await answerTo('guessable')).status, 200);
  assert.equal((await answerTo('', 'DELETE')).status, 401);
  for (const token of ['wrong', '', 'guessable', makeToken()]) {
    const answer = await answerTo(token);
    assert.equal(answer.status, 429);
    const seconds = Number(answer.headers['retry-after']);
    assert.ok(seconds > 0 && seconds <= 60, String(seconds));
    assert.match(String(messageOf(answer)), /^too many wrong tokens from this address/);
  }
  assert.equal((await answerTo(READ)).status, 200);
});
