/** Look-ups over a Config, made once per load and shared by all requests to it. */
import { ENTITY_KINDS, endpointKey, entitySchema, foreignKeys } from '../config/schemas.ts';
import type { Config, EntityKind } from '../config/types.ts';

/** What all entities have in common; the other fields are read by `fieldOf`. */
export interface Row {
  readonly id: string;
  readonly tags?: readonly string[] | null;
}

/** One use of a tag, as `GET /tags` lists it. */
export interface TagRow {
  readonly entity_name: EntityKind;
  readonly entity_id: string;
  readonly tag: string;
}

interface KindIndex {
  /** In the order of ids: Kong's storage order. */
  readonly rows: readonly Row[];
  readonly byId: ReadonlyMap<string, Row>;
  readonly byKey: ReadonlyMap<string, Row>;
  /** Field of a foreign key → parent's id → children in the order of ids. */
  readonly children: ReadonlyMap<string, ReadonlyMap<string, readonly Row[]>>;
}

export interface ConfigIndex {
  readonly kinds: ReadonlyMap<EntityKind, KindIndex>;
  readonly tags: readonly TagRow[];
}

/** A field of an entity by its name. */
export function fieldOf(row: object, name: string): unknown {
  return Object.hasOwn(row, name) ? Reflect.get(row, name) : undefined;
}

/** The id a foreign key holds, or `undefined` when it is null. */
export function referenceOf(row: object, field: string): string | undefined {
  const value = fieldOf(row, field);
  if (typeof value !== 'object' || value === null) return undefined;
  const id = fieldOf(value, 'id');
  return typeof id === 'string' ? id : undefined;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function keysOf(rows: readonly Row[], key: string | undefined): ReadonlyMap<string, Row> {
  const byKey = new Map<string, Row>();
  if (key === undefined) return byKey;
  for (const row of rows) {
    const value = fieldOf(row, key);
    if (typeof value === 'string') byKey.set(value, row);
  }
  return byKey;
}

function groupByParent(rows: readonly Row[], field: string): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const parent = referenceOf(row, field);
    if (parent === undefined) continue;
    const group = groups.get(parent);
    if (group === undefined) groups.set(parent, [row]);
    else group.push(row);
  }
  return groups;
}

function tagsOf(kinds: ReadonlyMap<EntityKind, KindIndex>): readonly TagRow[] {
  const rows: TagRow[] = [];
  for (const [kind, index] of kinds) {
    for (const row of index.rows) {
      for (const tag of row.tags ?? []) {
        rows.push({ entity_name: kind, entity_id: row.id, tag });
      }
    }
  }
  return rows.toSorted((a, b) => compareText(tagKey(a), tagKey(b)));
}

/** What orders and identifies a row of `/tags`. */
export const tagKey = (row: TagRow): string => `${row.tag}|${row.entity_name}|${row.entity_id}`;

/** Fields that the open-source Kong does not have; while they are null nobody sees them. */
function extraFieldsOf(kind: EntityKind): readonly string[] {
  return Object.entries(entitySchema(kind).properties)
    .filter(([, field]) => field['x-kong-enterprise'] === true)
    .map(([name]) => name);
}

/** The names of a certificate's SNIs, by its id. */
function sniNames(config: Config): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const { name, certificate } of config.entities.snis) {
    const known = names.get(certificate.id);
    if (known === undefined) names.set(certificate.id, [name]);
    else known.push(name);
  }
  return names;
}

function withoutExtras(config: Config, kind: EntityKind): readonly Row[] {
  const rows: readonly Row[] = config.entities[kind];
  const extra = extraFieldsOf(kind);
  if (extra.length === 0) return rows;
  return rows.map((row) => {
    const shown = { ...row };
    for (const name of extra) if (fieldOf(row, name) === null) Reflect.deleteProperty(shown, name);
    return shown;
  });
}

/** The entities of a kind as the Admin API shows them. */
function shownRows(config: Config, kind: EntityKind): readonly Row[] {
  const rows = withoutExtras(config, kind);
  if (kind !== 'certificates') return rows;
  const names = sniNames(config);
  // In alphabetical order, as in Kong.
  return rows.map((row) => ({ ...row, snis: names.get(row.id)?.toSorted(compareText) ?? [] }));
}

/** What `POST /config` answers with: kind → id → entity, kinds without entities left out. */
export function entitiesById(config: Config): Readonly<Record<string, Record<string, Row>>> {
  return Object.fromEntries(
    ENTITY_KINDS.map((kind) => [kind, withoutExtras(config, kind)] as const)
      .filter(([, rows]) => rows.length > 0)
      .map(([kind, rows]) => [kind, Object.fromEntries(rows.map((row) => [row.id, row]))]),
  );
}

function build(config: Config): ConfigIndex {
  const kinds = new Map<EntityKind, KindIndex>();
  for (const kind of ENTITY_KINDS) {
    const rows = shownRows(config, kind).toSorted((a, b) => compareText(a.id, b.id));
    kinds.set(kind, {
      rows,
      byId: new Map(rows.map((row) => [row.id, row])),
      byKey: keysOf(rows, endpointKey(kind)),
      children: new Map(foreignKeys(kind).map(({ field }) => [field, groupByParent(rows, field)])),
    });
  }
  return { kinds, tags: tagsOf(kinds) };
}

const built = new WeakMap<Config, ConfigIndex>();

/** The index of a config; the first request after a load pays for it. */
export function indexOf(config: Config): ConfigIndex {
  const known = built.get(config);
  if (known !== undefined) return known;
  const index = build(config);
  built.set(config, index);
  return index;
}

/** All entities of a kind, in the order of ids. */
export function rowsOf(index: ConfigIndex, kind: EntityKind): readonly Row[] {
  return index.kinds.get(kind)?.rows ?? [];
}

/** The entities of a kind whose foreign key `field` holds `parentId`. */
export function childrenOf(
  index: ConfigIndex,
  kind: EntityKind,
  field: string,
  parentId: string,
): readonly Row[] {
  return index.kinds.get(kind)?.children.get(field)?.get(parentId) ?? [];
}

export function rowById(index: ConfigIndex, kind: EntityKind, id: string): Row | undefined {
  return index.kinds.get(kind)?.byId.get(id);
}

export function rowByKey(index: ConfigIndex, kind: EntityKind, key: string): Row | undefined {
  return index.kinds.get(kind)?.byKey.get(key);
}
