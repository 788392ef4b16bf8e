/** The protocols a client may speak: HTTP/1.0, HTTP/1.1, HTTP/2, TLS with a certificate by name, WebSocket. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  connect as connectHttp2,
  type ClientHttp2Session,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import { startEcho } from '../src/demo/echo.ts';
import { startOrigin } from './support/origin.ts';
import { openRaw } from './support/raw-client.ts';
import { loadConfig, spawnGateway } from './support/spawn-gateway.ts';

const keys = join(import.meta.dirname, '../examples/jwt/keys');
const pem = (name: string) => JSON.stringify(readFileSync(join(keys, name), 'utf8'));

const config = (url: string, echoUrl: string) => `_format_version: "3.0"
services:
  - { name: origin, url: "${url}", routes: [{ name: r, paths: [/o] }] }
  - name: echo
    url: ${echoUrl}
    routes:
      - { name: open, paths: [/e] }
      - { name: guarded, paths: [/guarded], plugins: [{ name: key-auth }] }
certificates:
  - cert: ${pem('auth0.pem')}
    key: ${pem('auth0-private.pem')}
    snis: [{ name: named.test }]
`;

/** One request over HTTP/2; resolves with status, body and the header fields of the answer. */
async function askHttp2(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: string) {
  const stream = session.request(headers);
  stream.end(body);
  const [answer]: { ':status'?: number }[] = await once(stream, 'response');
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return { status: answer?.[':status'], text };
}

test('protocols', async (t) => {
  const origin = await startOrigin(
    t,
    (_req, res, seen) => void res.end(`${seen.method} ${seen.body}`),
  );
  const echo = await startEcho({ host: '127.0.0.1', port: 0 });
  t.after(() => echo.close());
  const gateway = await spawnGateway(t, {
    KONG_PROXY_LISTEN: '127.0.0.1:0 http2 ssl, 127.0.0.1:0',
    KONG_NGINX_WORKER_PROCESSES: '1',
  });
  const [tlsPort = 0, plainPort = 0] = gateway.proxyPorts;
  const loaded = await loadConfig(gateway.adminUrl, config(origin.url, echo.url));
  assert.equal(loaded.status, 201, await loaded.text());

  await t.test('HTTP/1.0 without Host', async (st) => {
    const client = await openRaw(st, plainPort);
    client.write('GET /o HTTP/1.0\r\n\r\n');
    const answer = await client.answer();
    assert.equal(answer.status, 200);
    assert.equal(answer.body, 'GET ');
    await client.closed();
  });

  await t.test('HTTP/1.1 over TLS', async () => {
    const request = httpsRequest({
      port: tlsPort,
      host: '127.0.0.1',
      path: '/o',
      method: 'POST',
      rejectUnauthorized: false,
      agent: false,
    });
    request.end('hello');
    const [answer] = await once(request, 'response');
    let text = '';
    for await (const chunk of answer) text += String(chunk);
    assert.equal(text, 'POST hello');
    assert.ok(origin.seen.at(-1)?.lines.includes('X-Forwarded-Proto: https'));
  });

  await t.test('HTTP/2: requests side by side on one connection', async (st) => {
    const session = connectHttp2(`https://127.0.0.1:${tlsPort}`, { rejectUnauthorized: false });
    st.after(() => session.destroy());
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        askHttp2(session, { ':path': '/o', ':method': 'POST' }, `body ${n}`),
      ),
    );
    assert.deepEqual(
      answers.map(({ status, text }) => `${status} ${text}`),
      Array.from({ length: 20 }, (_, n) => `200 POST body ${n}`),
    );
    assert.match(origin.seen.at(-1)?.lines.join('\n') ?? '', /^Via: 2 kong\//m);
    const missing = await askHttp2(session, { ':path': '/nowhere' });
    assert.equal(missing.status, 404);
    assert.match(missing.text, /no Route matched/);
  });

  for (const [servername, subject] of [
    ['named.test', 'example.eu.auth0.com'],
    ['other.test', 'localhost'],
  ] as const) {
    await t.test(`the certificate of ${servername} is ${subject}'s`, async (st) => {
      const socket = connectTls({
        port: tlsPort,
        host: '127.0.0.1',
        servername,
        rejectUnauthorized: false,
      });
      st.after(() => socket.destroy());
      await once(socket, 'secureConnect');
      assert.equal(socket.getPeerCertificate().subject.CN, subject);
    });
  }

  await t.test('WebSocket: messages of all sizes come back', async (st) => {
    const socket = new WebSocket(`ws://127.0.0.1:${plainPort}/e/ws`);
    st.after(() => socket.terminate());
    await once(socket, 'open');
    for (const size of [0, 1, 125, 126, 65_536, 500_000]) {
      const answer = once(socket, 'message');
      socket.send('x'.repeat(size));
      const [data]: unknown[] = await answer;
      assert.equal(String(data).length, size);
    }
    const closed = once(socket, 'close');
    socket.close(1000);
    assert.equal((await closed)[0], 1000);
  });

  await t.test('WebSocket: a route that wants a key refuses the upgrade', async (st) => {
    const socket = new WebSocket(`ws://127.0.0.1:${plainPort}/guarded/ws`);
    st.after(() => socket.terminate());
    const [error]: unknown[] = await once(socket, 'error');
    assert.match(String(error), /401/);
  });

  await t.test("WebSocket: the upstream's refusal is passed on", async (st) => {
    const socket = new WebSocket(`ws://127.0.0.1:${plainPort}/e/elsewhere`);
    st.after(() => socket.terminate());
    const [error]: unknown[] = await once(socket, 'error');
    assert.match(String(error), /400/);
  });
});
