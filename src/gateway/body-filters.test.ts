/** Body filters in a row: what one holds back, when the end comes, and who is asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PluginPhases, ResponseHead } from '../plugin.ts';
import { bodyFiltersFor } from './body-filters.ts';
import { FakeContext } from './fake-context.test.fixture.ts';

const head: ResponseHead = { status: 200, headers: [], source: 'upstream' };
const upper: PluginPhases = {
  bodyFilter: (_, chunk) => chunk && Buffer.from(chunk.toString().toUpperCase()),
};
const ended: PluginPhases = { bodyFilter: (_, chunk) => chunk ?? Buffer.from('!') };

/** Gives everything at the end. */
function holding(): PluginPhases {
  const held: Buffer[] = [];
  return {
    bodyFilter(_, chunk) {
      if (chunk === undefined) return Buffer.concat(held);
      held.push(chunk);
      return undefined;
    },
  };
}

const filtersOf = (...chain: (PluginPhases | undefined)[]) =>
  bodyFiltersFor(chain, new FakeContext(), head);

test('without a filter there is nothing to do', () => {
  assert.equal(filtersOf(undefined, {}), undefined);
  assert.equal(filtersOf({ ...upper, filtersBody: () => false }), undefined);
});

test('what one holds back, the next one sees before the end', () => {
  const filters = filtersOf(holding(), upper, { ...upper, filtersBody: () => true }, ended);
  assert.equal(filters?.filter(Buffer.from('ab')), undefined);
  assert.equal(filters?.filter(Buffer.from('cd')), undefined);
  assert.equal(filters?.filter(undefined)?.toString(), 'ABCD!');
});

test('a whole body and an empty one', () => {
  assert.equal(filtersOf(upper, ended)?.filterWhole('ab').toString(), 'AB!');
  assert.equal(filtersOf(upper)?.filterWhole('').toString(), '');
});
