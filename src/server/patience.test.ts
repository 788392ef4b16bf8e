/** How long a client's connection may do nothing, on every kind of listener. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectHttp2, constants } from 'node:http2';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { deferred } from '../../test/support/deferred.ts';
import { onRequestHead, startOrigin, startRawOrigin } from '../../test/support/origin.ts';
import { startProxy } from '../../test/support/proxy.ts';
import { openRaw, rawExchange } from '../../test/support/raw-client.ts';
import { testListener } from '../../test/support/settings.ts';

const keys = join(import.meta.dirname, '../../examples/jwt/keys');
const TLS = {
  cert: readFileSync(join(keys, 'auth0.pem'), 'utf8'),
  key: readFileSync(join(keys, 'auth0-private.pem'), 'utf8'),
};
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const within = () => ({ signal: AbortSignal.timeout(8000) });

const LISTENERS = {
  plain: testListener(),
  'plain with http2': testListener({ http2: true }),
  tls: testListener({ ssl: true }),
  'tls with http2': testListener({ ssl: true, http2: true }),
};

/** Sends `bytes` over what the listener speaks and resolves when the gateway ends the connection. */
async function talk(t: TestContext, port: number, ssl: boolean, bytes: string): Promise<string> {
  const raw = ssl ? undefined : await openRaw(t, port);
  const socket =
    raw?.socket ??
    connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
  t.after(() => socket.destroy());
  if (ssl) await once(socket, 'secureConnect', within());
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.write(bytes);
  await once(socket, 'end', within()).catch(() => assert.fail('the connection stays open'));
  return text;
}

for (const [name, listener] of Object.entries(LISTENERS)) {
  test(`${name}: a head that does not come to its end`, async (t) => {
    const origin = await startOrigin(t);
    const settings = { proxyListen: [listener], clientHeaderTimeoutMs: 300 };
    const proxy = await startProxy(t, { upstreamPort: origin.port, settings, defaultTls: TLS });
    await talk(t, proxy.port, listener.ssl, 'GET / HTTP/1.1\r\nHost: a\r\n');
  });

  test(`${name}: an idle connection`, async (t) => {
    const origin = await startOrigin(t);
    const settings = { proxyListen: [listener], clientKeepaliveTimeoutMs: 300 };
    const proxy = await startProxy(t, { upstreamPort: origin.port, settings, defaultTls: TLS });
    assert.match(await talk(t, proxy.port, listener.ssl, GET), /^HTTP\/1\.1 200/);
  });

  test(`${name}: a client that leaves its answer unread`, async (t) => {
    const origin = await startOrigin(t, (_req, res) => {
      res.on('error', () => {});
      res.end(Buffer.alloc(64 * 1024 * 1024));
    });
    const proxy = await startProxy(t, {
      upstreamPort: origin.port,
      settings: { proxyListen: [listener] },
      defaultTls: TLS,
      sendTimeoutMs: 300,
    });
    const client = listener.ssl
      ? connectTls({ port: proxy.port, host: '127.0.0.1', rejectUnauthorized: false })
      : (await openRaw(t, proxy.port)).socket;
    t.after(() => client.destroy());
    client.on('error', () => {});
    if (listener.ssl) await once(client, 'secureConnect', within());
    client.pause();
    client.write(GET);
    while (proxy.server.counters().requests === 0) await new Promise((go) => setTimeout(go, 10));
    const released = proxy.swap().closed.then(() => true);
    const late = new Promise<boolean>((go) => setTimeout(go, 5000, false).unref());
    assert.ok(await Promise.race([released, late]), 'the request holds the old gateway');
  });
}

test('a slow upstream does not count against the client', async (t) => {
  const origin = await startOrigin(t, (_req, res) => void setTimeout(() => res.end('late'), 900));
  const proxy = await startProxy(t, { upstreamPort: origin.port, sendTimeoutMs: 200 });
  assert.equal((await rawExchange(t, proxy.port, GET)).body, 'late');
});

for (const name of ['plain with http2', 'tls with http2'] as const) {
  const listener = LISTENERS[name];
  const open = (port: number) =>
    connectHttp2(`${listener.ssl ? 'https' : 'http'}://127.0.0.1:${port}`, {
      rejectUnauthorized: false,
    });

  test(`HTTP/2, ${name}: an idle session ends`, async (t) => {
    const origin = await startOrigin(t);
    const settings = { proxyListen: [listener], clientKeepaliveTimeoutMs: 300 };
    const proxy = await startProxy(t, { upstreamPort: origin.port, settings, defaultTls: TLS });
    const session = open(proxy.port);
    t.after(() => session.destroy());
    session.request({ ':path': '/' }).resume().end();
    await once(session, 'close', within());
  });

  test(`HTTP/2, ${name}: a stream left unread ends beside one that is read`, async (t) => {
    const origin = await startOrigin(t, (_req, res) => {
      res.on('error', () => {});
      res.end(Buffer.alloc(8 * 1024 * 1024));
    });
    const settings = { proxyListen: [listener] };
    const rest = { settings, defaultTls: TLS, sendTimeoutMs: 300 };
    const proxy = await startProxy(t, { upstreamPort: origin.port, ...rest });
    const session = open(proxy.port);
    t.after(() => session.destroy());
    const unread = session.request({ ':path': '/' });
    unread.on('error', () => {}).end();
    unread.pause();
    await once(unread, 'response', within());
    await proxy.swap().closed;
    assert.equal(proxy.server.counters().writing, 0);
  });

  test(`HTTP/2, ${name}: 100 Continue comes when the body is wanted`, async (t) => {
    const origin = await startOrigin(t, (_req, res, seen) => void res.end(seen.body));
    const settings = { proxyListen: [listener] };
    const proxy = await startProxy(t, { upstreamPort: origin.port, settings, defaultTls: TLS });
    const session = open(proxy.port);
    t.after(() => session.destroy());
    const stream = session.request({ ':method': 'POST', ':path': '/', expect: '100-continue' });
    await once(stream, 'continue', within());
    stream.end('body');
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    assert.equal(text, 'body');
  });

  test(`HTTP/2, ${name}: a drain lets streams finish and ends the session`, async (t) => {
    const asked = deferred<() => void>();
    const origin = await startOrigin(t, (_req, res) => {
      asked.resolve(() => void res.end('whole'));
    });
    const settings = { proxyListen: [listener] };
    const proxy = await startProxy(t, { upstreamPort: origin.port, settings, defaultTls: TLS });
    const session = open(proxy.port);
    t.after(() => session.destroy());
    const stream = session.request({ ':path': '/' });
    stream.end();
    const answer = await asked.promise;
    const drained = proxy.server.drain(5000);
    const [code]: unknown[] = await once(session, 'goaway', within());
    assert.equal(code, constants.NGHTTP2_NO_ERROR);
    answer();
    let text = '';
    for await (const chunk of stream) text += String(chunk);
    assert.equal(text, 'whole');
    assert.ok(await drained);
  });
}

for (const head of ['304 Not Modified', '204 No Content']) {
  test(`an answer ${head} that names a length it does not have`, async (t) => {
    const origin = await startRawOrigin(t, (socket) => {
      onRequestHead(socket, () => socket.write(`HTTP/1.1 ${head}\r\nContent-Length: 100\r\n\r\n`));
    });
    const proxy = await startProxy(t, { upstreamPort: origin.port });
    const client = await openRaw(t, proxy.port);
    for (let i = 0; i < 2; i++) {
      client.write(GET);
      const answer = await client.answer();
      assert.equal(answer.status, Number(head.slice(0, 3)));
    }
  });
}
