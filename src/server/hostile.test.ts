/** What clients, upstreams and plugins may do to a process: it goes on, and every lease comes back. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { test, type TestContext } from 'node:test';
import type { PluginPhases } from '../plugin.ts';
import { deferred } from '../../test/support/deferred.ts';
import { onRequestHead, startOrigin, startRawOrigin } from '../../test/support/origin.ts';
import { startProxy, type TestProxy } from '../../test/support/proxy.ts';
import { openRaw, rawExchange, valuesOf } from '../../test/support/raw-client.ts';
import { testListener } from '../../test/support/settings.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const HTTP2 = { proxyListen: [testListener({ http2: true })] };

/** An old gateway is let go only when each of its requests has ended. */
async function assertReleased(proxy: TestProxy): Promise<void> {
  const released = await Promise.race([
    proxy.swap().closed.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(resolve, 3000, false).unref()),
  ]);
  assert.ok(released, 'a request still holds the old gateway');
  assert.equal(proxy.server.counters().writing, 0);
}

async function askHttp2(t: TestContext, port: number, headers: Record<string, string>, body = '') {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  t.after(() => session.destroy());
  const stream = session.request(headers, { endStream: false });
  stream.end(body);
  const [answer]: IncomingHttpHeaders[] = await once(stream, 'response', {
    signal: AbortSignal.timeout(3000),
  });
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return { status: Number(answer?.[':status']), headers: answer ?? {}, text };
}

const boom = (): never => {
  throw new Error('broken');
};
const later = async (): Promise<undefined> => {
  await Promise.resolve();
};
const refuse = () => ({ kind: 'exit', status: 418, body: '{}', headers: [] }) as const;

const FAULTS: readonly { name: string; phases: readonly PluginPhases[]; status: number }[] = [
  { name: 'access', phases: [{ access: boom }], status: 500 },
  { name: 'access, asynchronously', phases: [{ access: () => later().then(boom) }], status: 500 },
  { name: 'headerFilter', phases: [{ headerFilter: boom }], status: 500 },
  { name: 'log', phases: [{ log: boom }], status: 200 },
  {
    name: "bodyFilter of a plugin's answer",
    phases: [{ access: refuse, bodyFilter: boom }],
    status: 500,
  },
  {
    name: 'bodyFilter after an asynchronous refusal',
    phases: [{ access: () => later().then(refuse), bodyFilter: boom }],
    status: 500,
  },
  {
    name: 'headerFilter, by a field that cannot be written',
    phases: [{ headerFilter: (_ctx, head) => void head.headers.push('X-A', 'a\nb') }],
    status: 500,
  },
  {
    name: 'headerFilter, by a status that does not exist',
    phases: [{ headerFilter: (_ctx, head) => void (head.status = 1000) }],
    status: 500,
  },
];

for (const { name, phases, status } of FAULTS) {
  test(`a plugin that fails in ${name}: ${status}, and all is as before`, async (t) => {
    const origin = await startOrigin(t);
    const ended: number[] = [];
    const witness: PluginPhases = { log: (_ctx, outcome) => void ended.push(outcome.status) };
    const proxy = await startProxy(t, { upstreamPort: origin.port, phases: [...phases, witness] });
    for (let round = 0; round < 2; round++) {
      const answer = await rawExchange(t, proxy.port, GET);
      assert.equal(answer.status, status);
      if (status === 500) assert.equal(answer.body, '{"message":"An unexpected error occurred"}');
    }
    await assertReleased(proxy);
    assert.deepEqual(ended, [status, status], 'the log phase ran');
  });
}

test('a plugin that fails within a proxied body cuts the answer', async (t) => {
  const origin = await startOrigin(t);
  const proxy = await startProxy(t, { upstreamPort: origin.port, phases: [{ bodyFilter: boom }] });
  await assert.rejects(rawExchange(t, proxy.port, GET));
  await assertReleased(proxy);
});

test('a fault of a plugin does not put secrets into the access log', async (t) => {
  const origin = await startOrigin(t);
  const phases = [{ secretQueryNames: ['apikey'], headerFilter: boom }];
  const proxy = await startProxy(t, { upstreamPort: origin.port, phases });
  await rawExchange(t, proxy.port, GET.replace('/', '/?apikey=hush'));
  await assertReleased(proxy);
  assert.match(proxy.accessLines.join(), /apikey=\*\*\*/);
});

for (const code of ['000', '099', '101', '199', '600', '999']) {
  test(`an upstream that answers ${code} hurts nobody else`, async (t) => {
    const origin = await startRawOrigin(t, (socket) => {
      onRequestHead(socket, () => socket.end(`HTTP/1.1 ${code} Odd\r\nContent-Length: 0\r\n\r\n`));
    });
    const proxy = await startProxy(t, { upstreamPort: origin.port, service: { retries: 0 } });
    const { status } = await rawExchange(t, proxy.port, GET);
    assert.equal(status, Number(code) < 200 ? 502 : Number(code));
    await assertReleased(proxy);
  });
}

