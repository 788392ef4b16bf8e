/** Upstreams and clients that misbehave at every stage: the right status, no socket left behind, and the gateway lives. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { deferred } from './support/deferred.ts';
import { deadPort, onRequestHead, startOrigin, startRawOrigin } from './support/origin.ts';
import { countSockets, settleBelow } from './support/processes.ts';
import { openRaw, rawExchange } from './support/raw-client.ts';
import { loadConfig, spawnGateway, type SpawnedGateway } from './support/spawn-gateway.ts';

const TIMEOUT_MS = 300;

const config = (url: string, more = '') => `_format_version: "3.0"
services:
  - name: upstream
    url: ${url}
    retries: 0
    read_timeout: ${TIMEOUT_MS}
    write_timeout: ${TIMEOUT_MS}
    connect_timeout: ${TIMEOUT_MS}
    routes: [{ name: r, paths: [/] ${more} }]
`;

const get = 'GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n';
const post = 'POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello';

async function load(gateway: SpawnedGateway, yaml: string): Promise<void> {
  const answer = await loadConfig(gateway.adminUrl, yaml);
  assert.equal(answer.status, 201, await answer.text());
}

interface Misbehaviour {
  readonly name: string;
  readonly act: (socket: Socket) => void;
  readonly status: number;
}

const BEFORE_THE_HEAD: readonly Misbehaviour[] = [
  { name: 'closes at once', status: 502, act: (socket) => socket.destroy() },
  { name: 'resets after the request', status: 502, act: (socket) => socket.resetAndDestroy() },
  { name: 'ends without an answer', status: 502, act: (socket) => void socket.end() },
  { name: 'says nothing', status: 504, act: () => {} },
  {
    name: 'sends half a head',
    status: 504,
    act: (socket) => void socket.write('HTTP/1.1 200 OK\r\nA: '),
  },
  {
    name: 'sends half a head and ends',
    status: 502,
    act: (socket) => void socket.end('HTTP/1.1 200 OK\r\nA: '),
  },
  {
    name: 'does not speak HTTP',
    status: 502,
    act: (socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
  },
  {
    name: 'sends two lengths',
    status: 502,
    act: (socket) =>
      void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc'),
  },
  {
    name: 'sends a length and a transfer coding',
    status: 502,
    act: (socket) =>
      void socket.end(
        'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n',
      ),
  },
  {
    name: 'sends a head without end',
    status: 502,
    act: (socket) =>
      void socket.write(`HTTP/1.1 200 OK\r\n${`X: ${'a'.repeat(1000)}\r\n`.repeat(200)}`),
  },
];

const AFTER_THE_HEAD: readonly Misbehaviour[] = [
  {
    name: 'promises more than it sends',
    status: 200,
    act: (socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this'),
  },
  {
    name: 'resets within the body',
    status: 200,
    act: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this', () =>
        setImmediate(() => socket.resetAndDestroy()),
      );
    },
  },
  {
    name: 'breaks its chunks',
    status: 200,
    act: (socket) =>
      void socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n'),
  },
  {
    name: 'falls silent within the body',
    status: 200,
    act: (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this'),
  },
];

/** The gateway still answers an ordinary request, and holds no socket for the ones before. */
async function assertHealthy(
  t: TestContext,
  gateway: SpawnedGateway,
  sockets: number,
): Promise<void> {
  const origin = await startOrigin(t);
  await load(gateway, config(origin.url));
  const answer = await rawExchange(
    t,
    gateway.proxyPort,
    get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'),
  );
  assert.equal(answer.status, 200);
  assert.equal(answer.body, 'ok');
  const pid = gateway.child.pid ?? 0;
  const left = await settleBelow(() => countSockets(pid), sockets + SOCKETS_OF_THE_CHECK);
  assert.ok(left <= sockets + SOCKETS_OF_THE_CHECK, `${left} sockets, ${sockets} before`);
}

/** Kept alive by the check itself: one to the healthy origin, one or two of `fetch` to the Admin API. */
const SOCKETS_OF_THE_CHECK = 3;

/** Connections that wait for a next request may not hide those that are lost. */
const ENV = { KONG_NGINX_WORKER_PROCESSES: '1', KONG_UPSTREAM_KEEPALIVE_IDLE_TIMEOUT: '1' };

