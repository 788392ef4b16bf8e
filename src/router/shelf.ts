/**
 * What is filed at one place of the router, in rank order. Many routes may share a host and a path
 * and differ by a header's value only (tenants, versions): those are looked up by that value.
 */
import type { Conditions, HeaderCondition, HeaderName } from './conditions.ts';

interface Ranked {
  readonly rank: number;
  readonly conditions: Conditions;
}

export interface Shelf<Item> {
  readonly plain: Item[];
  readonly guarded: Guard<Item>[];
}

/** Items that need a header to have a certain value, by that value. */
export interface Guard<Item> {
  readonly name: HeaderName;
  /** Of all its items. */
  readonly bestRank: number;
  readonly byValue: Map<string, Item[]>;
}

export function createShelf<Item>(): Shelf<Item> {
  return { plain: [], guarded: [] };
}

/** Items must come in rank order. */
export function addToShelf<Item extends Ranked>(shelf: Shelf<Item>, item: Item): void {
  const key = item.conditions.headers.find(isPlain);
  if (key === undefined) {
    shelf.plain.push(item);
    return;
  }
  const { byValue } = guardFor(shelf, key, item.rank);
  for (const value of key.values) {
    const items = byValue.get(value);
    if (items === undefined) byValue.set(value, [item]);
    else items.push(item);
  }
}

const isPlain = (condition: HeaderCondition): boolean => condition.patterns.length === 0;

function guardFor<Item>(shelf: Shelf<Item>, name: HeaderName, rank: number): Guard<Item> {
  const known = shelf.guarded.find((guard) => guard.name.underscored === name.underscored);
  if (known !== undefined) return known;
  const guard = { name, bestRank: rank, byValue: new Map<string, Item[]>() };
  shelf.guarded.push(guard);
  return guard;
}