test('HTTP/2: fields that may stand once but come twice', async (t) => {
  const origin = await startRawOrigin(t, (socket) => {
    onRequestHead(socket, () =>
      socket.end(
        'HTTP/1.1 200 OK\r\nContent-Type: text/a\r\nContent-Type: text/b\r\nETag: 1\r\nETag: 2\r\n' +
          'X-Content-Type-Options: nosniff\r\nX-Content-Type-Options: nosniff\r\n' +
          'HTTP2-Settings: x\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n\r\nok',
      ),
    );
  });
  const proxy = await startProxy(t, { upstreamPort: origin.port, settings: HTTP2 });
  const answer = await askHttp2(t, proxy.port, { ':path': '/' });
  assert.equal(answer.status, 200);
  assert.equal(answer.text, 'ok');
  assert.equal(answer.headers['content-type'], 'text/a');
  assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
  await assertReleased(proxy);
});

test('HTTP/2: CONNECT is answered 405', async (t) => {
  const origin = await startOrigin(t);
  const proxy = await startProxy(t, { upstreamPort: origin.port, settings: HTTP2 });
  const answer = await askHttp2(t, proxy.port, { ':method': 'CONNECT', ':authority': 'a:80' });
  assert.equal(answer.status, 405);
  await assertReleased(proxy);
});

test('a client that breaks off after CONNECT', async (t) => {
  const origin = await startOrigin(t);
  const proxy = await startProxy(t, { upstreamPort: origin.port });
  for (let i = 0; i < 20; i++) {
    const client = await openRaw(t, proxy.port);
    client.write('CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\nx');
    client.socket.resetAndDestroy();
  }
  const { status } = await rawExchange(t, proxy.port, 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal(status, 405);
  await assertReleased(proxy);
});

for (const upgrade of ['websocket', 'h2c']) {
  test(`an upgrade to ${upgrade} behind a request under way waits for nobody`, async (t) => {
    const asked = deferred<() => void>();
    const origin = await startOrigin(t, (req, res) => {
      if (req.url !== '/slow') res.end('second');
      else asked.resolve(() => void res.end('first'));
    });
    const proxy = await startProxy(t, { upstreamPort: origin.port });
    const client = await openRaw(t, proxy.port);
    client.write(
      'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n' +
        `GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`,
    );
    const answerFirst = await asked.promise;
    answerFirst();
    assert.equal((await client.answer()).body, 'first');
    await client.closed();
    await assertReleased(proxy);
  });
}

test('an upgrade that is no GET is an ordinary request with its body', async (t) => {
  const origin = await startOrigin(t);
  const proxy = await startProxy(t, { upstreamPort: origin.port });
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n';
  const { status } = await rawExchange(t, proxy.port, `${head}Content-Length: 2\r\n\r\nhi`);
  assert.equal(status, 200);
  assert.equal(origin.seen[0]?.body, 'hi');
  await assertReleased(proxy);
});

test('an answer without a body does not announce one', async (t) => {
  const origin = await startRawOrigin(t, (socket) => {
    onRequestHead(socket, () =>
      socket.write('HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n'),
    );
  });
  const proxy = await startProxy(t, { upstreamPort: origin.port });
  const answer = await rawExchange(t, proxy.port, GET);
  assert.equal(answer.status, 204);
  assert.deepEqual(valuesOf(answer, 'content-length'), []);
  await assertReleased(proxy);
});

test('HTTP/2: a refused body that never ends does not hold the gateway', async (t) => {
  const origin = await startOrigin(t);
  const proxy = await startProxy(t, {
    upstreamPort: origin.port,
    settings: { ...HTTP2, clientMaxBodyBytes: 10 },
  });
  const session = connectHttp2(`http://127.0.0.1:${proxy.port}`);
  t.after(() => session.destroy());
  const stream = session.request({ ':method': 'POST', ':path': '/' });
  stream.on('error', () => {});
  stream.write(Buffer.alloc(100));
  const [answer]: IncomingHttpHeaders[] = await once(stream, 'response');
  assert.equal(Number(answer?.[':status']), 413);
  stream.resume();
  const sending = setInterval(() => stream.write('more'), 100);
  t.after(() => clearInterval(sending));
  await proxy.swap().closed;
  assert.equal(origin.seen.length, 0);
});

for (const [te, trailer] of [
  ['', false],
  ['Connection: TE\r\nTE: trailers\r\n', true],
] as const) {
  test(`trailers ${trailer ? 'reach' : 'do not reach'} a client that sends "${te.slice(16, -2)}"`, async (t) => {
    const origin = await startRawOrigin(t, (socket) => {
      onRequestHead(socket, () =>
        socket.write(
          'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n' +
            '2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n',
        ),
      );
    });
    const proxy = await startProxy(t, { upstreamPort: origin.port });
    const client = await openRaw(t, proxy.port);
    client.write(
      `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${te}\r\n`.replace(
        'close\r\nConnection: ',
        'close, ',
      ),
    );
    let text = '';
    client.socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    await client.closed();
    assert.equal(text.includes('X-Sum: 1'), trailer);
    assert.equal(text.includes('Trailer: X-Sum'), trailer);
  });
}

test('a client that leaves within the answer to a refused upgrade frees the upstream', async (t) => {
  const upstreamClosed = deferred<void>();
  const origin = await startRawOrigin(t, (socket) => {
    socket.once('close', () => upstreamClosed.resolve());
    onRequestHead(socket, () => socket.write('HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\nx'));
  });
  const proxy = await startProxy(t, { upstreamPort: origin.port });
  const client = await openRaw(t, proxy.port);
  client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
  await once(client.socket, 'data');
  client.socket.destroy();
  await upstreamClosed.promise;
  await assertReleased(proxy);
});
