/** Who gets an answer from the Admin API, and what the Status API tells and takes. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import { test } from 'node:test';
import { createAdminHandler } from '../src/admin/index.ts';
import { ADMIN_DEPS, ADMIN_SETTINGS, adminClient, OPEN_SETTINGS } from './support/admin.ts';
import { buildConfig } from './support/config.ts';

const JSON_BODY = { 'Content-Type': 'application/json' };
const config = buildConfig({});

interface GuardCase {
  readonly title: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;
}

const GUARDED: readonly GuardCase[] = [
  { title: 'localhost', headers: { Host: 'localhost:8001' }, status: 200 },
  { title: 'LOCALHOST', headers: { Host: 'LOCALHOST' }, status: 200 },
  { title: '127.0.0.1 with another port', headers: { Host: '127.0.0.1:18001' }, status: 200 },
  { title: 'IPv6 loopback', headers: { Host: '[::1]:8001' }, status: 200 },
  { title: 'a foreign host', headers: { Host: 'rebound.test:8001' }, status: 403 },
  { title: 'a host that begins alike', headers: { Host: 'localhost.evil.test' }, status: 403 },
  { title: 'an address that begins alike', headers: { Host: '127.0.0.1.evil.test' }, status: 403 },
  { title: 'own origin', headers: { Origin: 'http://localhost:3000' }, status: 200 },
  { title: 'a foreign origin', headers: { Origin: 'http://evil.test' }, status: 403 },
  {
    title: 'an origin with credentials',
    headers: { Origin: 'http://localhost@evil.test' },
    status: 403,
  },
  { title: 'an opaque origin', headers: { Origin: 'null' }, status: 403 },
];

for (const { title, headers, status } of GUARDED) {
  test(`a loopback listener: ${title}`, async (t) => {
    let reads = 0;
    const ask = await adminClient(t, {
      config: () => {
        reads += 1;
        return config;
      },
    });
    const answer = await ask({ path: '/services', headers });
    assert.equal(answer.status, status);
    assert.equal(reads, status === 200 ? 1 : 0);
  });
}

test('a listener on another address answers whatever its name, and pages of its own', async (t) => {
  const cases = [
    [{ Host: 'admin.test' }, 200],
    [{ Host: 'admin.test:8001', Origin: 'https://admin.test' }, 200],
    [{ Host: 'admin.test', Origin: 'http://manager.test' }, 403],
    [{ Host: 'admin.test', Origin: 'null' }, 403],
  ] as const;
  const open = await adminClient(t, { settings: OPEN_SETTINGS });
  for (const [headers, status] of cases) {
    assert.equal((await open({ path: '/services', headers })).status, status);
  }
});

test('a token is what no page knows: with one, a page may come from anywhere', async (t) => {
  const ask = await adminClient(t, { settings: { ...OPEN_SETTINGS, adminToken: 'right' } });
  const headers = {
    Host: 'admin.test',
    Origin: 'http://manager.test',
    'Kong-Admin-Token': 'right',
  };
  const answer = await ask({ path: '/services', headers });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['access-control-allow-origin'], 'http://manager.test');
});

test('admin_hosts are more names to be called by, and elsewhere the only ones', async (t) => {
  const adminHosts = ['admin.test'];
  const local = await adminClient(t, { settings: { ...ADMIN_SETTINGS, adminHosts } });
  const open = await adminClient(t, { settings: { ...OPEN_SETTINGS, adminHosts } });
  for (const ask of [local, open]) {
    const statusFor = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      (await ask({ path: '/services', headers })).status;
    assert.equal(await statusFor({ Host: 'Admin.test:8001' }), 200);
    assert.equal(await statusFor({ Host: 'admin.test', Origin: 'http://admin.test' }), 200);
    assert.equal(await statusFor({ Host: 'other.test' }), 403);
  }
});

test('readiness follows the node', async (t) => {
  const cases = [
    [{ kind: 'ready' }, 200, 'ready'],
    [{ kind: 'empty' }, 503, 'no configuration available (empty configuration present)'],
    [
      { kind: 'building', ready: 1, workers: 4 },
      503,
      'router builds not yet complete, router ready in 1 of 4 workers',
    ],
    [{ kind: 'draining' }, 503, 'draining'],
  ] as const;
  for (const [readiness, status, message] of cases) {
    const node = () => ({
      pids: { master: 1, workers: [] },
      connections: NONE,
      memory: [],
      readiness,
    });
    const ask = await adminClient(t, { node }, 'status');
    const answer = await ask('/status/ready');
    assert.deepEqual([answer.status, answer.json], [status, { message }]);
  }
});

const NONE = {
  accepted: 0,
  handled: 0,
  active: 0,
  reading: 0,
  writing: 0,
  waiting: 0,
  requests: 0,
};

test('the Status API drains on request and shows no entities', async (t) => {
  let drains = 0;
  const drain = (): void => {
    drains += 1;
  };
  const ask = await adminClient(t, { drain }, 'status');
  const post = (body: string) =>
    ask({ method: 'POST', path: '/status/ready', headers: JSON_BODY, body });
  for (const body of ['{}', '{"status":"ready"}', '[]', 'x']) {
    const refused = await post(body);
    assert.deepEqual([refused.status, refused.text], [400, ''], body);
  }
  assert.equal(drains, 0);
  assert.equal((await post('{"status":"draining"}')).status, 204);
  assert.equal(drains, 1);
  for (const path of ['/', '/services', '/config'])
    assert.equal((await ask(path)).status, 404, path);
});

test('a loopback listener looks at the authority of HTTP/2 too', async (t) => {
  const server = createServer(createAdminHandler(ADMIN_DEPS));
  server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const session = connect(`http://127.0.0.1:${address.port}`);
  t.after(() => session.destroy());
  for (const [authority, status] of [
    ['localhost:8001', 200],
    ['rebound.test', 403],
  ] as const) {
    const stream = session.request({ ':path': '/services', ':authority': authority });
    const answered = once(stream, 'response');
    stream.resume().end();
    const [headers]: unknown[] = await answered;
    assert.ok(typeof headers === 'object' && headers !== null && ':status' in headers);
    assert.equal(headers[':status'], status, authority);
  }
});
