/** What entities had in the config before and no document says: random ids and secrets, times. */
import type { Fields } from './checks/field-issue.ts';
import type { Item } from './items.ts';
import type { EntityKind } from './types.ts';

export interface EarlierEntities {
  /** The random id that the same entity had. Each is given once. */
  takeId(item: Item): string | undefined;
  /** An automatic value that the entity had; `undefined` for what is new. */
  valueOf(kind: EntityKind, id: string, field: string): unknown;
}

/** Times that a load gives to what it loads. */
const TIMES: ReadonlySet<string> = new Set(['created_at', 'updated_at']);

/**
 * @param pairs the entities of a config and what was written of them
 * @param changed ids of entities that have a new `updated_at`; absent: everything has new times
 */
export function rememberEntities(
  pairs: readonly (readonly [Item, Fields])[],
  changed: ReadonlySet<string> | undefined,
): EarlierEntities {
  const ids = new Map<string, string[]>();
  const entities = new Map<string, Fields>();
  for (const [item, entity] of pairs) {
    const key = sameness(item);
    const known = ids.get(key);
    if (known === undefined) ids.set(key, [item.id]);
    else known.push(item.id);
    entities.set(`${item.kind} ${item.id}`, entity);
  }
  return {
    takeId: (item) => ids.get(sameness(item))?.shift(),
    valueOf(kind, id, field) {
      if (TIMES.has(field) && changed === undefined) return undefined;
      if (field === 'updated_at' && changed?.has(id) === true) return undefined;
      return entities.get(`${kind} ${id}`)?.[field];
    },
  };
}

/** Two entities that say the same of the same parent are taken in their order. */
const sameness = ({ kind, given, parent }: Item): string =>
  `${kind} ${parent?.item.id ?? ''} ${JSON.stringify(given)}`;
