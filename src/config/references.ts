/** References by name or id become ids; what no two entities may share is found out. */
import type { ConfigIssue } from '../errors.ts';
import { isFields } from './checks/field-issue.ts';
import { issueOf, type Item } from './items.ts';
import { endpointKey, foreignKeys, uniqueFields } from './schemas.ts';
import type { EntityKind } from './types.ts';

/** Finds an entity by what a reference says. */
export type FindItem = (kind: EntityKind, reference: unknown) => Item | undefined;

/** A string is an endpoint key first, then an id. */
export function createFinder(items: readonly Item[]): FindItem {
  const byKey = new Map<string, Item>();
  const byId = new Map<string, Item>();
  for (const item of items) {
    const field = endpointKey(item.kind);
    const value = field === undefined ? undefined : item.given[field];
    const key = `${item.kind} ${String(value)}`;
    if (typeof value === 'string' && !byKey.has(key)) byKey.set(key, item);
    byId.set(`${item.kind} ${item.id}`, item);
  }
  return (kind, reference) => {
    if (typeof reference === 'string') {
      return byKey.get(`${kind} ${reference}`) ?? byId.get(`${kind} ${reference}`);
    }
    return isFields(reference) ? byId.get(`${kind} ${String(reference['id'])}`) : undefined;
  };
}

/** References to entities that the document does not have. */
export function brokenReferences(items: readonly Item[], find: FindItem): ConfigIssue[] {
  return items.flatMap((item) =>
    foreignKeys(item.kind).flatMap(({ field, to }) => {
      const reference = item.given[field] ?? undefined;
      if (reference === undefined || find(to, reference) !== undefined) return [];
      const shown = typeof reference === 'string' ? reference : JSON.stringify(reference);
      const message = `invalid reference '${field}: ${shown}' (no such entry in '${to}')`;
      const kongPath = [item.kind, nameOf(item), 0];
      return [{ ...issueOf(item, { code: 'SB1301', path: [field], message }), kongPath }];
    }),
  );
}

/** The name Kong files an entity under. */
function nameOf({ kind, given, id }: Item): string {
  const field = endpointKey(kind);
  const value = field === undefined ? undefined : given[field];
  return typeof value === 'string' ? value : id;
}

/** Equal endpoint keys and equal ids. */
export function duplicateKeys(items: readonly Item[]): ConfigIssue[] {
  const seenKeys = new Set<string>();
  const seenIds = new Set<string>();
  return items.flatMap((item) => {
    const { kind, given, id, path, index } = item;
    const field = endpointKey(kind);
    const value = field === undefined ? undefined : given[field];
    const isUnique = field !== undefined && uniqueFields(kind).includes(field);
    const isKeyTaken = isUnique && typeof value === 'string' && !claim(seenKeys, kind, value);
    const isIdTaken = !claim(seenIds, kind, id);
    if (isKeyTaken) return [violation(item, field, value, [kind, index])];
    return isIdTaken ? [violation(item, 'primary key', id, path)] : [];
  });
}

/** Equal values of other fields that must differ. Read from complete entities: some are computed. */
export function duplicateFields(
  pairs: readonly (readonly [Item, Readonly<Record<string, unknown>>])[],
): ConfigIssue[] {
  const seen = new Set<string>();
  return pairs.flatMap(([item, entity]) =>
    uniqueFields(item.kind).flatMap((field) => {
      const value = entity[field];
      if (field === endpointKey(item.kind) || typeof value !== 'string') return [];
      if (claim(seen, `${item.kind} ${field}`, value)) return [];
      return [violation(item, field, value, [item.kind, nameOf(item)])];
    }),
  );
}

function claim(taken: Set<string>, scope: string, value: string): boolean {
  const key = `${scope} ${value}`;
  if (taken.has(key)) return false;
  taken.add(key);
  return true;
}

function violation(
  item: Item,
  field: string,
  value: string,
  kongPath: readonly (string | number)[],
): ConfigIssue {
  const code = field === endpointKey(item.kind) ? 'SB1302' : 'SB1304';
  const message = `uniqueness violation: '${item.kind}' entity with ${field} set to '${value}' already declared`;
  return { ...issueOf(item, { code, path: [], message, entityLevel: true }), kongPath };
}
