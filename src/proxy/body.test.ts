/** Request bodies over real connections, HTTP/1.1 and HTTP/2. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import {
  connect as connectHttp2,
  createServer as createHttp2Server,
  type Http2ServerRequest,
} from 'node:http2';
import { connect, type Server, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import {
  readBody,
  streamBody,
  type BodyLimits,
  type BodyResult,
  type IncomingRequest,
  type UpstreamBody,
} from './body.ts';

const LIMITS: BodyLimits = {
  clientMaxBodyBytes: 0,
  clientBodyBufferBytes: 8192,
  clientBodyTimeoutMs: 60_000,
};

function portOf(server: Pick<Server, 'address'>): number {
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

type Read = (req: IncomingRequest) => unknown;

function deferredResult(): { promise: Promise<unknown>; resolve: (value: unknown) => void } {
  let settle: ((value: unknown) => void) | undefined;
  const promise = new Promise((resolve) => (settle = resolve));
  return { promise, resolve: (value) => settle?.(value) };
}

/** A server that gives each request to `read`; `result` is what became of the first one. */
async function serve(
  t: TestContext,
  read: Read,
): Promise<{ port: number; result: Promise<unknown> }> {
  const { promise: result, resolve: settle } = deferredResult();
  const server = createServer((req, res) => {
    settle(
      Promise.resolve(read(req)).finally(() => {
        res.end();
      }),
    );
  });
  result.catch(() => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: portOf(server), result };
}

