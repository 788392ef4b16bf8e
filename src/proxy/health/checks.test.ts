/** Every field of the passive checks, and what counts as an observation. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Upstream } from '../../config/types.ts';
import type { ProxyErrorCode } from '../../errors.ts';
import { UPSTREAM } from '../balancer/balancer.test.fixture.ts';
import type { AddressRecord, UpstreamBoard } from './board.ts';
import { isWatched, watchPassively } from './checks.ts';

type Healthchecks = Upstream['healthchecks'];
type Passive = Healthchecks['passive'];

const LIMITS: Passive = {
  type: 'http',
  healthy: { successes: 5, http_statuses: [200, 302] },
  unhealthy: { http_statuses: [500, 502], tcp_failures: 2, timeouts: 3, http_failures: 4 },
};
const OFF: Healthchecks = UPSTREAM.healthchecks;

const upstreamWith = (healthchecks: Partial<Healthchecks>): Upstream => ({
  ...UPSTREAM,
  healthchecks: { ...OFF, ...healthchecks },
});

const RECORD: AddressRecord = {
  key: 'k',
  health: 'healthy',
  answerMs: undefined,
  answeredAt: 0,
};

/** What an upstream's checks tell the board, as `observation limit`. */
function heard(): { readonly told: string[]; readonly board: UpstreamBoard } {
  const told: string[] = [];
  const board: UpstreamBoard = {
    hold: () => RECORD,
    release() {},
    observe: (_record, observation, limit) => void told.push(`${observation} ${limit}`),
    mark() {},
    close() {},
  };
  return { told, board };
}

for (const [status, expected] of [
  [200, ['success 5']],
  [302, ['success 5']],
  [404, []],
  [500, ['http 4']],
  [504, ['timeout 3']],
] as const) {
  test(`a passive check takes status ${status} for ${expected.join() || 'nothing'}`, () => {
    const upstream = upstreamWith({ passive: LIMITS });
    const { told, board } = heard();
    watchPassively(upstream, board).answered(RECORD, status);
    assert.deepEqual(told, expected);
  });
}

for (const [code, isLast, expected] of [
  ['ERR_UPSTREAM_TIMEOUT', true, ['timeout 3']],
  ['ERR_UPSTREAM_CONNECT', false, ['tcp 2']],
  ['ERR_UPSTREAM_RESPONSE', true, ['tcp 2', 'http 4']],
  ['ERR_CLIENT_ABORTED', true, []],
] as const satisfies readonly (readonly [ProxyErrorCode, boolean, readonly string[]])[]) {
  test(`a passive check takes ${code} for ${expected.join() || 'nothing'}`, () => {
    const upstream = upstreamWith({ passive: LIMITS });
    const { told, board } = heard();
    watchPassively(upstream, board).failed(RECORD, code, isLast);
    assert.deepEqual(told, expected);
  });
}

test('without a limit of its own, traffic that goes well does not outvote probes', () => {
  const passive = { ...LIMITS, healthy: { ...LIMITS.healthy, successes: 0 } };
  const active = { ...OFF.active, healthy: { ...OFF.active.healthy, interval: 1 } };
  for (const { checks, expected } of [
    { checks: { passive }, expected: ['success 0'] },
    { checks: { passive, active }, expected: [] },
  ]) {
    const upstream = upstreamWith(checks);
    const { told, board } = heard();
    watchPassively(upstream, board).answered(RECORD, 200);
    assert.deepEqual(told, expected);
  }
});

const { active, passive } = OFF;
for (const [name, checks, expected] of [
  ['nothing', {}, false],
  ['passive successes alone', { passive: { ...passive, healthy: LIMITS.healthy } }, false],
  [
    'healthy.interval',
    { active: { ...active, healthy: { ...active.healthy, interval: 1 } } },
    true,
  ],
  [
    'unhealthy.interval',
    { active: { ...active, unhealthy: { ...active.unhealthy, interval: 1 } } },
    true,
  ],
  [
    'tcp_failures',
    { passive: { ...passive, unhealthy: { ...passive.unhealthy, tcp_failures: 1 } } },
    true,
  ],
  ['timeouts', { passive: { ...passive, unhealthy: { ...passive.unhealthy, timeouts: 1 } } }, true],
  [
    'http_failures',
    { passive: { ...passive, unhealthy: { ...passive.unhealthy, http_failures: 1 } } },
    true,
  ],
] as const satisfies readonly (readonly [string, Partial<Healthchecks>, boolean])[]) {
  test(`an upstream with ${name} is ${expected ? '' : 'not '}watched`, () => {
    assert.equal(isWatched(upstreamWith(checks)), expected);
  });
}
