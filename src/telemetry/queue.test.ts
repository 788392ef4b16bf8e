/** The queue: its bounds, its tries, its order, and what becomes of it at the end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepingLogger, until } from '../gateway/log-run.test.fixture.ts';
import { createQueue, type QueueSettings } from './queue.ts';

const DEFAULTS: QueueSettings = {
  max_batch_size: 1,
  max_coalescing_delay: 1,
  max_entries: 10_000,
  max_bytes: null,
  max_retry_time: 60,
  initial_retry_delay: 0.01,
  max_retry_delay: 60,
  concurrency_limit: 1,
};

interface Sending {
  readonly batch: readonly string[];
  readonly at: number;
  readonly done: () => void;
  readonly fail: () => void;
}

/** A queue whose sendings the test ends. */
function start(settings: Partial<QueueSettings>, drainMs?: number) {
  const { log, lines } = keepingLogger();
  const sendings: Sending[] = [];
  const queue = createQueue({
    settings: { ...DEFAULTS, ...settings },
    log,
    ...(drainMs !== undefined && { drainMs }),
    send: (batch, signal) =>
      new Promise((resolve, reject) => {
        const fail = () => reject(new Error('refused'));
        signal.addEventListener('abort', fail);
        sendings.push({ batch, at: performance.now(), done: resolve, fail });
      }),
  });
  const sending = (i: number) => until(() => sendings[i]);
  const errors = () => lines.filter(({ level }) => level === 'error');
  return { queue, sendings, sending, lines, errors };
}

test('entries go in order, one batch after another', async () => {
  const { queue, sendings, sending } = start({});
  for (const entry of ['a', 'b', 'c']) queue.push(entry);
  for (const [i, entry] of ['a', 'b', 'c'].entries()) {
    // oxlint-disable-next-line no-await-in-loop -- one after another
    const { batch, done } = await sending(i);
    assert.deepEqual(batch, [entry]);
    assert.equal(sendings.length, i + 1);
    done();
  }
  await queue.close();
});

test('max_entries: the oldest that wait give way, and the log says how many', async () => {
  const { queue, sending, lines, errors } = start({ max_entries: 3 });
  queue.push('sent');
  const { done } = await sending(0);
  for (const entry of ['a', 'b', 'c', 'd', 'e']) queue.push(entry);
  assert.match(lines[0]?.message ?? '', /nearly full/);
  assert.deepEqual(errors()[0]?.fields, { dropped: 1 });
  done();
  for (const [i, entry] of ['c', 'd', 'e'].entries()) {
    // oxlint-disable-next-line no-await-in-loop -- one after another
    const next = await sending(i + 1);
    assert.deepEqual(next.batch, [entry]);
    next.done();
  }
  await queue.close();
  assert.deepEqual(
    errors().map(({ fields }) => fields),
    [{ dropped: 1 }, { dropped: 1 }],
  );
});

test('max_bytes: of all that wait, and of one entry', async () => {
  const { queue, sending, errors } = start({ max_bytes: 10 });
  queue.push('x'.repeat(11));
  assert.match(errors()[0]?.message ?? '', /longer than max_bytes/);
  queue.push('sent');
  (await sending(0)).done();
  const second = (queue.push('12345'), queue.push('67890'), queue.push('abc'), sending(1));
  assert.deepEqual((await second).batch, ['67890']);
  (await second).done();
  (await sending(2)).done();
  await queue.close();
});

test('initial_retry_delay doubles up to max_retry_delay, until max_retry_time is over', async () => {
  const retries = { initial_retry_delay: 0.02, max_retry_delay: 0.04, max_retry_time: 0.1 };
  const { queue, sendings, sending, errors } = start(retries);
  queue.push('a');
  for (let i = 0; errors().length === 0; i++) {
    // oxlint-disable-next-line no-await-in-loop -- one after another
    const next = await until(() => sendings[i] ?? (errors().length > 0 ? null : undefined));
    next?.fail();
    // oxlint-disable-next-line no-await-in-loop -- see above
    await new Promise(setImmediate);
  }
  const pauses = sendings.slice(1).map(({ at }, i) => at - (sendings[i]?.at ?? 0));
  assert.ok(pauses.length >= 2 && pauses.length <= 5, String(pauses));
  assert.ok(
    pauses.every((pause, i) => pause >= (i === 0 ? 18 : 38)),
    String(pauses),
  );
  assert.equal(errors()[0]?.message, 'log records were lost: refused');
  assert.deepEqual((await sending(0)).batch, ['a']);
  await queue.close();
});

test('concurrency_limit -1: every entry at once', async () => {
  const { queue, sendings } = start({ concurrency_limit: -1, max_entries: 2, max_batch_size: 5 });
  for (const entry of ['a', 'b', 'c']) queue.push(entry);
  assert.deepEqual(
    sendings.map(({ batch }) => batch),
    [['a'], ['b']],
  );
  for (const { done } of sendings) done();
  await queue.close();
});

test('close sends what waits without coalescing, and then is silent', async () => {
  const { queue, sending, sendings } = start({ max_batch_size: 10, max_coalescing_delay: 3600 });
  queue.push('a');
  queue.push('b');
  const closed = queue.close();
  const { batch, done } = await sending(0);
  assert.deepEqual(batch, ['a', 'b']);
  done();
  await closed;
  queue.push('late');
  assert.equal(sendings.length, 1);
});

test('close does not wait for a server that is away', async () => {
  const { queue, sending, errors } = start({}, 20);
  queue.push('a');
  queue.push('b');
  await sending(0);
  await queue.close();
  const total = errors().reduce(
    (sum, { fields }) => sum + Number(Reflect.get(fields, 'dropped')),
    0,
  );
  assert.equal(total, 2);
});
