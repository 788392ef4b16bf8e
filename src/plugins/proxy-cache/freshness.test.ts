/** How long answers are given again, and what clients may ask of a cache. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FakeRequest } from '../../gateway/fake-context.test.fixture.ts';
import { headerValue } from '../../http/headers.ts';
import {
  ask,
  compile,
  demanding,
  saying,
  START,
  type Upstream,
} from '../../../test/support/proxy-cache.ts';

/** [what, config, first answer, seconds, second request, what it finds] */
const LATER: readonly (readonly [string, object, Upstream, number, FakeRequest, string])[] = [
  ['cache_ttl: the last second', { cache_ttl: 5, storage_ttl: 60 }, {}, 5, {}, 'Hit'],
  [
    'cache_ttl is over, storage_ttl is not',
    { cache_ttl: 5, storage_ttl: 60 },
    {},
    6,
    {},
    'Refresh',
  ],
  ['cache_ttl is over', { cache_ttl: 5 }, {}, 6, {}, 'Miss'],
  ['storage_ttl is over', { cache_ttl: 5, storage_ttl: 7 }, {}, 8, {}, 'Miss'],
  ['storage_ttl 0 has no end', { cache_ttl: 5, storage_ttl: 0 }, {}, 1e6, {}, 'Refresh'],
  [
    'max-age of the answer',
    { cache_control: true, storage_ttl: 60 },
    saying('max-age=9'),
    9,
    {},
    'Hit',
  ],
  ['stale', { cache_control: true, storage_ttl: 60 }, saying('max-age=9'), 10, {}, 'Refresh'],
  [
    'max-age of the request',
    { cache_control: true },
    saying('max-age=9'),
    4,
    demanding('max-age=3'),
    'Refresh',
  ],
  [
    'max-age of the request, met',
    { cache_control: true },
    saying('max-age=9'),
    4,
    demanding('max-age=4'),
    'Hit',
  ],
  [
    'max-age that is no number',
    { cache_control: true },
    saying('max-age=9'),
    4,
    demanding('max-age=x'),
    'Hit',
  ],
  [
    'min-fresh',
    { cache_control: true },
    saying('max-age=9'),
    4,
    demanding('min-fresh=6'),
    'Refresh',
  ],
  [
    'min-fresh, met',
    { cache_control: true },
    saying('max-age=9'),
    4,
    demanding('min-fresh="5"'),
    'Hit',
  ],
  [
    'max-stale',
    { cache_control: true, storage_ttl: 60 },
    saying('max-age=9'),
    12,
    demanding('max-stale=2'),
    'Refresh',
  ],
  [
    'max-stale, met',
    { cache_control: true, storage_ttl: 60 },
    saying('max-age=9'),
    11,
    demanding('max-stale=2'),
    'Hit',
  ],
  [
    'max-stale, any',
    { cache_control: true, storage_ttl: 60 },
    saying('max-age=9'),
    40,
    demanding('max-stale'),
    'Hit',
  ],
  [
    'must-revalidate',
    { cache_control: true, storage_ttl: 60 },
    saying('max-age=9, must-revalidate'),
    11,
    demanding('max-stale'),
    'Refresh',
  ],
];

for (const [what, config, upstream, seconds, request, expected] of LATER) {
  test(`${what}: ${expected} after ${seconds} s`, async () => {
    const clock = { now: START };
    const phases = compile(config, clock);
    assert.equal((await ask(phases, {}, upstream)).cache, 'Miss');
    clock.now += seconds * 1000;
    const answer = await ask(phases, request, { ...upstream, body: 'newer' });
    assert.equal(answer.cache, expected);
    if (expected === 'Hit') assert.equal(headerValue(answer.headers, 'age'), String(seconds));
    assert.equal(answer.body, expected === 'Hit' ? 'fresh' : 'newer');
  });
}

test('only-if-cached: 504 without an answer, and the answer with one', async () => {
  const phases = compile({ cache_control: true });
  const refused = await ask(phases, demanding('only-if-cached'));
  assert.equal(refused.status, 504);
  assert.equal(refused.body, '');
  await ask(phases, {}, saying('max-age=5'));
  assert.equal((await ask(phases, demanding('only-if-cached'))).cache, 'Hit');
});