test('upstreams that misbehave', async (t) => {
  const gateway = await spawnGateway(t, ENV);
  const sockets = countSockets(gateway.child.pid ?? 0);

  await t.test('nothing listens: 502', async (st) => {
    await load(gateway, config(`http://127.0.0.1:${await deadPort()}`));
    const answer = await rawExchange(st, gateway.proxyPort, get);
    assert.equal(answer.status, 502);
    assert.match(answer.body, /invalid response was received from the upstream server/);
  });

  for (const { name, act, status } of BEFORE_THE_HEAD) {
    for (const request of [get, post]) {
      await t.test(`one that ${name}: ${status} to ${request.slice(0, 4)}`, async (st) => {
        const origin = await startRawOrigin(st, (socket) =>
          onRequestHead(socket, () => act(socket)),
        );
        await load(gateway, config(origin.url));
        assert.equal((await rawExchange(st, gateway.proxyPort, request)).status, status);
      });
    }
  }

  for (const { name, act } of AFTER_THE_HEAD) {
    await t.test(`one that ${name}: the client sees that the answer is cut`, async (st) => {
      const origin = await startRawOrigin(st, (socket) => onRequestHead(socket, () => act(socket)));
      await load(gateway, config(origin.url));
      const client = await openRaw(st, gateway.proxyPort);
      client.write(get);
      await assert.rejects(client.answer(), /connection ended after "HTTP\/1.1 200/);
    });
  }

  await t.test('one that answers before the body has come', async (st) => {
    const origin = await startRawOrigin(st, (socket) =>
      onRequestHead(socket, () =>
        socket.end('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno'),
      ),
    );
    await load(gateway, config(origin.url, ', request_buffering: false'));
    const client = await openRaw(st, gateway.proxyPort);
    client.write('POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000000\r\n\r\nfirst');
    const answer = await client.answer();
    assert.equal(answer.status, 413);
    assert.equal(answer.body, 'no');
  });

  await t.test('one that sends an answer nobody asked for on an idle connection', async (st) => {
    const origin = await startRawOrigin(st, (socket) => {
      socket.on('data', () => {
        const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n';
        socket.write(`${answer}right`, () => socket.write(`${answer}wrong`));
      });
    });
    await load(gateway, config(origin.url));
    for (let i = 0; i < 50; i += 1) {
      const answer = await rawExchange(st, gateway.proxyPort, get.replace('/x', `/${i}`));
      assert.ok(
        answer.status === 502 || answer.body === 'right',
        `${answer.status} ${answer.body}`,
      );
    }
  });

  await t.test('afterwards it is as before', (st) => assertHealthy(st, gateway, sockets));
});

test('clients that misbehave', async (t) => {
  const gateway = await spawnGateway(t, ENV);
  const sockets = countSockets(gateway.child.pid ?? 0);

  await t.test(
    'one that goes while the upstream works: the upstream request is aborted',
    async (st) => {
      const requested = deferred<Socket>();
      const origin = await startRawOrigin(st, (socket) =>
        onRequestHead(socket, () => requested.resolve(socket)),
      );
      await load(gateway, config(origin.url).replace(/read_timeout.*/, ''));
      const client = await openRaw(st, gateway.proxyPort);
      client.write(get);
      const upstreamSocket = await requested.promise;
      const closed = once(upstreamSocket, 'close');
      client.socket.destroy();
      await closed;
    },
  );

  await t.test('100 that go within the answer', async (st) => {
    const origin = await startOrigin(st, (_req, res) => {
      res.writeHead(200, { 'Content-Length': 10_000_000 });
      res.write(Buffer.alloc(1_000_000));
    });
    await load(gateway, config(origin.url));
    for (let i = 0; i < 100; i += 1) {
      const client = await openRaw(st, gateway.proxyPort);
      client.write(get);
      await once(client.socket, 'readable').catch(() => {});
      client.socket.resetAndDestroy();
    }
    const left = await settleBelow(() => origin.connections(), 1);
    assert.ok(left <= 1, `${left} connections to the upstream are left`);
  });

  await t.test('100 that go within their request', async (st) => {
    const origin = await startOrigin(st);
    await load(gateway, config(origin.url));
    for (let i = 0; i < 100; i += 1) {
      const client = await openRaw(st, gateway.proxyPort);
      client.write(post.slice(0, i % post.length));
      client.socket.destroy();
    }
    assert.deepEqual(origin.seen, []);
  });

  await t.test('100 that only connect', async (st) => {
    for (let i = 0; i < 100; i += 1) (await openRaw(st, gateway.proxyPort)).socket.destroy();
  });

  await t.test('afterwards it is as before', (st) => assertHealthy(st, gateway, sockets));
});
