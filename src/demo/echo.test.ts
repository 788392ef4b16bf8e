/** The embedded upstream answers as httpbin does where tests and demos rely on it. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { startEcho, type Echo } from './echo.ts';

async function echo(t: TestContext): Promise<Echo> {
  const started = await startEcho({ host: '127.0.0.1', port: 0 });
  t.after(() => started.close());
  return started;
}

test('reports method, arguments, headers, body and origin', async (t) => {
  const { url } = await echo(t);
  const answer = await fetch(`${url}/anything/x?a=1&a=2&__proto__=p`, {
    method: 'PUT',
    headers: { 'X-Mine': 'yes' },
    body: '{"k":[1]}',
  });
  const body: unknown = await answer.json();
  assert.equal(answer.status, 200);
  assert.ok(typeof body === 'object' && body !== null && 'args' in body && 'json' in body);
  assert.ok('method' in body && 'path' in body && 'headers' in body && 'data' in body);
  assert.equal(body.method, 'PUT');
  assert.equal(body.path, '/anything/x');
  assert.equal(JSON.stringify(body.args), '{"a":["1","2"],"__proto__":"p"}');
  assert.deepEqual(body.json, { k: [1] });
  assert.equal(body.data, '{"k":[1]}');
  assert.match(JSON.stringify(body.headers), /"x-mine":"yes"/i);
});

const STATUSES: readonly (readonly [path: string, status: number, body: RegExp])[] = [
  ['/status/418', 418, /"path": "\/status\/418"/],
  ['/anything/status/503', 503, /"method": "GET"/],
  ['/status/nonsense', 200, /"method": "GET"/],
  ['/headers', 200, /^\{\s+"headers"/],
  ['/bytes/5', 200, /^aaaaa$/],
  ['/stream/3', 200, /^(\{.*\}\n){3}$/],
  ['/sse/1', 200, /^id: 1\ndata: \{"n":1\}\n\n$/],
  ['/delay/0', 200, /"url"/],
];
for (const [path, status, body] of STATUSES) {
  test(`GET ${path} answers ${status}`, async (t) => {
    const { url } = await echo(t);
    const answer = await fetch(url + path);
    assert.equal(answer.status, status);
    assert.match(await answer.text(), body);
  });
}

for (const size of [0, 5, 125, 126, 65_535, 65_536, 200_000]) {
  test(`a WebSocket message of ${size} bytes comes back`, async (t) => {
    const { port } = await echo(t);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/anything/ws`);
    t.after(() => socket.terminate());
    const message = 'x'.repeat(size);
    socket.on('open', () => socket.send(message));
    const back = await new Promise<string>((resolve, reject) => {
      socket.on('message', (data) =>
        resolve(Buffer.isBuffer(data) ? data.toString() : 'not one buffer'),
      );
      socket.on('error', reject);
    });
    assert.equal(back, message);
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    socket.close(1000);
    assert.equal(await closed, 1000);
  });
}

test('an upgrade elsewhere is refused', async (t) => {
  const { port } = await echo(t);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/anything`);
  t.after(() => socket.terminate());
  const error = await new Promise<Error>((resolve) => socket.on('error', resolve));
  assert.match(error.message, /400/);
});
