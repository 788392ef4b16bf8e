/** Calls to other servers that behave, misbehave, or are not there. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { test, type TestContext } from 'node:test';
import { generate } from 'selfsigned';
import { OutboundError, type OutboundErrorCode } from '../errors.ts';
import type { OutboundRequest } from '../services.ts';
import { startOrigin, startRawOrigin } from '../../test/support/origin.ts';
import { createBreaker } from './breaker.ts';
import { createOutbound, type ClosableOutbound, type OutboundOptions } from './index.ts';

/** Every name is this machine, unless `addresses` says otherwise. */
function outbound(
  t: TestContext,
  addresses: Readonly<Record<string, string>> = {},
): ClosableOutbound {
  const resolve: OutboundOptions['resolve'] = (host) => [{ ip: addresses[host] ?? '127.0.0.1' }];
  const made = createOutbound({ resolve });
  t.after(() => made.close());
  return made;
}

const get = (url: string, more: Partial<OutboundRequest> = {}): OutboundRequest => ({
  url,
  method: 'GET',
  ...more,
});

async function codeOf(answer: Promise<unknown>): Promise<OutboundErrorCode | 'answered'> {
  try {
    await answer;
    return 'answered';
  } catch (error) {
    assert.ok(error instanceof OutboundError, String(error));
    return error.code;
  }
}

test('a call brings status, headers and body, and keeps its connection', async (t) => {
  const origin = await startOrigin(t, (_req, res) =>
    res.writeHead(203, { 'X-A': 'b' }).end('hello'),
  );
  const client = outbound(t);
  for (let i = 0; i < 3; i++) {
    const answer = await client.request(get(`${origin.url}/a?b=c`));
    assert.equal(answer.status, 203);
    assert.equal(answer.body.toString(), 'hello');
    assert.equal(answer.url, `${origin.url}/a`);
  }
  assert.ok(origin.connections() <= 2);
  assert.equal(origin.seen[0]?.url, '/a?b=c');
});

test('Basic credentials and a body are sent', async (t) => {
  const origin = await startOrigin(t);
  await outbound(t).request({
    url: origin.url,
    method: 'POST',
    body: 'token=x',
    headers: ['Content-Type', 'application/x-www-form-urlencoded'],
    basicAuth: { username: 'user', password: 'pa:ss' },
  });
  const [seen] = origin.seen;
  assert.equal(seen?.body, 'token=x');
  assert.ok(
    seen.lines.includes(`authorization: Basic ${Buffer.from('user:pa:ss').toString('base64')}`),
  );
});

test('limits: time, size, compression, and no HTTP at all', async (t) => {
  const silent = await startOrigin(t, () => {});
  const endless = await startOrigin(t, (_req, res) => {
    res.on('error', () => {});
    const more = (): void => void (res.destroyed || res.write('x'.repeat(65_536), more));
    more();
  });
  const slow = await startOrigin(t, (_req, res) => {
    res.write('a');
  });
  const zipped = await startOrigin(t, (_req, res) =>
    res.writeHead(200, { 'Content-Encoding': 'gzip' }).end('x'),
  );
  const noise = await startRawOrigin(t, (socket) => socket.end('SSH-2.0-x\r\n'));
  const client = outbound(t);
  const timeoutMs = 100;
  assert.equal(
    await codeOf(client.request(get(silent.url, { timeoutMs }))),
    'ERR_OUTBOUND_TIMEOUT',
  );
  assert.equal(await codeOf(client.request(get(slow.url, { timeoutMs }))), 'ERR_OUTBOUND_TIMEOUT');
  assert.equal(await codeOf(client.request(get(endless.url))), 'ERR_OUTBOUND_TOO_LARGE');
  assert.equal(await codeOf(client.request(get(zipped.url))), 'ERR_OUTBOUND_RESPONSE');
  assert.equal(await codeOf(client.request(get(noise.url))), 'ERR_OUTBOUND_RESPONSE');
  assert.equal(await codeOf(client.request(get('http://127.0.0.1:1/'))), 'ERR_OUTBOUND_CONNECT');
  const gone = AbortSignal.abort();
  assert.equal(
    await codeOf(client.request(get(slow.url, { signal: gone }))),
    'ERR_OUTBOUND_ABORTED',
  );
});

test('only http and https URLs are called', async (t) => {
  const client = outbound(t);
  for (const url of ['file:///etc/passwd', 'ftp://a/', 'words', '', 'javascript:1']) {
    assert.equal(await codeOf(client.request(get(url))), 'ERR_OUTBOUND_URL');
  }
});

test('redirects are followed as often as allowed; credentials stay with their origin', async (t) => {
  const target = await startOrigin(t);
  const first = await startOrigin(t, (req, res) => {
    const location = req.url === '/one' ? '/two' : `${target.url}/three`;
    res.writeHead(302, { Location: location }).end();
  });
  const client = outbound(t);
  const wanted = get(`${first.url}/one`, { basicAuth: { username: 'u', password: 'p' } });
  assert.equal((await client.request(wanted)).status, 302, 'none by default');
  assert.equal(
    await codeOf(client.request({ ...wanted, redirectsMax: 1 })),
    'ERR_OUTBOUND_REDIRECT',
  );
  const answer = await client.request({ ...wanted, redirectsMax: 2 });
  assert.equal(answer.url, `${target.url}/three`);
  assert.ok(
    first.seen.every(({ lines }) => lines.some((line) => line.startsWith('authorization:'))),
  );
  assert.ok(!target.seen[0]?.lines.some((line) => line.startsWith('authorization:')));
});

