/** What the router says of every candidate: the same choice as `match`, and the conditions that are not met. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Route } from '../config/types.ts';
import { compileRouter } from './compile.ts';
import { rankReason } from './rank-reason.ts';
import { anyQuestion, anyRoutes, idOf, question, route } from './routes.test.fixture.ts';

const entriesOf = (routes: readonly Route[]) =>
  routes.map((each) => ({ route: each, target: each.id }));

test('the first candidate without a miss is the one that match takes', () => {
  let hits = 0;
  fc.assert(
    fc.property(
      anyRoutes,
      fc.array(anyQuestion, { minLength: 20, maxLength: 20 }),
      (routes, asked) => {
        const router = compileRouter(entriesOf(routes));
        for (const each of asked) {
          const fitting = router.examine(each).find(({ misses }) => misses.length === 0);
          if (fitting !== undefined) hits++;
          assert.equal(fitting?.target, router.match(each)?.target);
        }
      },
    ),
    { numRuns: 200 },
  );
  assert.ok(hits > 800, `only ${hits} hits`);
});

const ALL = route({
  id: idOf(1),
  methods: ['POST'],
  hosts: ['api.test', '*.wide.test'],
  paths: ['/orders'],
  headers: { 'X-Tenant': ['a', '~*^b'] },
  snis: ['api.test'],
});

test('a miss names the condition, what would do, and what the request has', () => {
  const [verdict] = compileRouter(entriesOf([ALL])).examine(
    question({
      scheme: 'https',
      host: 'other.test',
      path: '/order',
      headers: ['x-tenant', 'c'],
      serverName: 'other.test',
    }),
  );
  assert.deepEqual(verdict?.misses, [
    { attribute: 'host', wanted: ['api.test', '*.wide.test'], got: 'other.test' },
    { attribute: 'path', wanted: ['/orders'], got: '/order' },
    { attribute: 'method', wanted: ['POST'], got: 'GET' },
    { attribute: 'header', name: 'X-Tenant', wanted: ['a', '~*^b'], got: 'c' },
    { attribute: 'sni', wanted: ['api.test'], got: 'other.test' },
  ]);
});

test('a candidate that fits says by which of its hosts and paths', () => {
  const [verdict] = compileRouter(entriesOf([ALL])).examine(
    question({
      method: 'POST',
      host: 'x.wide.test:8000',
      path: '/orders/1',
      headers: ['X_Tenant', 'B1'],
    }),
  );
  assert.deepEqual(verdict?.misses, []);
  assert.equal(verdict?.host, '*.wide.test');
  assert.equal(verdict?.path, '/orders');
});

test('what a request does not have is undefined', () => {
  const [verdict] = compileRouter(entriesOf([ALL])).examine(
    question({ scheme: 'https', host: '', path: '/orders', method: 'POST' }),
  );
  assert.deepEqual(
    verdict?.misses.map(({ got }) => got),
    [undefined, undefined, undefined],
  );
});

const REASONS: readonly (readonly [string, Partial<Route>, Partial<Route>, RegExp])[] = [
  ['plain hosts', { hosts: ['a.t'] }, { paths: ['/long/path'] }, /hosts/],
  ['a regex', { paths: ['~/a'] }, { paths: ['/aaa'] }, /regular expressions/],
  ['regex_priority', { paths: ['~/a'], regex_priority: 2 }, { paths: ['~/a'] }, /regex_priority/],
  ['a longer path', { paths: ['/a/b'] }, { paths: ['/a'] }, /longer path/],
  ['a path', { paths: ['/'] }, { methods: ['GET'] }, /with a path/],
  ['headers', { headers: { a: ['1'], b: ['1'] } }, { headers: { a: ['1'] } }, /more headers/],
  ['conditions', { paths: ['/a'], methods: ['GET'] }, { paths: ['/a'] }, /more conditions/],
  ['the id', { paths: ['/a'] }, { paths: ['/a'] }, /larger id/],
  [
    'four conditions',
    { methods: ['GET'], snis: ['s.t'], paths: ['/'], headers: { a: ['1'] } },
    { hosts: ['a.t'] },
    /four or more/,
  ],
  ['a negative priority', { paths: ['~/a'], regex_priority: -1 }, { hosts: ['a.t'] }, /negative/],
];

for (const [title, better, worse, reason] of REASONS) {
  test(`why ${title} goes first`, () => {
    const entries = entriesOf([
      route({ ...better, id: idOf(2) }),
      route({ ...worse, id: idOf(1) }),
    ]);
    const [winner, loser] = compileRouter(entries).examine(question({}));
    assert.ok(winner && loser);
    assert.equal(winner.target, idOf(2));
    assert.match(rankReason(winner, loser), reason);
  });
}
