/** Requests made to confuse: the gateway refuses them or forwards exactly one canonical message. Bytes in, bytes out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startOrigin, type SeenRequest } from './support/origin.ts';
import { openRaw, rawExchange } from './support/raw-client.ts';
import { spawnGateway, loadConfig } from './support/spawn-gateway.ts';

const config = (url: string) => `_format_version: "3.0"
services:
  - name: origin
    url: ${url}
    routes:
      - { name: open, paths: [/open], strip_path: false }
      - name: guarded
        paths: [/guarded]
        strip_path: false
        plugins: [{ name: key-auth }]
consumers:
  - username: alice
    custom_id: alice-custom
    keyauth_credentials: [{ key: alice-key }]
`;

const HOST = 'Host: a.test\r\n';
const CLOSE = 'Connection: close\r\n';

const simpleGet = (path: string) => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`;

interface Refused {
  readonly name: string;
  readonly bytes: string;
  readonly status: number;
}

const REFUSED: readonly Refused[] = [
  {
    name: 'two Host lines',
    status: 400,
    bytes: `GET /open HTTP/1.1\r\n${HOST}Host: b.test\r\n\r\n`,
  },
  { name: 'no Host', status: 400, bytes: 'GET /open HTTP/1.1\r\n\r\n' },
  {
    name: 'a length and a transfer coding',
    status: 400,
    bytes: `POST /open HTTP/1.1\r\n${HOST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  },
  {
    name: 'two lengths',
    status: 400,
    bytes: `POST /open HTTP/1.1\r\n${HOST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
  },
  {
    name: 'two equal lengths',
    status: 400,
    bytes: `POST /open HTTP/1.1\r\n${HOST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
  },
  {
    name: 'a length with a sign',
    status: 400,
    bytes: `POST /open HTTP/1.1\r\n${HOST}Content-Length: +5\r\n\r\nhello`,
  },
  {
    name: 'an unknown transfer coding',
    status: 501,
    bytes: `POST /open HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip\r\n\r\nhello`,
  },
  {
    name: 'a transfer coding in HTTP/1.0',
    status: 400,
    bytes: `POST /open HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  },
  {
    name: 'chunked that is not last',
    status: 400,
    bytes: `POST /open HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  },
  {
    name: 'a space before the colon',
    status: 400,
    bytes: `GET /open HTTP/1.1\r\n${HOST}X : 1\r\n\r\n`,
  },
  {
    name: 'a folded header line',
    status: 400,
    bytes: `GET /open HTTP/1.1\r\n${HOST}X: 1\r\n 2\r\n\r\n`,
  },
  { name: 'a NUL in a value', status: 400, bytes: `GET /open HTTP/1.1\r\n${HOST}X: a\0b\r\n\r\n` },
  {
    name: 'a bare CR in a value',
    status: 400,
    bytes: `GET /open HTTP/1.1\r\n${HOST}X: a\rb\r\n\r\n`,
  },
  {
    name: 'a header line over 8 KB',
    status: 400,
    bytes: `GET /open HTTP/1.1\r\n${HOST}X: ${'a'.repeat(8193)}\r\n\r\n`,
  },
  {
    name: 'a request target over 8 KB',
    status: 414,
    bytes: `GET /open/${'a'.repeat(8193)} HTTP/1.1\r\n${HOST}\r\n`,
  },
  { name: 'a bad percent-encoding', status: 400, bytes: `GET /open/%zz HTTP/1.1\r\n${HOST}\r\n` },
  { name: 'an encoded NUL', status: 400, bytes: `GET /open/%00 HTTP/1.1\r\n${HOST}\r\n` },
  { name: 'a path above the root', status: 400, bytes: `GET /../open HTTP/1.1\r\n${HOST}\r\n` },
  { name: 'HTTP/0.9', status: 400, bytes: 'GET /open\r\n\r\n' },
  { name: 'an unknown version', status: 505, bytes: `GET /open HTTP/1.2\r\n${HOST}\r\n` },
  { name: 'TRACE', status: 405, bytes: `TRACE /open HTTP/1.1\r\n${HOST}\r\n` },
];

interface Forwarded {
  readonly name: string;
  readonly bytes: string;
  readonly check: (seen: SeenRequest) => void;
}

const named = (seen: SeenRequest, name: string) =>
  seen.lines.filter((line) => line.toLowerCase().startsWith(`${name}:`));

const FORWARDED: readonly Forwarded[] = [
  {
    name: 'Connection names Content-Length',
    bytes: `POST /open HTTP/1.1\r\n${HOST}Connection: close, content-length\r\nContent-Length: 5\r\n\r\nhello`,
    check: (seen) => {
      assert.equal(seen.body, 'hello');
      assert.equal(named(seen, 'content-length').length, 1);
    },
  },
  {
    name: 'Connection names Host',
    bytes: `GET /open HTTP/1.1\r\n${HOST}Connection: close, host\r\n\r\n`,
    check: (seen) => assert.equal(named(seen, 'host').length, 1),
  },
  {
    name: 'Connection names a header of the client',
    bytes: `GET /open HTTP/1.1\r\n${HOST}Connection: close, x-hop\r\nX-Hop: 1\r\nX-End: 2\r\n\r\n`,
    check: (seen) => {
      assert.deepEqual(named(seen, 'x-hop'), []);
      assert.equal(named(seen, 'x-end').length, 1);
    },
  },
  {
    name: 'a look-alike of Content-Length',
    bytes: `POST /open HTTP/1.1\r\n${HOST}${CLOSE}Content_Length: 0\r\nContent-Length: 5\r\n\r\nhello`,
    check: (seen) => assert.equal(seen.body, 'hello'),
  },
  {
    name: 'a chunked body',
    bytes: `POST /open HTTP/1.1\r\n${HOST}${CLOSE}Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n`,
    check: (seen) => {
      assert.equal(seen.body, 'hello');
      assert.equal(
        named(seen, 'content-length').length + named(seen, 'transfer-encoding').length,
        1,
      );
      assert.deepEqual(named(seen, 'x-trailer'), []);
    },
  },
  {
    name: 'a header line just below the limit',
    bytes: `GET /open HTTP/1.1\r\n${HOST}${CLOSE}X: ${'a'.repeat(8000)}\r\n\r\n`,
    check: (seen) => assert.equal(named(seen, 'x')[0]?.length, 8003),
  },
  {
    name: 'an absolute target with another Host',
    bytes: `GET http://b.test/open HTTP/1.1\r\n${HOST}${CLOSE}\r\n`,
    check: (seen) => {
      assert.equal(seen.url, '/open');
      assert.equal(named(seen, 'host').length, 1);
    },
  },
  {
    name: 'an encoded slash stays encoded',
    bytes: `GET /open/..%2fguarded HTTP/1.1\r\n${HOST}${CLOSE}\r\n`,
    check: (seen) => assert.match(seen.url, /^\/open\/\.\.%2[fF]guarded$/),
  },
  {
    name: 'a request that another would hide in its body',
    bytes: `POST /open HTTP/1.1\r\n${HOST}${CLOSE}Content-Length: 41\r\n\r\nGET /guarded HTTP/1.1\r\nHost: a.test\r\n\r\n__`,
    check: (seen) => assert.equal(seen.body.length, 41),
  },
];

/** Every spelling of the guarded path that could slip past a router which does not normalise. */
const GUARDED_SPELLINGS = [
  '/guarded',
  '//guarded',
  '/./guarded',
  '/open/../guarded',
  '/open/%2e%2e/guarded',
  '/open/.%2E/guarded/x',
  '/%67uarded',
  '/guarded%2f',
  '/guarded/../guarded',
  '/guarded;x=1',
  '/guarded?x=/open',
];

