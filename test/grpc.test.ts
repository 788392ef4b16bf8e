/** gRPC through the gateway with the real grpc-js on both sides: every kind of call. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  connect as connectHttp2,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { test } from 'node:test';
import { Metadata, status, type ServerDuplexStream } from '@grpc/grpc-js';
import { deferred } from './support/deferred.ts';
import {
  asIs,
  endOf,
  METHODS,
  OK_HEAD,
  proxyOptions,
  startRaw,
  through,
  unary,
  type Answer,
  type Bytes,
  type Unary,
} from './support/grpc.ts';
import { startProxy } from './support/proxy.ts';

test('a unary call: message, metadata both ways, trailers', async (t) => {
  const seen = deferred<Metadata>();
  const client = await through(t, {
    unary(call: Unary, done: Answer) {
      seen.resolve(call.metadata);
      const head = new Metadata();
      head.set('x-head', 'h');
      call.sendMetadata(head);
      const trailers = new Metadata();
      trailers.set('x-trailer', 't');
      trailers.set('x-bytes-bin', Buffer.from([0, 255]));
      done(null, Buffer.from('pong'), trailers);
    },
  });
  const metadata = new Metadata();
  metadata.set('x-asked', 'yes');
  metadata.set('x-bytes-bin', Buffer.from([1, 2, 254]));
  const answer = await unary(client, Buffer.from('ping'), { metadata });
  assert.equal(answer.message?.toString(), 'pong');
  assert.equal(answer.status.code, status.OK);
  assert.deepEqual(answer.head.get('x-head'), ['h']);
  assert.deepEqual(answer.status.metadata.get('x-trailer'), ['t']);
  assert.deepEqual(answer.status.metadata.get('x-bytes-bin'), [Buffer.from([0, 255])]);
  assert.match(String(answer.head.get('via')), /^2 kong\//);
  const asked = await seen.promise;
  assert.deepEqual(asked.get('x-asked'), ['yes']);
  assert.deepEqual(asked.get('x-bytes-bin'), [Buffer.from([1, 2, 254])]);
  assert.deepEqual(asked.get('x-forwarded-path'), [METHODS.unary.path]);
});

test('an empty message and one of 8 MB', async (t) => {
  const client = await through(t, {});
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(8 << 20, 'x')]) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { message, error } = await unary(client, bytes);
    assert.equal(error, null);
    assert.ok(message?.equals(bytes));
  }
});

test('an error status with its text and metadata, over a head that is the whole answer', async (t) => {
  const client = await through(t, {
    unary(_call: Unary, done: Answer) {
      const metadata = new Metadata();
      metadata.set('x-why', 'because');
      done({ code: status.FAILED_PRECONDITION, details: 'nö, 100 %', metadata });
    },
  });
  const { status: end } = await unary(client, Buffer.from('x'));
  assert.equal(end.code, status.FAILED_PRECONDITION);
  assert.equal(end.details, 'nö, 100 %');
  assert.deepEqual(end.metadata.get('x-why'), ['because']);
});

test('client streaming', async (t) => {
  const client = await through(t, {});
  const { path } = METHODS.collect;
  const answer = await new Promise<Buffer | undefined>((resolve, reject) => {
    const call = client.makeClientStreamRequest(path, asIs, asIs, (error, message) => {
      if (error === null) resolve(message);
      else reject(error);
    });
    for (const part of ['a', 'b', 'c']) call.write(Buffer.from(part));
    call.end();
  });
  assert.equal(answer?.toString(), 'abc');
});

test('server streaming', async (t) => {
  const client = await through(t, {});
  const call = client.makeServerStreamRequest(METHODS.list.path, asIs, asIs, Buffer.from('abc'));
  const parts: string[] = [];
  call.on('data', (part: Buffer) => parts.push(part.toString()));
  const end = await endOf(call);
  assert.equal(end.code, status.OK);
  assert.deepEqual(parts, ['a', 'b', 'c']);
});

test('a conversation: each word is answered before the next one is said', async (t) => {
  const client = await through(t, {});
  const call = client.makeBidiStreamRequest(METHODS.chat.path, asIs, asIs);
  const ended = endOf(call);
  for (const word of ['one', 'two', 'three']) {
    call.write(Buffer.from(word));
    // oxlint-disable-next-line no-await-in-loop -- the answer to this word
    const [answer]: unknown[] = await once(call, 'data');
    assert.equal(String(answer), word);
  }
  call.end();
  const end = await ended;
  assert.equal(end.code, status.OK);
});

test('a server that ends while the client is still talking', async (t) => {
  const client = await through(t, {
    chat(call: ServerDuplexStream<Bytes, Bytes>) {
      call.once('data', () => call.emit('error', { code: status.ABORTED, details: 'enough' }));
    },
  });
  const call = client.makeBidiStreamRequest(METHODS.chat.path, asIs, asIs);
  call.on('data', () => {});
  call.write(Buffer.from('blah'));
  const end = await endOf(call);
  assert.equal(end.code, status.ABORTED);
  assert.equal(end.details, 'enough');
});

/** grpc-js reads whether anybody listens or not, so this client is a bare one. */
test('back-pressure: a client that does not read stops the server', async (t) => {
  const CHUNK = Buffer.alloc(64 * 1024);
  const CHUNKS = 1000;
  let taken = 0;
  const stopped = deferred<void>();
  const port = await startRaw(t, (session) => {
    session.on('stream', (stream) => {
      stream.on('error', () => {});
      stream.respond(OK_HEAD, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      const pump = (): void => {
        while (taken < CHUNKS) {
          taken++;
          if (stream.write(CHUNK)) continue;
          // Still waiting after this time: nobody takes any more.
          const timer = setTimeout(() => stopped.resolve(), 200);
          stream.once('drain', () => {
            clearTimeout(timer);
            pump();
          });
          return;
        }
        stream.end();
      };
      pump();
    });
  });
  const proxy = await startProxy(t, proxyOptions(port));
  const session = connectHttp2(`http://127.0.0.1:${proxy.port}`);
  t.after(() => session.destroy());
  const call = session.request({
    ':method': 'POST',
    ':path': METHODS.list.path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  call.end();
  call.pause();
  await stopped.promise;
  assert.ok(taken < 100, `${taken} of ${CHUNKS} chunks were taken`);
  let bytes = 0;
  let trailers: unknown;
  call.on('data', (chunk: Buffer) => (bytes += chunk.length));
  call.on('trailers', (found: IncomingHttpHeaders) => (trailers = found['grpc-status']));
  call.resume();
  await once(call, 'end');
  assert.equal(bytes, CHUNKS * CHUNK.length);
  assert.equal(trailers, '0');
});

test('back-pressure: a server that does not read stops the client', async (t) => {
  const CHUNK = Buffer.alloc(64 * 1024);
  const begun = deferred<ServerHttp2Stream>();
  const port = await startRaw(t, (session) => {
    session.on('stream', (stream) => {
      stream.on('error', () => {});
      begun.resolve(stream);
    });
  });
  const proxy = await startProxy(t, proxyOptions(port));
  const session = connectHttp2(`http://127.0.0.1:${proxy.port}`);
  t.after(() => session.destroy());
  const call = session.request({
    ':method': 'POST',
    ':path': METHODS.collect.path,
    'content-type': 'application/grpc',
  });
  call.on('error', () => {});
  let sent = 0;
  const stopped = deferred<void>();
  const pump = (): void => {
    sent++;
    if (call.write(CHUNK)) return pump();
    const timer = setTimeout(() => stopped.resolve(), 200);
    call.once('drain', () => {
      clearTimeout(timer);
      pump();
    });
  };
  pump();
  const stream = await begun.promise;
  await stopped.promise;
  assert.ok(sent < 100, `${sent} chunks were taken`);
  const before = sent;
  stream.resume();
  await once(call, 'drain');
  assert.ok(sent >= before);
});

test('cancellation reaches the server', async (t) => {
  const begun = deferred<void>();
  const cancelled = deferred<void>();
  const client = await through(t, {
    chat(call: ServerDuplexStream<Bytes, Bytes>) {
      call.on('data', () => begun.resolve());
      call.on('cancelled', () => cancelled.resolve());
    },
  });
  const call = client.makeBidiStreamRequest(METHODS.chat.path, asIs, asIs);
  call.on('error', () => {});
  call.write(Buffer.from('x'));
  await begun.promise;
  call.cancel();
  await cancelled.promise;
});

test('a deadline passes to the server, and ends the call on both sides', async (t) => {
  const seen = deferred<Unary>();
  const cancelled = deferred<void>();
  const client = await through(t, {
    unary(call: Unary) {
      seen.resolve(call);
      call.on('cancelled', () => cancelled.resolve());
    },
  });
  const deadline = Date.now() + 200;
  const answer = await unary(client, Buffer.from('x'), { deadline });
  assert.equal(answer.status.code, status.DEADLINE_EXCEEDED);
  await cancelled.promise;
  const told = Number((await seen.promise).getDeadline());
  assert.ok(Math.abs(told - deadline) < 200, `told ${told}, wanted ${deadline}`);
});

test('fifty calls at a time share a connection', async (t) => {
  const sessions = new Set<string>();
  const client = await through(t, {
    unary(call: Unary, done: Answer) {
      sessions.add(call.getPeer());
      setTimeout(() => done(null, call.request), 20);
    },
  });
  await unary(client, Buffer.from('warm'));
  const calls = Array.from({ length: 50 }, (_, i) => unary(client, Buffer.from([i])));
  const answers = await Promise.all(calls);
  assert.deepEqual(
    answers.map(({ message }) => message?.[0]),
    answers.map((_, i) => i),
  );
  assert.equal(sessions.size, 1);
});
