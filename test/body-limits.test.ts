/** What a plugin with a limit makes of bodies on the wire: measured, forwarded whole, or given up in the middle. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { fakeBuild } from '../src/gateway/fake-context.test.fixture.ts';
import { requestSizeLimiting } from '../src/plugins/request-size-limiting/index.ts';
import { startOrigin } from './support/origin.ts';
import { startProxy, type ProxyOptions } from './support/proxy.ts';
import { openRaw, valuesOf } from './support/raw-client.ts';

const phases = requestSizeLimiting.compile(
  { allowed_payload_size: 10, size_unit: 'bytes', require_content_length: false },
  fakeBuild(),
);
const head = (...fields: string[]): string =>
  ['POST / HTTP/1.1', 'Host: a.test', ...fields, '', ''].join('\r\n');
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const CHUNKED = 'Transfer-Encoding: chunked';

async function setUp(
  t: Parameters<typeof startOrigin>[0],
  settings: ProxyOptions['settings'] = {},
) {
  const origin = await startOrigin(t);
  const { port } = await startProxy(t, { upstreamPort: origin.port, phases: [phases], settings });
  return { origin, client: await openRaw(t, port) };
}

test('a chunked body within the limit is measured and reaches the upstream whole', async (t) => {
  const { origin, client } = await setUp(t);
  client.write(head(CHUNKED) + chunk('01234') + chunk('56789') + chunk(''));
  assert.equal((await client.answer()).status, 200);
  assert.equal(origin.seen[0]?.body, '0123456789');
});

test('one above the limit is given up before its end; the upstream is not asked', async (t) => {
  const { origin, client } = await setUp(t);
  client.write(head(CHUNKED) + chunk('01234567890'));
  assert.equal((await client.answer()).status, 413);
  assert.equal(origin.seen.length, 0);
});

test('a client that was told to go on and is refused then loses its connection', async (t) => {
  const { client } = await setUp(t);
  client.write(head(CHUNKED, 'Expect: 100-continue'));
  const [told] = await once(client.socket, 'data');
  assert.match(String(told), /^HTTP\/1\.1 100 Continue\r\n/);
  client.write(chunk('01234567890'));
  const refusal = await client.answer();
  assert.equal(refusal.status, 417);
  assert.deepEqual(valuesOf(refusal, 'connection'), ['close']);
  await client.closed();
});

test("the gateway's own limit stands when it is the lower one", async (t) => {
  const { client } = await setUp(t, { clientMaxBodyBytes: 5 });
  client.write(head(CHUNKED) + chunk('0123456'));
  const refusal = await client.answer();
  assert.equal(refusal.status, 413);
  assert.match(refusal.body, /Payload too large/);
});