test('hostile requests', async (t) => {
  const origin = await startOrigin(t);
  const gateway = await spawnGateway(t, { KONG_NGINX_WORKER_PROCESSES: '1' });
  assert.equal((await loadConfig(gateway.adminUrl, config(origin.url))).status, 201);
  let before = 0;
  const newlySeen = () => {
    const fresh = origin.seen.slice(before);
    before = origin.seen.length;
    return fresh;
  };

  for (const { name, bytes, status } of REFUSED) {
    await t.test(`${name} is answered ${status}`, async (st) => {
      newlySeen();
      const answer = await rawExchange(st, gateway.proxyPort, bytes);
      assert.equal(answer.status, status);
      assert.deepEqual(newlySeen(), []);
    });
  }

  for (const { name, bytes, check } of FORWARDED) {
    await t.test(`${name}: one canonical request goes upstream`, async (st) => {
      newlySeen();
      const answer = await rawExchange(st, gateway.proxyPort, bytes);
      assert.equal(answer.status, 200);
      const [seen, ...others] = newlySeen();
      assert.deepEqual(others, []);
      assert.ok(seen !== undefined);
      check(seen);
    });
  }

  for (const path of GUARDED_SPELLINGS) {
    await t.test(`${path} needs a key`, async (st) => {
      newlySeen();
      const bytes = `GET ${path} HTTP/1.1\r\n${HOST}${CLOSE}\r\n`;
      assert.equal((await rawExchange(st, gateway.proxyPort, bytes)).status, 401);
      assert.deepEqual(newlySeen(), []);
    });
  }

  await t.test('identity headers of the client do not reach the upstream', async (st) => {
    const spoofed = ['Username', 'ID', 'Custom-ID'].flatMap((name) => [
      `X-Consumer-${name}: spoof`,
      `x-consumer-${name.toLowerCase()}: spoof`,
    ]);
    const lines = [...spoofed, 'X-Credential-Identifier: spoof', 'X-Anonymous-Consumer: true'];
    const bytes = `GET /guarded HTTP/1.1\r\n${HOST}apikey: alice-key\r\n${lines.join('\r\n')}\r\nConnection: close, x-consumer-username, x-consumer-id\r\n\r\n`;
    assert.equal((await rawExchange(st, gateway.proxyPort, bytes)).status, 200);
    const [seen] = newlySeen();
    assert.ok(seen !== undefined);
    assert.deepEqual(named(seen, 'x-consumer-username'), ['X-Consumer-Username: alice']);
    assert.deepEqual(named(seen, 'x-consumer-custom-id'), ['X-Consumer-Custom-ID: alice-custom']);
    assert.equal(named(seen, 'x-consumer-id').length, 1);
    assert.deepEqual(named(seen, 'x-anonymous-consumer'), []);
    assert.ok(!seen.lines.some((line) => line.includes('spoof')));
  });

  await t.test('pipelined requests are answered in order', async (st) => {
    const client = await openRaw(st, gateway.proxyPort);
    client.write(simpleGet('/open/1') + simpleGet('/nowhere') + simpleGet('/open/2'));
    const statuses = [await client.answer(), await client.answer(), await client.answer()];
    assert.deepEqual(
      statuses.map((answer) => answer.status),
      [200, 404, 200],
    );
    assert.deepEqual(
      newlySeen().map((seen) => seen.url),
      ['/open/1', '/open/2'],
    );
  });
});
