/** Windows and counts: calendar bounds, the last use, and processes that ask another one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deferred } from '../../test/support/deferred.ts';
import { createLocalCounters } from './local.ts';
import { answerBatch, createRemoteCounters, type CounterBatch } from './remote.ts';
import { counterName, createWindowClock, limitsOf, scopeOf } from './windows.ts';

const at = (iso: string): number => Date.parse(iso);
const none = { second: null, minute: null, hour: null, day: null, month: null, year: null };
const clock = (limits: Partial<Record<keyof typeof none, number>>) =>
  createWindowClock('ratelimit:r:s', limitsOf({ ...none, ...limits }));

const all = { second: 1, minute: 2, hour: 3, day: 4, month: 5, year: 6 };
const BOUNDS: readonly (readonly [
  now: string,
  starts: readonly string[],
  ends: readonly string[],
])[] = [
  [
    '2024-02-29T23:59:59.999Z',
    [
      '2024-02-29T23:59:59Z',
      '2024-02-29T23:59Z',
      '2024-02-29T23:00Z',
      '2024-02-29',
      '2024-02-01',
      '2024-01-01',
    ],
    ['2024-03-01', '2024-03-01', '2024-03-01', '2024-03-01', '2024-03-01', '2025-01-01'],
  ],
  [
    '2024-12-31T12:34:56.789Z',
    [
      '2024-12-31T12:34:56Z',
      '2024-12-31T12:34Z',
      '2024-12-31T12:00Z',
      '2024-12-31',
      '2024-12-01',
      '2024-01-01',
    ],
    [
      '2024-12-31T12:34:57Z',
      '2024-12-31T12:35Z',
      '2024-12-31T13:00Z',
      '2025-01-01',
      '2025-01-01',
      '2025-01-01',
    ],
  ],
];

for (const [now, starts, ends] of BOUNDS) {
  test(`windows at ${now} are UTC's`, () => {
    const windows = clock(all)(at(now));
    assert.deepEqual(
      windows.map(({ startMs }) => startMs),
      starts.map(at),
    );
    assert.deepEqual(
      windows.map(({ endMs }) => endMs),
      ends.map(at),
    );
    assert.deepEqual(
      windows.map(({ seconds }) => seconds),
      [1, 60, 3600, 86_400, 2_592_000, 31_536_000],
    );
  });
}

test('a clock gives the same windows until one ends, and finds old ones when it is set back', () => {
  const windowsAt = clock({ minute: 1, hour: 1 });
  const first = windowsAt(60_000);
  assert.equal(windowsAt(119_999), first);
  assert.notEqual(windowsAt(120_000), first);
  assert.deepEqual(windowsAt(60_000), first);
});

test("names are Kong's", () => {
  const scope = scopeOf({ route: { id: 'route' }, service: null });
  const [minute] = createWindowClock(
    `ratelimit:${scope}`,
    limitsOf({ ...none, minute: 1 }),
  )(60_000);
  assert.ok(minute);
  const name = 'ratelimit:route:00000000-0000-0000-0000-000000000000:ada:60000:minute';
  assert.equal(counterName(minute, 'ada'), name);
});

test('take counts in all windows or in none', () => {
  const counters = createLocalCounters(() => 0);
  const windows = clock({ minute: 2, hour: 3 })(0);
  assert.deepEqual(counters.take(windows, 'a'), [0, 0]);
  assert.deepEqual(counters.take(windows, 'a'), [1, 1]);
  assert.deepEqual(counters.take(windows, 'a'), [2, 2], 'refused: the minute has none left');
  assert.deepEqual(counters.read(windows, 'a'), [2, 2]);
  assert.deepEqual(counters.take(windows, 'b'), [0, 0], 'another identifier has its own');
});

test('a part of a use is one use', () => {
  const counters = createLocalCounters(() => 0);
  const windows = clock({ hour: 1.5 })(0);
  const usages = [1, 2, 3].map(() => counters.take(windows, 'a')[0]);
  assert.deepEqual(usages, [0, 1, 2]);
  assert.deepEqual(counters.read(windows, 'a'), [2]);
});

test('a new window begins at nothing; an added amount may overdraw', () => {
  let now = 0;
  const counters = createLocalCounters(() => now);
  const windowsAt = clock({ minute: 2 });
  counters.add(windowsAt(0), 'a', 5);
  assert.deepEqual(counters.take(windowsAt(0), 'a'), [5]);
  now = 60_000;
  assert.deepEqual(counters.take(windowsAt(now), 'a'), [0]);
});

test('identifiers are bounded: the oldest goes first', () => {
  const counters = createLocalCounters(() => 0);
  const windows = clock({ hour: 10 })(0);
  for (let i = 0; i <= 100_000; i++) counters.take(windows, `client-${i}`);
  assert.deepEqual(counters.read(windows, 'client-0'), [0]);
  assert.deepEqual(counters.read(windows, 'client-1'), [1]);
});

test('calls of one turn travel as one batch and are answered in order', async () => {
  const holder = createLocalCounters(() => 0);
  const batches: CounterBatch[] = [];
  const remote = createRemoteCounters((batch) => {
    batches.push(batch);
    remote.receive(answerBatch(holder, batch));
  });
  const windows = clock({ hour: 2 })(0);
  const answers = await Promise.all([
    remote.take(windows, 'a'),
    remote.add(windows, 'a', 4),
    remote.take(windows, 'a'),
    remote.read(windows, 'b'),
  ]);
  assert.deepEqual(answers, [[0], undefined, [5], [0]]);
  assert.equal(batches.length, 1);
});

test('a holder that does not answer is given up', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const sent = deferred<void>();
  const remote = createRemoteCounters(() => sent.resolve(undefined));
  const answer = remote.take(clock({ hour: 2 })(0), 'a');
  await sent.promise;
  t.mock.timers.tick(5000);
  await assert.rejects(Promise.resolve(answer), { code: 'ERR_COUNTER' });
});