test('a redirect loop ends', async (t) => {
  const loop = await startOrigin(t, (_req, res) => res.writeHead(307, { Location: '/' }).end());
  const call = outbound(t).request(get(loop.url, { redirectsMax: 3 }));
  assert.equal(await codeOf(call), 'ERR_OUTBOUND_REDIRECT');
  assert.equal(loop.seen.length, 4);
});

test('a public server cannot lead to a private address, a link-local one is never called', async (t) => {
  const inner = await startOrigin(t);
  const client = outbound(t, {
    'idp.example': '93.184.216.34',
    'metadata.example': '169.254.169.254',
  });
  const via = 'http://idp.example/.well-known/openid-configuration';
  assert.equal(await codeOf(client.request(get(inner.url, { via }))), 'ERR_OUTBOUND_ADDRESS');
  const named = `http://localhost:${inner.port}/`;
  assert.equal(await codeOf(client.request(get(named, { via }))), 'ERR_OUTBOUND_ADDRESS');
  assert.equal(
    await codeOf(client.request(get(named, { via: 'http://other.internal/' }))),
    'answered',
  );
  assert.equal(
    await codeOf(client.request(get('http://169.254.169.254/'))),
    'ERR_OUTBOUND_ADDRESS',
  );
  assert.equal(
    await codeOf(client.request(get('http://metadata.example/'))),
    'ERR_OUTBOUND_ADDRESS',
  );
  assert.equal(await codeOf(client.request(get('http://[fe80::1]/'))), 'ERR_OUTBOUND_ADDRESS');
  for (const host of ['[2002:7f00:1::1]', '[::7f00:1]', '[fec0::1]', '[2001::1]']) {
    const embedded = client.request(get(`http://${host}:${inner.port}/`, { via }));
    assert.equal(await codeOf(embedded), 'ERR_OUTBOUND_ADDRESS', host);
  }
  const https = 'https://idp.example/';
  assert.equal(await codeOf(client.request(get(named, { via: https }))), 'ERR_OUTBOUND_REDIRECT');
});

async function startTls(
  t: TestContext,
  names: string,
): Promise<{ port: number; ca: string; key: string; peers: string[] }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: names }], {
    keySize: 2048,
    algorithm: 'sha256',
  });
  const peers: string[] = [];
  const server = createHttpsServer(
    { cert, key, ca: cert, requestCert: true, rejectUnauthorized: false },
    (req, res) => {
      const { socket } = req;
      peers.push(
        'getPeerCertificate' in socket && typeof socket.getPeerCertificate === 'function'
          ? JSON.stringify(socket.getPeerCertificate().subject ?? null)
          : '',
      );
      res.end('secret');
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return { port: address.port, ca: cert, key, peers };
}

test('TLS: certificates are verified, with their name; the client shows its own', async (t) => {
  const { port, ca, key, peers } = await startTls(t, 'localhost');
  const client = outbound(t);
  const url = `https://localhost:${port}/`;
  assert.equal(
    await codeOf(client.request(get(url))),
    'ERR_OUTBOUND_CONNECT',
    'an unknown authority',
  );
  assert.equal(await codeOf(client.request(get(url, { tls: { verify: true, ca } }))), 'answered');
  const wrongName = `https://other.example:${port}/`;
  assert.equal(
    await codeOf(client.request(get(wrongName, { tls: { verify: true, ca } }))),
    'ERR_OUTBOUND_CONNECT',
  );
  assert.equal(
    await codeOf(client.request(get(wrongName, { tls: { verify: false } }))),
    'answered',
  );
  await client.request(get(url, { tls: { verify: true, ca, cert: ca, key } }));
  assert.deepEqual(
    peers.map((peer) => peer.includes('localhost')),
    [false, false, true],
  );
});

test('a server that fails ten times in a row is left alone for a while', async (t) => {
  const origin = await startOrigin(t, (_req, res) => res.writeHead(500).end());
  const client = outbound(t);
  for (let i = 0; i < 10; i++) assert.equal((await client.request(get(origin.url))).status, 500);
  assert.equal(await codeOf(client.request(get(origin.url))), 'ERR_OUTBOUND_BREAKER');
  assert.equal(origin.seen.length, 10);
});

test('more calls at once than an origin gets are refused and not queued without end', async (t) => {
  const origin = await startOrigin(t, () => {});
  const client = outbound(t);
  const stop = new AbortController();
  const calls = Array.from({ length: 128 }, () =>
    codeOf(client.request(get(origin.url, { signal: stop.signal }))),
  );
  assert.equal(await codeOf(client.request(get(origin.url))), 'ERR_OUTBOUND_BUSY');
  assert.ok(origin.connections() <= 8);
  stop.abort();
  assert.deepEqual(new Set(await Promise.all(calls)), new Set(['ERR_OUTBOUND_ABORTED']));
});

test('the breaker lets one call try after its pause, and pauses longer when that fails', () => {
  let now = 0;
  const breaker = createBreaker({ failuresMax: 2, pauseMs: 100, pauseMaxMs: 300, now: () => now });
  const fail = (): void => {
    assert.ok(breaker.admit());
    breaker.failed();
  };
  fail();
  assert.equal(breaker.state, 'closed');
  fail();
  assert.equal(breaker.admit(), false);
  now = 100;
  assert.equal(breaker.state, 'half-open');
  assert.ok(breaker.admit());
  assert.equal(breaker.admit(), false, 'one at a time');
  breaker.failed();
  now = 299;
  assert.equal(breaker.admit(), false);
  now = 300;
  fail();
  now = 599;
  assert.equal(breaker.admit(), false, 'at most the longest pause');
  now = 600;
  assert.ok(breaker.admit());
  breaker.succeeded();
  assert.equal(breaker.state, 'closed');
});
