/**
 * What the writing Admin API must do, as a model in memory: entities as they were written, and what each call changes.
 * What they mean in full is asked of the loader, which knows nothing of writes.
 */
import { randomUUID } from 'node:crypto';
import { isFields, type Fields } from '../../../src/config/checks/field-issue.ts';
import type { EntityKind } from '../../../src/config/types.ts';
import { ConfigError } from '../../../src/errors.ts';
import { entitiesIn, type Entities } from '../writer.ts';
import { seeded, type Random } from '../mutations.ts';
import { MODEL_KINDS, pick, type ModelKind, type Parent } from './kinds.ts';

/** Kind → id → the fields as they were written. */
export type Model = ReadonlyMap<EntityKind, ReadonlyMap<string, Fields>>;

export const ACTIONS = ['post', 'put', 'patch', 'delete', 'bad'] as const;
export const TARGETS = ['by id', 'by key', 'new id', 'new key'] as const;

/** One random call, in numbers that mean something for every model. */
export interface Operation {
  readonly action: (typeof ACTIONS)[number];
  readonly target: (typeof TARGETS)[number];
  /** Below the parent where there is a choice. */
  readonly isNested: boolean;
  readonly kind: number;
  /** Draws everything else. */
  readonly seed: number;
}

/** A call, and what must come of it. */
export interface Step {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** The allowed ones. */
  readonly statuses: readonly number[];
  /** The model afterwards; absent: nothing changes. */
  readonly next?: Model;
  /** The entity that the answer shows, by the id it has in `next`, and what of it is the gateway's choice. */
  readonly shown?: {
    readonly kind: EntityKind;
    readonly id: string;
    readonly made: readonly string[];
  };
}

const REFUSED = [400, 409];

export const rowsOf = (model: Model, kind: EntityKind): readonly Fields[] => [
  ...(model.get(kind) ?? new Map<string, Fields>()).values(),
];

const idOf = ({ id }: Fields): string => String(id);

const parentOf = (row: Fields, { field }: Parent): string | undefined => {
  const reference = row[field];
  return isFields(reference) ? idOf(reference) : undefined;
};

/** The model with the entity added or replaced. */
export function withRow(model: Model, kind: EntityKind, row: Fields): Model {
  return new Map(model).set(kind, new Map(model.get(kind)).set(idOf(row), row));
}

/** The model without the entity and what goes with it; `undefined` when something keeps it. */
function withoutRow(model: Model, kind: EntityKind, id: string): Model | undefined {
  const rows = new Map(model.get(kind));
  rows.delete(id);
  let left: Model | undefined = new Map(model).set(kind, rows);
  for (const child of MODEL_KINDS) {
    for (const parent of child.parents.filter(({ to }) => to === kind)) {
      for (const row of rowsOf(model, child.kind).filter((r) => parentOf(r, parent) === id)) {
        if (parent.onDelete === 'refuse' || left === undefined) return undefined;
        left = withoutRow(left, child.kind, idOf(row));
      }
    }
  }
  return left;
}

