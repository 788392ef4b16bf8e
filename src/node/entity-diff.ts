/** What differs between two sets of entities, by entity and field, whichever ids they have. */
import { isDeepStrictEqual } from 'node:util';
import { isFields, type Fields } from '../config/checks/field-issue.ts';
import {
  ENTITY_KINDS,
  cacheKey,
  endpointKey,
  entitySchema,
  foreignKeys,
  singularName,
  uniqueFields,
} from '../config/schemas.ts';
import type { Config, EntityKind } from '../config/types.ts';
import type { ConfigPath } from '../errors.ts';

/** Complete entities by kind, as a Config or an Admin API has them. */
export type EntityRows = ReadonlyMap<EntityKind, readonly Fields[]>;

/** The entities of a loaded config. */
export const rowsOf = ({ entities }: Config): EntityRows =>
  new Map(
    ENTITY_KINDS.map((kind): [EntityKind, readonly Fields[]] => [
      kind,
      entities[kind].map(toFields),
    ]),
  );

const toFields = (entity: object): Fields => (isFields(entity) ? entity : {});

export interface FieldChange {
  /** From the entity. */
  readonly path: ConfigPath;
  /** `undefined` for a member that is not there. */
  readonly before: unknown;
  readonly after: unknown;
}

/** One entity that is not on both sides, or not the same there. */
export interface EntityChange {
  readonly action: 'added' | 'changed' | 'removed';
  readonly kind: EntityKind;
  readonly id: string;
  /** For people; never a secret: `service pay`, `key-auth of route pay`. */
  readonly label: string;
  /** The entity, references as names; that of `before` when it was removed. */
  readonly entity: Fields;
  /** Of an entity that changed. */
  readonly fields: readonly FieldChange[];
}

/** Set at each load, or drawn at random: no change that a person made. */
const IGNORED: ReadonlySet<string> = new Set(['id', 'created_at', 'updated_at']);

/** Changes in the order of the kinds, and of the entities of `after`. */
export function diffEntities(before: EntityRows, after: EntityRows): EntityChange[] {
  const [named, renamed] = [nameEntities(before), nameEntities(after)];
  return ENTITY_KINDS.flatMap((kind) => {
    const { pairs, added, removed } = match(named.get(kind) ?? [], renamed.get(kind) ?? []);
    return [
      ...added.map((one) => changeOf('added', kind, one, [])),
      ...pairs.flatMap(([old, one]) => {
        const fields = changedFields(old.entity, one.entity, []);
        return fields.length === 0 ? [] : [changeOf('changed', kind, one, fields)];
      }),
      ...removed.map((one) => changeOf('removed', kind, one, [])),
    ];
  });
}

function changeOf(
  action: EntityChange['action'],
  kind: EntityKind,
  { id, label, entity }: Named,
  fields: readonly FieldChange[],
): EntityChange {
  return { action, kind, id, label, entity, fields };
}

/** An entity with what it is known by. */
interface Named {
  readonly id: string;
  /** The same for the same thing on both sides; `undefined` where only the id tells. */
  readonly key: string | undefined;
  readonly label: string;
  readonly entity: Fields;
}

/** References become the names of what they refer to: ids may differ between the sides. */
function nameEntities(rows: EntityRows): ReadonlyMap<EntityKind, readonly Named[]> {
  const names = new Map<string, string>();
  for (const [kind, list] of rows) {
    for (const row of list) names.set(`${kind} ${String(row['id'])}`, nameOf(kind, row));
  }
  return new Map(
    [...rows].map(([kind, list]) => [kind, list.map((row) => nameEntity(kind, row, names))]),
  );
}

function nameEntity(kind: EntityKind, row: Fields, names: ReadonlyMap<string, string>): Named {
  const references = foreignKeys(kind).map(({ field, to }) => {
    const value = row[field];
    const id = isFields(value) ? String(value['id']) : undefined;
    return [field, id === undefined ? null : (names.get(`${to} ${id}`) ?? id)] as const;
  });
  const known = Object.keys(entitySchema(kind).properties).filter((name) => !IGNORED.has(name));
  const own = known.map((name) => [name, row[name] ?? null] as const);
  const entity = Object.fromEntries([...own, ...references]);
  return { id: String(row['id']), key: keyOf(kind, entity), label: labelOf(kind, entity), entity };
}

function nameOf(kind: EntityKind, row: Fields): string {
  const value = row[endpointKey(kind) ?? ''] ?? row['custom_id'];
  return typeof value === 'string' ? value : String(row['id']);
}

/** Its name, else the fields that make it what it is, else a value that no other has. */
function keyOf(kind: EntityKind, entity: Fields): string | undefined {
  const name = entity[endpointKey(kind) ?? ''];
  if (typeof name === 'string') return name;
  const keyed = cacheKey(kind);
  const fields = keyed === undefined ? uniqueFields(kind) : [...keyed.fields, ...keyed.ifSet];
  const parts = fields.map((field) => entity[field]);
  return parts.some((part) => typeof part === 'string') ? JSON.stringify(parts) : undefined;
}

/** Fields that may be shown: a credential's `key` is a secret. */
const SHOWN_FIELDS = ['name', 'username', 'custom_id', 'target', 'prefix', 'group'] as const;

function labelOf(kind: EntityKind, entity: Fields): string {
  const own = SHOWN_FIELDS.map((field) => entity[field]).find((value) => typeof value === 'string');
  const parents = foreignKeys(kind)
    .filter(({ field }) => typeof entity[field] === 'string' && field !== 'client_certificate')
    .map(({ field }) => `${field.replaceAll('_', ' ')} ${String(entity[field])}`);
  const name = own === undefined ? '' : ` ${own}`;
  const of = parents.length === 0 || kind === 'routes' ? '' : ` of ${parents.join(' and ')}`;
  return `${singularName(kind).replaceAll('_', ' ')}${name}${of}`;
}

interface Matched {
  readonly pairs: readonly (readonly [Named, Named])[];
  readonly added: readonly Named[];
  readonly removed: readonly Named[];
}

/** By id, then by key, then by being the same in everything. */
function match(before: readonly Named[], after: readonly Named[]): Matched {
  const pairs: (readonly [Named, Named])[] = [];
  let [gone, come] = [before, after];
  const identities: readonly ((one: Named) => string | undefined)[] = [
    ({ id }) => id,
    ({ key }) => key,
    ({ entity }) => JSON.stringify(entity),
  ];
  for (const identity of identities) {
    const old = new Map<string, Named[]>();
    for (const one of gone) {
      const known = identity(one);
      if (known !== undefined) old.set(known, [...(old.get(known) ?? []), one]);
    }
    const taken = new Set<Named>();
    come = come.filter((one) => {
      const partner = old.get(identity(one) ?? '')?.shift();
      if (partner === undefined) return true;
      taken.add(partner);
      pairs.push([partner, one]);
      return false;
    });
    gone = gone.filter((one) => !taken.has(one));
  }
  return { pairs, added: come, removed: gone };
}

/** Records are compared member by member, anything else as a whole. */
function changedFields(before: Fields, after: Fields, path: ConfigPath): FieldChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const [old, now] = [before[name] ?? undefined, after[name] ?? undefined];
    const at = [...path, name];
    if (isDeepStrictEqual(old, now)) return [];
    if (isFields(old) && isFields(now)) return changedFields(old, now, at);
    return [{ path: at, before: old, after: now }];
  });
}
