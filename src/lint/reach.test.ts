/** What is said of lost routes, held against the router itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isRegexPath } from '../router/candidates.ts';
import { compileRouter } from '../router/compile.ts';
import { anyQuestion, anyRoutes, idOf, question, route } from '../router/routes.test.fixture.ts';
import { analyseReach } from './reach.ts';

/** Random routes seldom tie: another seed may look at too few of them. */
const SEED = 20_261_125;

test('no request reaches a route that is called lost', () => {
  let lost = 0;
  const questions = fc.array(anyQuestion, { minLength: 20, maxLength: 40 });
  fc.assert(
    fc.property(anyRoutes, questions, (routes, asked) => {
      const router = compileRouter(routes.map((each) => ({ route: each, target: each })));
      const { shadows } = analyseReach(routes);
      lost += shadows.length;
      for (const each of asked) {
        const match = router.match(each);
        for (const { route: loser, path } of shadows) {
          if (match?.target !== loser) continue;
          // Of a route that loses only this path, the others may match.
          assert.ok(path !== undefined, loser.id);
          if (!loser.paths?.some(isRegexPath)) assert.notEqual(match.prefix, path, loser.id);
        }
      }
    }),
    { numRuns: 250 },
  );
  assert.ok(lost > 50, `${lost} lost routes were looked at`);
});

test('of two routes that tie, the one that is called the winner is found', () => {
  let ties = 0;
  fc.assert(
    fc.property(anyRoutes, (routes) => {
      for (const { winner, loser } of analyseReach(routes).ties) {
        ties++;
        assert.equal(winner.priority, loser.priority);
        assert.ok(winner.rank < loser.rank);
        assert.notEqual(winner.route.id, loser.route.id);
      }
    }),
    { numRuns: 1000, seed: SEED },
  );
  assert.ok(ties > 5, `${ties} ties were looked at`);
});

test('ten thousand routes that differ by a header, a host or a path are looked through at once', () => {
  const routes = Array.from({ length: 10_000 }, (_, n) =>
    route({
      id: idOf(n),
      hosts: n % 3 === 0 ? [`h${n}.test`] : null,
      paths: [n % 3 === 1 ? `/p${n}` : '/'],
      headers: n % 3 === 2 ? { 'x-tenant': [`t${n}`] } : null,
    }),
  );
  const start = performance.now();
  assert.deepEqual(analyseReach(routes), { shadows: [], ties: [] });
  // Quadratic work would take minutes; a busy machine may be ten times slower than an idle one.
  assert.ok(performance.now() - start < 5000);
});

test('the work is bounded: what was not compared is not called lost', () => {
  // Each of them has to be held against all before it.
  const routes = Array.from({ length: 5000 }, (_, n) =>
    route({ id: idOf(n), paths: ['/'], snis: [`s${n}.test`] }),
  );
  assert.deepEqual(analyseReach(routes).shadows, []);
  const router = compileRouter(routes.map((each) => ({ route: each, target: each.id })));
  const asked = question({ scheme: 'https', serverName: 's7.test' });
  assert.equal(router.match(asked)?.target, idOf(7));
});
