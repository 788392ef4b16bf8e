/** What the board makes of observations, in one process and between two. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENT } from '../../log.ts';
import {
  createHealthBoard,
  type AddressRecord,
  type Health,
  type HealthBoard,
  type HealthChange,
  type Observation,
  type UpstreamBoard,
} from './board.ts';

const KEY = '10.0.0.1:80 a.test';

interface Opened {
  readonly board: HealthBoard;
  readonly upstream: UpstreamBoard;
  readonly record: AddressRecord;
  readonly changes: () => number;
}

function open(board = createHealthBoard({ log: SILENT })): Opened {
  let changes = 0;
  const upstream = board.open('u', () => changes++);
  return { board, upstream, record: upstream.hold(KEY), changes: () => changes };
}

type Step = readonly [Observation, limit: number, expected: Health];

const CASES: readonly (readonly [name: string, steps: readonly Step[]])[] = [
  [
    'failures up to the limit, successes up to theirs',
    [
      ['http', 2, 'mostly_healthy'],
      ['http', 2, 'unhealthy'],
      ['success', 2, 'mostly_unhealthy'],
      ['success', 2, 'healthy'],
    ],
  ],
  [
    'a success clears the failures before it, and a failure the successes',
    [
      ['http', 2, 'mostly_healthy'],
      ['success', 1, 'healthy'],
      ['http', 2, 'mostly_healthy'],
      ['http', 2, 'unhealthy'],
      ['success', 2, 'mostly_unhealthy'],
      ['tcp', 1, 'unhealthy'],
      ['success', 2, 'mostly_unhealthy'],
      ['success', 2, 'healthy'],
    ],
  ],
  [
    'each kind of failure has a counter of its own',
    [
      ['http', 2, 'mostly_healthy'],
      ['tcp', 2, 'mostly_healthy'],
      ['timeout', 2, 'mostly_healthy'],
      ['tcp', 2, 'unhealthy'],
    ],
  ],
  [
    'a limit of 0 turns a rule off',
    [
      ['http', 0, 'healthy'],
      ['tcp', 0, 'healthy'],
      ['timeout', 0, 'healthy'],
      ['http', 1, 'unhealthy'],
      ['success', 0, 'unhealthy'],
    ],
  ],
  [
    'failures are counted in a row also where no success makes healthy',
    [
      ['http', 2, 'mostly_healthy'],
      ['success', 0, 'healthy'],
      ['http', 2, 'mostly_healthy'],
    ],
  ],
];

for (const [name, steps] of CASES) {
  test(name, () => {
    const { upstream, record } = open();
    for (const [observation, limit, expected] of steps) {
      upstream.observe(record, observation, limit);
      assert.equal(record.health, expected, `after ${observation}`);
    }
  });
}

test('who has the upstream open hears of what becomes available or not, and of nothing else', () => {
  const { upstream, record, changes } = open();
  upstream.observe(record, 'http', 2);
  assert.equal(changes(), 0);
  upstream.observe(record, 'http', 2);
  assert.equal(changes(), 1);
  upstream.mark(record, true);
  assert.equal(changes(), 2);
  assert.equal(record.health, 'healthy');
  upstream.observe(record, 'http', 2);
  assert.equal(record.health, 'mostly_healthy', 'marking begins the counting anew');
});

test('a record lasts as long as somebody holds it: over a reload, and no longer', () => {
  const first = open();
  first.upstream.mark(first.record, false);
  const second = open(first.board);
  first.upstream.release(first.record);
  first.upstream.close();
  assert.equal(second.record.health, 'unhealthy');
  second.upstream.release(second.record);
  second.upstream.close();
  assert.equal(open(first.board).record.health, 'healthy');
});

/** A primary's board and a worker's, joined as their processes are. */
function pair(): {
  readonly primary: Opened;
  readonly worker: Opened;
  readonly told: HealthChange[];
} {
  const primary = open();
  const worker = open(
    createHealthBoard({ log: SILENT, send: (report) => primary.board.report(report) }),
  );
  const told: HealthChange[] = [];
  primary.board.subscribe((change) => {
    told.push(change);
    worker.board.follow(change);
  });
  return { primary, worker, told };
}

test('a worker reports and follows; the primary decides', () => {
  const { primary, worker, told } = pair();
  worker.upstream.observe(worker.record, 'success', 1);
  assert.deepEqual(told, [], 'nothing to tell of what is healthy');
  worker.upstream.observe(worker.record, 'tcp', 2);
  worker.upstream.observe(worker.record, 'tcp', 2);
  assert.equal(primary.record.health, 'unhealthy');
  assert.equal(worker.record.health, 'unhealthy');
  assert.deepEqual(primary.board.snapshot(), [{ upstream: 'u', key: KEY, health: 'unhealthy' }]);
  primary.upstream.mark(primary.record, true);
  assert.equal(worker.record.health, 'healthy');
});

test('a worker may see an address that the primary does not', () => {
  const { primary, worker } = pair();
  const elsewhere = worker.upstream.hold('10.9.9.9:80 a.test');
  worker.upstream.observe(elsewhere, 'timeout', 1);
  assert.equal(elsewhere.health, 'unhealthy');
  worker.upstream.observe(elsewhere, 'success', 1);
  assert.equal(elsewhere.health, 'healthy');
  assert.deepEqual(primary.board.snapshot(), []);
});

test('what the primary no longer knows is healthy again in its workers', () => {
  const { primary, worker } = pair();
  worker.upstream.observe(worker.record, 'http', 1);
  primary.upstream.release(primary.record);
  assert.equal(worker.record.health, 'healthy');
});
