/** Tests of priorities: each number is one that Kong 3.9.1 arrives at. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Route } from '../config/types.ts';
import { priorityOf, rankCandidates } from './candidates.ts';
import { idOf, route } from './routes.test.fixture.ts';

const ROWS: readonly (readonly [string, Partial<Route>, bigint])[] = [
  ['a prefix', { paths: ['/abc'] }, 0x2000_0004n],
  ['a prefix counts bytes', { paths: ['/é'] }, 0x2000_0003n],
  ['a plain host', { hosts: ['a.t'] }, 0x1000_0000_2000_0000n],
  ['a wildcard host', { hosts: ['a.t', '*.t'] }, 0x2000_0000n],
  ['an empty list of hosts', { hosts: [], paths: ['/'] }, 0x1000_0000_2000_0001n],
  ['a regex', { paths: ['~/a'], regex_priority: 3 }, 0x8_0000_2018_0000n],
  ['regex_priority without a regex', { paths: ['/a'], regex_priority: 3 }, 0x2000_0002n],
  ['two headers', { headers: { a: ['1'], b: ['1'] } }, 0x2020_0000n],
  ['three attributes', { methods: ['GET'], snis: ['s'], paths: ['/'] }, 0x6000_0001n],
  [
    'four attributes',
    { methods: ['GET'], snis: ['s'], paths: ['/'], headers: { a: ['1'] } },
    0xffff_ffff_8010_0001n,
  ],
  ['a negative regex_priority', { paths: ['~/a'], regex_priority: -1 }, 0xffff_ffff_fff8_0000n],
  ['a regex_priority of 2^13', { paths: ['~/a'], regex_priority: 8192 }, 0x8_0000_2000_0000n],
];

for (const [title, fields, priority] of ROWS) {
  test(`priority of ${title}`, () => {
    const given = route(fields);
    assert.equal(priorityOf(given, given.paths?.[0]).toString(16), priority.toString(16));
  });
}

test('several paths make one candidate per length and one for the regexes', () => {
  const given = route({ id: idOf(1), paths: ['/a', '~/x', '/bb', '~/y', '/c'] });
  const candidates = rankCandidates([{ route: given }]);
  assert.deepEqual(
    candidates.map(({ paths }) => paths),
    [['~/x', '~/y'], ['/bb'], ['/a', '/c']],
  );
  assert.deepEqual(
    candidates.map(({ id }) => id),
    [
      '4935183f-e70b-5896-979f-7b16845d361d',
      'fa14c8b4-88cf-58c8-bbee-c94b91bef4fb',
      '88c08b1f-2356-5fee-847d-a5eb1652c82d',
    ],
  );
});
