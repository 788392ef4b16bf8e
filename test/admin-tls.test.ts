/** The Admin API over TLS with client certificates: both versions of HTTP, resumed sessions, and tokens beside them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { test, type TestContext } from 'node:test';
import { connect, type ConnectionOptions } from 'node:tls';
import { createAdminHandler, type AdminDeps } from '../src/admin/index.ts';
import { startApiServers } from '../src/node/admin-servers.ts';
import { ADMIN_DEPS } from './support/admin.ts';
import { buildConfig } from './support/config.ts';
import { testListener, testSettings } from './support/settings.ts';
import { certificateAuthority, selfSignedPem, type Pem } from './support/tls.ts';

const operators = await certificateAuthority('operators');
const ann = await operators.sign('ann');
const server = await operators.sign('gateway');
const strangers = await certificateAuthority('strangers');
const eve = await strangers.sign('ann');
const selfMade = await selfSignedPem('ann');
const CONFIG = buildConfig({});

interface Started {
  /** Of the TLS listener, and of the plain one beside it. */
  readonly port: number;
  readonly plainPort: number;
}

async function start(t: TestContext, adminToken?: string): Promise<Started> {
  const listeners = [testListener({ ssl: true, http2: true }), testListener({ host: '0.0.0.0' })];
  const settings = testSettings({
    adminListen: listeners,
    adminClientCa: operators.ca,
    adminToken,
  });
  const deps: AdminDeps = { ...ADMIN_DEPS, settings, config: () => CONFIG };
  const servers = await startApiServers({
    settings,
    listeners,
    tls: server,
    clientCa: settings.adminClientCa,
    handler: createAdminHandler(deps),
    accessLog: undefined,
  });
  t.after(() => servers.close());
  const [tls, plain] = servers.addresses();
  return { port: tls?.port ?? 0, plainPort: plain?.port ?? 0 };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function ask(port: number, client: Partial<Pem>, headers = {}): Promise<Answer> {
  const req = request({
    ...client,
    host: '127.0.0.1',
    port,
    path: '/services',
    ca: operators.ca,
    headers,
    agent: new Agent({ keepAlive: false, maxCachedSessions: 0 }),
  });
  req.end();
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    req.once('response', resolve).once('error', reject);
  });
  const res = await answered;
  const chunks: string[] = [];
  for await (const chunk of res) chunks.push(String(chunk));
  return { status: res.statusCode ?? 0, text: chunks.join('') };
}

async function askHttp2(t: TestContext, port: number, client: Partial<Pem>): Promise<number> {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ...client, ca: operators.ca });
  t.after(() => session.destroy());
  const stream = session.request({ ':path': '/services' });
  const answered = once(stream, 'response');
  stream.resume().end();
  const [headers]: unknown[] = await answered;
  assert.ok(typeof headers === 'object' && headers !== null && ':status' in headers);
  return Number(headers[':status']);
}

const CLIENTS = [
  { title: 'a certificate of the CA', client: ann, status: 200, text: '{"data":[],"next":null}' },
  { title: 'none', client: {}, status: 400, text: 'No required SSL certificate was sent' },
  { title: 'one of another CA', client: eve, status: 400, text: 'The SSL certificate error' },
  {
    title: 'one it signed itself',
    client: selfMade,
    status: 400,
    text: 'The SSL certificate error',
  },
] as const;

for (const { title, client, status, text } of CLIENTS) {
  test(`a client with a certificate: ${title}`, async (t) => {
    const { port } = await start(t);
    const answer = await ask(port, client);
    assert.equal(answer.status, status);
    assert.ok(answer.text.includes(text), answer.text);
    assert.equal(await askHttp2(t, port, client), status);
  });
}

test('a certificate does not stand in for the token, nor the token for it', async (t) => {
  const { port, plainPort } = await start(t, 'right');
  const token = { 'Kong-Admin-Token': 'right' };
  assert.equal((await ask(port, ann)).status, 401);
  assert.equal((await ask(port, {}, token)).status, 400);
  assert.equal((await ask(port, ann, token)).status, 200);
  // Who listens without TLS beside it has the token to rely on.
  const plain = `http://127.0.0.1:${plainPort}/services`;
  assert.equal((await fetch(plain, { headers: token })).status, 200);
  assert.equal((await fetch(plain)).status, 401);
});

test('a browser sends its certificate for any page, so the page must be of this host', async (t) => {
  const { port } = await start(t);
  assert.equal((await ask(port, ann, { Origin: 'https://evil.test' })).status, 403);
  assert.equal((await ask(port, ann, { Origin: `https://127.0.0.1:${port}` })).status, 200);
});

test('a session without a certificate opens nothing when it is resumed', async (t) => {
  const { port } = await start(t);
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const options: ConnectionOptions = { port, host: '127.0.0.1', ca: operators.ca, maxVersion };
    const first = await exchange(t, options);
    assert.match(first.answer, /^HTTP\/1\.1 400 /);
    for (const session of first.sessions) {
      const again = await exchange(t, { ...options, session });
      assert.equal(again.isResumed, false);
      assert.match(again.answer, /^HTTP\/1\.1 400 /);
    }
  }
});

interface Exchange {
  readonly answer: string;
  readonly isResumed: boolean;
  readonly sessions: readonly Buffer[];
}

async function exchange(t: TestContext, options: ConnectionOptions): Promise<Exchange> {
  const socket = connect(options);
  t.after(() => socket.destroy());
  const sessions: Buffer[] = [];
  socket.on('session', (session: Buffer) => sessions.push(session));
  await once(socket, 'secureConnect');
  const isResumed = socket.isSessionReused();
  socket.write('GET /services HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  const chunks: string[] = [];
  for await (const chunk of socket) chunks.push(String(chunk));
  const last = socket.getSession();
  return {
    answer: chunks.join(''),
    isResumed,
    sessions: last === undefined ? sessions : [...sessions, last],
  };
}
