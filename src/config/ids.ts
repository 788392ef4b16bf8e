/** Which id an entity gets: its own, one computed from what it says, or a random one. */
import { randomUUID } from 'node:crypto';
import type { EarlierEntities } from './earlier.ts';
import type { Item } from './items.ts';
import { cacheKey, endpointKey, entitySchema } from './schemas.ts';
import { entityId } from './uuid.ts';

/**
 * Sets the ids of all items. Parents must come before their children.
 * @param earlier what is drawn at random stays what it was
 */
export function assignIds(items: Iterable<Item>, earlier?: EarlierEntities): void {
  for (const item of items) {
    const { id } = item.given;
    if (typeof id === 'string') {
      item.id = id;
      continue;
    }
    item.id = computedId(item) ?? earlier?.takeId(item) ?? randomUUID();
  }
}

/** What an id is computed from. */
export interface Identified extends Pick<Item, 'kind' | 'given'> {
  readonly parent?: { readonly field: string; readonly item: { readonly id: string } } | undefined;
}

/** The id that what an entity says gives it, whatever its own is; `undefined` where it is random. */
export function computedId(item: Identified): string | undefined {
  const key = idKey(item);
  return key === undefined ? undefined : entityId(item.kind, key);
}

/** The text the id is computed from, or `undefined` when Kong would take a random one. */
function idKey(item: Identified): string | undefined {
  const keyed = cacheKey(item.kind);
  if (keyed === undefined) {
    const field = endpointKey(item.kind);
    const value = field === undefined ? undefined : item.given[field];
    return typeof value === 'string' ? value : undefined;
  }
  const parts: string[] = [];
  for (const field of keyed.fields) {
    const part = keyPart(item, field);
    if (part === undefined) return undefined;
    if (part !== NOTHING) parts.push(part);
  }
  for (const field of keyed.ifSet) {
    const part = keyPart(item, field);
    if (typeof part === 'string' && part !== '') parts.push(part);
  }
  return `${item.kind}:*:${parts.join(':')}`;
}

/** No part, not even an empty one. */
const NOTHING = Symbol('nothing');

/** `undefined` gives the computed id up. */
function keyPart(
  { kind, given, parent }: Identified,
  field: string,
): string | typeof NOTHING | undefined {
  const { properties, required = [] } = entitySchema(kind);
  if (properties[field]?.['x-kong-auto'] !== undefined) return undefined;
  const value = given[field];
  if (typeof value === 'string') return value;
  if (value !== undefined) return NOTHING;
  if (parent?.field === field) return parent.item.id;
  return required.includes(field) ? undefined : '';
}
