/** The limits of the parts of a call: connecting, sending, reading. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { OutboundRequest, PartTimeouts } from '../services.ts';
import { startOrigin, startRawOrigin } from '../../test/support/origin.ts';
import { createOutbound, type OutboundOptions } from './index.ts';

const LONG_MS = 60_000;
const SHORT_MS = 50;
const patient: PartTimeouts = { connectMs: LONG_MS, sendMs: LONG_MS, readMs: LONG_MS };

const never = (): Promise<never> => new Promise(() => {});
const here: OutboundOptions['resolve'] = () => [{ ip: '127.0.0.1' }];

async function failure(
  t: TestContext,
  request: Partial<OutboundRequest>,
  resolve = here,
): Promise<string> {
  const client = createOutbound({ resolve });
  t.after(() => client.close());
  const wanted = { url: 'http://server.test', method: 'POST' as const, timeoutMs: LONG_MS };
  return client.request({ ...wanted, ...request }).then(
    () => 'answered',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

test('connectMs: a name that is not found in time', async (t) => {
  // Something that keeps the process: this timer alone does not.
  await startOrigin(t);
  const partTimeouts = { ...patient, connectMs: SHORT_MS };
  assert.equal(await failure(t, { partTimeouts }, never), 'no connection in time');
});

test('sendMs: a server that takes no more of the body', async (t) => {
  const origin = await startRawOrigin(t, (socket) => {
    socket.on('error', () => {});
    socket.pause();
  });
  const request = {
    url: origin.url,
    body: 'x'.repeat(32 * 1024 * 1024),
    partTimeouts: { ...patient, sendMs: SHORT_MS },
  };
  assert.equal(await failure(t, request), 'not sent in time');
});

test('readMs: a server that does not answer', async (t) => {
  const origin = await startOrigin(t, () => {});
  const request = { url: origin.url, partTimeouts: { ...patient, readMs: SHORT_MS } };
  assert.equal(await failure(t, request), 'no answer in time');
});

test('a body that goes in pieces arrives whole, with its length', async (t) => {
  const origin = await startOrigin(t);
  const body = Buffer.alloc(300_000, 'abc');
  const request = { url: origin.url, body, partTimeouts: patient };
  assert.equal(await failure(t, request), 'answered');
  const [seen] = origin.seen;
  assert.equal(seen?.body, body.toString());
  assert.ok(seen.lines.includes('content-length: 300000'));
});
