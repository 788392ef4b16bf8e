/** References by name or id become ids; what no two entities may share is found out. */
import type { ConfigIssue, ConfigPath } from '../errors.ts';
import { isFields } from './checks/field-issue.ts';
import { issueOf, type Item } from './items.ts';
import {
  configForeignKeys,
  endpointKey,
  foreignKeys,
  singularName,
  uniqueFields,
} from './schemas.ts';
import { createNearest } from './suggest.ts';
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

export interface BrokenReference extends ConfigIssue {
  /** The kind it should lead to. */
  readonly to: EntityKind;
}

/** References to entities that the document does not have, with the names that were probably meant. */
export function brokenReferences(items: readonly Item[], find: FindItem): BrokenReference[] {
  const named = new Map<EntityKind, ReadonlyMap<string, Item>>();
  const nearest = createNearest();
  const meantBy = (kind: EntityKind, reference: unknown): string | undefined => {
    const names = named.get(kind) ?? namesOf(items, kind);
    named.set(kind, names);
    return typeof reference === 'string' ? nearest(reference, names) : undefined;
  };
  return items.flatMap((item) =>
    referencesOf(item).flatMap(({ path, to, reference }) => {
      if (find(to, reference) !== undefined) return [];
      const field = String(path.at(-1));
      const shown = typeof reference === 'string' ? reference : JSON.stringify(reference);
      const message = `invalid reference '${field}: ${shown}' (no such entry in '${to}')`;
      const suggestion = meantBy(to, reference);
      const target = suggestion === undefined ? undefined : named.get(to)?.get(suggestion);
      const issue = issueOf(item, { code: 'SB1301', path, message });
      const meant = suggestion !== undefined && {
        suggestion,
        ...see(target, `the ${wordOf(to)} '${suggestion}'`),
      };
      const kongPath = path.length === 1 && { kongPath: [item.kind, nameOf(item), 0] };
      return [{ ...issue, ...kongPath, to, ...meant }];
    }),
  );
}

interface WrittenReference {
  /** In the entity. */
  readonly path: ConfigPath;
  readonly to: EntityKind;
  readonly reference: unknown;
}

/** Those of the entity itself, and those inside of a plugin's config. */
function referencesOf({ kind, given }: Item): WrittenReference[] {
  const { name, config } = given;
  const own = foreignKeys(kind).map(({ field, to }) => ({
    path: [field],
    to,
    reference: given[field],
  }));
  const inConfig =
    kind !== 'plugins' || !isFields(config)
      ? []
      : configForeignKeys(name).map(({ field, to }) => ({
          path: ['config', field],
          to,
          reference: config[field],
        }));
  return [...own, ...inConfig].filter(
    ({ reference }) => reference !== undefined && reference !== null,
  );
}

/** What a reference to that kind may say, besides an id. */
function namesOf(items: readonly Item[], kind: EntityKind): ReadonlyMap<string, Item> {
  const field = endpointKey(kind);
  return new Map(
    items.flatMap((item): [string, Item][] => {
      const name = item.kind === kind && field !== undefined ? item.given[field] : undefined;
      return typeof name === 'string' ? [[name, item]] : [];
    }),
  );
}

/** The field that names an entity, as another place to look at. */
const wordOf = (kind: EntityKind): string => singularName(kind).replaceAll('_', ' ');

function see(item: Item | undefined, message: string): Pick<ConfigIssue, 'seeAlso'> {
  if (item === undefined) return {};
  const name = endpointKey(item.kind) ?? 'id';
  return { seeAlso: [{ message, path: [...item.path, name] }] };
}

/** The name Kong files an entity under. */
function nameOf({ kind, given, id }: Item): string {
  const field = endpointKey(kind);
  const value = field === undefined ? undefined : given[field];
  return typeof value === 'string' ? value : id;
}

/** Equal endpoint keys and equal ids. */
export function duplicateKeys(items: readonly Item[]): ConfigIssue[] {
  const keys = new Map<string, Item>();
  const ids = new Map<string, Item>();
  return items.flatMap((item) => {
    const { kind, given, id, path, index } = item;
    const field = endpointKey(kind);
    const value = field === undefined ? undefined : given[field];
    const isUnique = field !== undefined && uniqueFields(kind).includes(field);
    const named = isUnique && typeof value === 'string' ? claim(keys, item, value) : undefined;
    const identified = claim(ids, item, id);
    if (named !== undefined && typeof value === 'string') {
      const taken = { code: 'SB1302', field: field ?? '', value, first: named };
      return [violation(item, taken, [kind, index])];
    }
    if (identified === undefined) return [];
    // An id that was computed is that of an equal name or of equal members.
    const at = given['id'] === undefined ? [] : ['id'];
    const taken = { code: 'SB1303', field: 'primary key', value: id, first: identified, at };
    return [violation(item, taken, path)];
  });
}

/** Equal values of other fields that must differ. Read from complete entities: some are computed. */
export function duplicateFields(
  pairs: readonly (readonly [Item, Readonly<Record<string, unknown>>])[],
): ConfigIssue[] {
  const seen = new Map<string, Item>();
  return pairs.flatMap(([item, entity]) =>
    uniqueFields(item.kind).flatMap((field) => {
      const value = entity[field];
      if (field === endpointKey(item.kind) || typeof value !== 'string') return [];
      const first = claim(seen, item, `${field} ${value}`);
      if (first === undefined) return [];
      return [violation(item, { code: 'SB1304', field, value, first }, [item.kind, nameOf(item)])];
    }),
  );
}

/** The item of the kind that has the value already; if there is none, `item` has it now. */
function claim(taken: Map<string, Item>, item: Item, value: string): Item | undefined {
  const key = `${item.kind} ${value}`;
  const first = taken.get(key);
  if (first === undefined) taken.set(key, item);
  return first;
}

interface Taken {
  readonly code: string;
  readonly field: string;
  readonly value: string;
  readonly first: Item;
  /** The field to show, when it is not `field`. */
  readonly at?: ConfigPath;
}

function violation(item: Item, taken: Taken, kongPath: ConfigPath): ConfigIssue {
  const { code, field, value, first, at = [field] } = taken;
  const message = `uniqueness violation: '${item.kind}' entity with ${field} set to '${value}' already declared`;
  const issue = issueOf(item, { code, path: [], message, entityLevel: true, at });
  const clause = `the first ${wordOf(item.kind)} that has it`;
  return { ...issue, kongPath, seeAlso: [{ message: clause, path: [...first.path, ...at] }] };
}