async function sendRaw(t: TestContext, port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

const head = (fields: string): string => `POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`;

function bodyOf(result: BodyResult): UpstreamBody {
  assert.equal(result.kind, 'body');
  // oxlint-disable-next-line no-unnecessary-condition -- narrows for the compiler
  return result.kind === 'body' ? result.body : { kind: 'none' };
}

const reads: { name: string; text: string; bytes: string | undefined }[] = [
  { name: 'no body', text: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', bytes: undefined },
  { name: 'Content-Length 0', text: head('Content-Length: 0'), bytes: '' },
  { name: 'Content-Length', text: `${head('Content-Length: 3')}abc`, bytes: 'abc' },
  {
    name: 'chunked',
    text: `${head('Transfer-Encoding: chunked')}2\r\nab\r\n1\r\nc\r\n0\r\n\r\n`,
    bytes: 'abc',
  },
];
for (const { name, text, bytes } of reads) {
  test(`read whole: ${name}`, async (t) => {
    const { port, result } = await serve(t, (req) => readBody(req, LIMITS));
    await sendRaw(t, port, text);
    const body = await result;
    const expected =
      bytes === undefined ? { kind: 'none' } : { kind: 'memory', bytes: Buffer.from(bytes) };
    assert.deepEqual(body, { kind: 'body', body: expected });
  });
}

test('a large body goes to a file that can be read again, also while it is being read', async (t) => {
  const sent = Buffer.alloc(1_000_000, 'large body ');
  const { port, result } = await serve(t, async (req) => {
    const body = bodyOf(await readBody(req, LIMITS));
    assert.ok(body.kind === 'file');
    assert.equal(body.size, sent.length);
    const [first, second] = await Promise.all([buffer(body.open()), buffer(body.open())]);
    const third = body.open();
    body.release();
    assert.ok(sent.equals(first) && sent.equals(second));
    assert.ok(sent.equals(await buffer(third)), 'a stream that is open survives release');
    assert.throws(() => body.open(), /released/);
    return 'read';
  });
  const req = request({ port, method: 'POST' });
  req.end(sent);
  const [res] = await once(req, 'response');
  res.resume();
  assert.equal(await result, 'read');
});

test('the bytes of a file body are there for plugins, and destroying a stream early is harmless', async (t) => {
  const sent = Buffer.alloc(100_000, 'x');
  const { port, result } = await serve(t, async (req) => {
    const body = bodyOf(await readBody(req, LIMITS));
    assert.ok(body.kind === 'file');
    const early = body.open();
    early.read();
    early.destroy();
    await once(early, 'close');
    const bytes = await body.bytes();
    body.release();
    return bytes.length;
  });
  const req = request({ port, method: 'POST' });
  req.end(sent);
  (await once(req, 'response'))[0].resume();
  assert.equal(await result, sent.length);
});

const LIMITED = { ...LIMITS, clientMaxBodyBytes: 4 };
const HASTY = { ...LIMITS, clientBodyTimeoutMs: 20 };
const refusals: { name: string; text: string; limits: BodyLimits; kind: string }[] = [
  {
    name: 'a declared length',
    text: head('Content-Length: 5'),
    limits: LIMITED,
    kind: 'too-large',
  },
  {
    name: 'a chunked body that grows',
    text: `${head('Transfer-Encoding: chunked')}3\r\nabc\r\n3\r\ndef\r\n`,
    limits: LIMITED,
    kind: 'too-large',
  },
  {
    name: 'a silent client',
    text: `${head('Content-Length: 5')}ab`,
    limits: HASTY,
    kind: 'timeout',
  },
];
for (const { name, text, limits, kind } of refusals) {
  test(`refused while buffering: ${name} is ${kind}`, async (t) => {
    const { port, result } = await serve(t, (req) => readBody(req, limits));
    await sendRaw(t, port, text);
    assert.deepEqual(await result, { kind });
  });

  test(`refused while streaming: ${name} is ${kind}`, async (t) => {
    const { port, result } = await serve(t, async (req) => {
      const outcome = streamBody(req, limits);
      if (outcome.kind !== 'body') return outcome.kind;
      const body = bodyOf(outcome);
      assert.ok(body.kind === 'stream');
      await assert.rejects(buffer(body.open()));
      return body.failure();
    });
    await sendRaw(t, port, text);
    assert.equal(await result, kind);
  });
}

test('exactly the limit is allowed', async (t) => {
  const { port, result } = await serve(t, (req) => readBody(req, LIMITED));
  await sendRaw(t, port, `${head('Transfer-Encoding: chunked')}4\r\nabcd\r\n0\r\n\r\n`);
  assert.deepEqual(await result, {
    kind: 'body',
    body: { kind: 'memory', bytes: Buffer.from('abcd') },
  });
});

test('a client that leaves: buffering rejects, streaming fails as aborted', async (t) => {
  const reader = await serve(t, async (req) => {
    setImmediate(() => client.destroy());
    await assert.rejects(async () => readBody(req, LIMITS), { code: 'ERR_CLIENT_ABORTED' });
    return 'rejected';
  });
  let client = await sendRaw(t, reader.port, `${head('Content-Length: 5')}ab`);
  assert.equal(await reader.result, 'rejected');

  const streamer = await serve(t, async (req) => {
    const body = bodyOf(streamBody(req, LIMITS));
    assert.ok(body.kind === 'stream');
    setImmediate(() => client.destroy());
    await assert.rejects(buffer(body.open()), { code: 'ERR_CLIENT_ABORTED' });
    return body.failure();
  });
  client = await sendRaw(t, streamer.port, `${head('Content-Length: 5')}ab`);
  assert.equal(await streamer.result, 'aborted');
});

test('a streamed body holds the client back and cannot be sent twice', async (t) => {
  const total = 32 * 1024 * 1024;
  const { port, result } = await serve(t, async (req) => {
    const body = bodyOf(streamBody(req, LIMITS));
    assert.ok(body.kind === 'stream');
    assert.equal(body.length, total);
    assert.equal(body.started(), false);
    // A try that never took a byte may be given up for another.
    const unused = body.open().destroy();
    await once(unused, 'close');
    await new Promise((resolve) => setImmediate(resolve));
    const stream: Readable = body.open();
    await once(stream, 'readable');
    const held = req.socket.bytesRead;
    // Nobody reads for a few turns of the loop: what has come in stays bounded.
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(req.socket.bytesRead - held < 1024 * 1024, 'the client is held back');
    const { length } = await buffer(stream);
    assert.throws(() => body.open(), /twice/);
    assert.equal(body.started(), true);
    return length;
  });
  const req = request({ port, method: 'POST', headers: { 'Content-Length': total } });
  req.end(Buffer.alloc(total));
  (await once(req, 'response'))[0].resume();
  assert.equal(await result, total);
});

test('HTTP/2: none, whole and streamed', async (t) => {
  const kinds: unknown[] = [];
  const server = createHttp2Server((req: Http2ServerRequest, res) => {
    const read = async (): Promise<void> => {
      if (req.url === '/stream') {
        const body = bodyOf(streamBody(req, LIMITS));
        assert.ok(body.kind === 'stream');
        kinds.push((await buffer(body.open())).toString());
      } else kinds.push(bodyOf(await readBody(req, LIMITS)).kind);
    };
    void read().finally(() => res.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = connectHttp2(`http://127.0.0.1:${portOf(server)}`);
  t.after(() => {
    session.destroy();
    server.close();
  });
  for (const { path, body } of [
    { path: '/none', body: undefined },
    { path: '/whole', body: 'abc' },
    { path: '/stream', body: 'streamed' },
  ]) {
    const method = body === undefined ? 'GET' : 'POST';
    const stream = session.request({ ':path': path, ':method': method });
    stream.end(body);
    stream.resume();
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await once(stream, 'end');
  }
  assert.deepEqual(kinds, ['none', 'memory', 'streamed']);
});
