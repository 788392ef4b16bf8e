/** The heap against a sorted list, under random pushes, changes and removals. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, integer, property, tuple } from 'fast-check';
import { MinHeap, type HeapNode } from './heap.ts';

const ordered = (a: HeapNode, b: HeapNode): number => a.key - b.key || a.tie - b.tie;

test('nodes come out in the order of their keys, whatever became of these in between', () => {
  const keys = array(integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 30 });
  const changes = array(tuple(integer({ min: 0, max: 29 }), integer({ min: 0, max: 9 })));
  check(
    property(keys, changes, (start, changed) => {
      const nodes = start.map((key, tie): HeapNode => ({ key, tie, at: 0 }));
      const heap = new MinHeap(nodes);
      for (const [index, key] of changed) {
        const node = nodes[index % nodes.length];
        if (node === undefined) continue;
        node.key = key;
        heap.update(node);
      }
      const sorted = nodes.toSorted(ordered);
      assert.equal(
        heap.first((node) => node === sorted[0]),
        sorted[1],
      );
      assert.deepEqual(
        Array.from({ length: nodes.length + 1 }, () => heap.pop()),
        [...sorted, undefined],
      );
    }),
  );
});