/** What the model means in full; `undefined` when it is no valid config. */
export function meaningOf(model: Model): Entities | undefined {
  const lists = [...model].map(([kind, rows]) => [kind, [...rows.values()]]);
  try {
    return entitiesIn(JSON.stringify({ _format_version: '3.0', ...Object.fromEntries(lists) }));
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** Records that a PATCH merges; maps and lists are replaced. */
const RECORDS: ReadonlySet<string> = new Set(['config', 'healthchecks']);

function mergeRecords(before: unknown, after: Fields): Fields {
  const merged = new Map(Object.entries(isFields(before) ? before : {}));
  for (const [name, value] of Object.entries(after)) {
    merged.set(name, isFields(value) ? mergeRecords(merged.get(name), value) : value);
  }
  return Object.fromEntries(merged);
}

const patched = (row: Fields, changes: Fields): Fields => ({
  ...row,
  ...Object.fromEntries(
    Object.entries(changes).map(([name, value]) =>
      RECORDS.has(name) && isFields(value) ? [name, mergeRecords(row[name], value)] : [name, value],
    ),
  ),
});

const segment = (text: unknown): string => encodeURIComponent(String(text));

const kindOf = (kind: EntityKind): ModelKind => {
  const found = MODEL_KINDS.find((other) => other.kind === kind);
  if (found === undefined) throw new Error(`the model has no ${kind}`);
  return found;
};

/** How a path names the entity. */
function nameIn(random: Random, { key }: ModelKind, row: Fields): string {
  const named = key === undefined ? undefined : row[key];
  return segment(typeof named === 'string' && random(2) === 0 ? named : row['id']);
}

interface Draft {
  readonly model: Model;
  readonly kind: ModelKind;
  readonly operation: Operation;
  readonly random: Random;
}

interface Collection {
  readonly path: string;
  /** What the path itself says of the entity. */
  readonly given: Fields;
}

/** The collection that a call goes to, below `parentId` if that is given; `undefined` when there is none. */
function collectionFor(draft: Draft, current?: Fields): Collection | undefined {
  const { model, kind, operation, random } = draft;
  const nested = kind.parents.flatMap((parent) => {
    const rows = rowsOf(model, parent.to);
    const fit =
      current === undefined ? rows : rows.filter((row) => idOf(row) === parentOf(current, parent));
    return parent.nested !== undefined && fit.length > 0 ? [{ parent, fit }] : [];
  });
  if (kind.path !== undefined && (!operation.isNested || nested.length === 0)) {
    return { path: `/${kind.path}`, given: {} };
  }
  if (nested.length === 0) return undefined;
  const { parent, fit } = pick(random, nested);
  const row = pick(random, fit);
  const above = kindOf(parent.to);
  return {
    path: `/${above.path}/${nameIn(random, above, row)}/${parent.nested}`,
    given: { [parent.field]: { id: row['id'] } },
  };
}

/** References to parents that the path does not name. */
function references({ model, kind, random }: Draft, given: Fields): Fields {
  return Object.fromEntries(
    kind.parents.flatMap(({ field, to, required }) => {
      const rows = rowsOf(model, to);
      const isWanted = required === true || random(2) === 0;
      if (Object.hasOwn(given, field) || rows.length === 0 || !isWanted) return [];
      return [[field, { id: pick(random, rows)['id'] }]];
    }),
  );
}

/** Fields that together may stand once only. In a file such entities may have ids of their own; in Kong's database not. */
const ONCE: ReadonlyMap<EntityKind, readonly string[]> = new Map([
  ['plugins', ['name', 'route', 'service', 'consumer']],
  ['targets', ['upstream', 'target']],
  ['keys', ['kid', 'set']],
  ['acls', ['consumer', 'group']],
]);

function isTaken(model: Model, kind: EntityKind, row: Fields): boolean {
  const fields = ONCE.get(kind);
  if (fields === undefined) return false;
  const keyOf = (each: Fields): string =>
    JSON.stringify(fields.map((field) => each[field] ?? null));
  return rowsOf(model, kind).some(
    (other) => idOf(other) !== idOf(row) && keyOf(other) === keyOf(row),
  );
}

/** What must come of a write of this entity. */
function writing(
  { model, kind }: Draft,
  row: Fields,
  statuses: readonly number[],
): Pick<Step, 'statuses' | 'next' | 'shown'> {
  const next = withRow(model, kind.kind, row);
  if (isTaken(model, kind.kind, row) || meaningOf(next) === undefined) return { statuses: REFUSED };
  const made = (kind.made ?? []).filter((field) => (row[field] ?? null) === null);
  return { statuses, next, shown: { kind: kind.kind, id: idOf(row), made } };
}

function post(draft: Draft): Step | undefined {
  const collection = collectionFor(draft);
  if (collection === undefined) return undefined;
  const body = {
    ...draft.kind.fields(draft.random),
    ...references(draft, collection.given),
  };
  const row = { id: randomUUID(), ...body, ...collection.given };
  return { method: 'POST', path: collection.path, body, ...writing(draft, row, [201]) };
}

/** An entity that is there, if any is. */
function existing({ model, kind, random }: Draft): Fields | undefined {
  const rows = rowsOf(model, kind.kind);
  return rows.length === 0 ? undefined : pick(random, rows);
}

/** The last segment of a path, the fields that it gives, and the entity that it means. */
function target(
  draft: Draft,
): { readonly segment: string; readonly given: Fields; readonly current?: Fields } | undefined {
  const { kind, operation, random } = draft;
  const { key } = kind;
  if (operation.target === 'new id') {
    const id = randomUUID();
    return { segment: id, given: { id } };
  }
  if (operation.target === 'new key') {
    if (key === undefined) return undefined;
    const value = `${operation.target.replace(' ', '-')}-${random(1000)}`;
    return { segment: segment(value), given: { id: randomUUID(), [key]: value } };
  }
  const current = existing(draft);
  if (current === undefined) return undefined;
  const named = key === undefined ? undefined : current[key];
  const { id } = current;
  return operation.target === 'by key' && key !== undefined && typeof named === 'string'
    ? { segment: segment(named), given: { id, [key]: named }, current }
    : { segment: idOf(current), given: { id }, current };
}

/** To Kong, a PUT of a target is a PATCH. */
function put(draft: Draft): Step | undefined {
  if (draft.kind.kind === 'targets') {
    const step = patch(draft);
    return step && { ...step, method: 'PUT' };
  }
  const aim = target(draft);
  if (aim === undefined) return undefined;
  const collection = collectionFor(draft, aim.current);
  if (collection === undefined) return undefined;
  const fields = draft.kind.fields(draft.random, aim.current);
  const body = { ...fields, ...references(draft, collection.given) };
  const row = { ...body, ...collection.given, ...aim.given };
  const path = `${collection.path}/${aim.segment}`;
  return { method: 'PUT', path, body, ...writing(draft, row, [200]) };
}

function patch(draft: Draft): Step | undefined {
  const { random, kind } = draft;
  const aim = target(draft);
  const collection = aim && collectionFor(draft, aim.current);
  if (aim === undefined || collection === undefined) return undefined;
  const drawn = Object.entries(kind.fields(random, aim.current));
  const body: Fields = Object.fromEntries([
    ...drawn.filter(() => random(2) === 0),
    ...(random(4) === 0 && kind.kind !== 'basicauth_credentials' ? [['tags', null]] : []),
  ]);
  const path = `${collection.path}/${aim.segment}`;
  const call = { method: 'PATCH', path, body };
  if (aim.current === undefined) return { ...call, statuses: [404] };
  return { ...call, ...writing(draft, patched(aim.current, body), [200]) };
}

function remove(draft: Draft): Step | undefined {
  const aim = target(draft);
  const collection = aim && collectionFor(draft, aim.current);
  if (aim === undefined || collection === undefined) return undefined;
  const call = { method: 'DELETE', path: `${collection.path}/${aim.segment}` };
  const isNested = Object.keys(collection.given).length > 0;
  if (aim.current === undefined) return { ...call, statuses: [isNested ? 404 : 204] };
  const next = withoutRow(draft.model, draft.kind.kind, idOf(aim.current));
  return next === undefined ? { ...call, statuses: [400] } : { ...call, statuses: [204], next };
}

/** Calls that nothing may come of. */
function bad(draft: Draft): Step | undefined {
  const { kind, random } = draft;
  const collection = collectionFor(draft);
  if (collection === undefined) return undefined;
  const fields = { ...kind.fields(random), ...references(draft, collection.given) };
  const call = { method: 'POST', path: collection.path };
  const [parent] = kind.parents;
  const missing = { id: randomUUID() };
  return pick<() => Step>(random, [
    () => ({ ...call, body: { ...fields, no_such_field: 1 }, statuses: [400] }),
    () => ({ ...call, body: { ...fields, tags: 'no list' }, statuses: [400] }),
    () =>
      parent === undefined || Object.hasOwn(collection.given, parent.field)
        ? { ...call, body: { ...fields, id: 'no uuid' }, statuses: [400] }
        : { ...call, body: { ...fields, [parent.field]: missing }, statuses: REFUSED },
  ])();
}

/** The call that an operation means for this model; `undefined` when it means none. */
export function planStep(model: Model, operation: Operation): Step | undefined {
  const kind = MODEL_KINDS[operation.kind % MODEL_KINDS.length];
  if (kind === undefined) return undefined;
  const draft = { model, kind, operation, random: seeded(operation.seed) };
  const plans = { post, put, patch, delete: remove, bad } as const;
  return plans[operation.action](draft);
}

/** Takes what the gateway chose (ids, keys, times) from its answer into the model. */
export function settle(step: Step, answer: Fields): Model | undefined {
  const { next, shown } = step;
  if (next === undefined || shown === undefined) return next;
  const rows = new Map(next.get(shown.kind));
  const row = rows.get(shown.id);
  rows.delete(shown.id);
  const chosen = ['id', 'created_at', ...shown.made].map((field) => [field, answer[field]]);
  const settled = { ...row, ...Object.fromEntries(chosen) };
  return new Map(next).set(shown.kind, rows.set(String(answer['id']), settled));
}
