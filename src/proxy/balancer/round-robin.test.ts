/** The proportions of weighted round robin. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, double, integer, property } from 'fast-check';
import { createRoundRobin } from './round-robin.ts';

function count(weights: readonly number[], picks: number, random: () => number): number[] {
  const pick = createRoundRobin(
    weights.map((weight, value) => ({ value, weight })),
    random,
  );
  const counts = weights.map(() => 0);
  for (let i = 0; i < picks; i++) {
    const value = pick();
    if (value !== undefined) counts[value] = (counts[value] ?? 0) + 1;
  }
  return counts;
}

test('weights 1 and 3 over 400 picks give exactly 100 and 300, wherever the round begins', () => {
  for (const start of [0, 0.3, 0.5, 0.99])
    assert.deepEqual(
      count([1, 3], 400, () => start),
      [100, 300],
    );
});

test('every full turn is exactly proportional', () => {
  const weights = array(integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 8 });
  check(
    property(weights, double({ min: 0, max: 0.999, noNaN: true }), (list, start) => {
      const turn = list.reduce((sum, weight) => sum + weight, 0);
      assert.deepEqual(
        count(list, turn, () => start),
        list,
      );
    }),
  );
});

test('the heavy value does not come in one run', () => {
  const pick = createRoundRobin(
    [
      { value: 'a', weight: 2 },
      { value: 'b', weight: 2 },
    ],
    () => 0,
  );
  assert.deepEqual([pick(), pick(), pick(), pick()], ['a', 'b', 'a', 'b']);
});

test('skipped and weightless values are not picked', () => {
  const values = ['a', 'b', 'zero'].map((value) => ({ value, weight: value === 'zero' ? 0 : 1 }));
  const pick = createRoundRobin(values);
  for (let i = 0; i < 10; i++)
    assert.equal(
      pick((value) => value === 'a'),
      'b',
    );
  assert.equal(
    pick(() => true),
    undefined,
  );
  assert.equal(createRoundRobin([])(), undefined);
});
