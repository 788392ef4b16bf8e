/** A new entity: where it is written, and what has to be written of it besides what the client sent. */
import { randomUUID } from 'node:crypto';
import { isFields, type Fields } from '../../config/checks/field-issue.ts';
import { computedId } from '../../config/ids.ts';
import type { EntityPlace } from '../../config/load.ts';
import { passwordDigest, randomToken } from '../../config/resolve.ts';
import { entitySchema, foreignKeys, type FieldSchema } from '../../config/schemas.ts';
import type { EntityKind } from '../../config/types.ts';
import type { PlainValue } from '../../edit/text-change.ts';
import { referenceOf, rowById, type ConfigIndex } from '../index-config.ts';
import type { BaseFile, FileEdit, WriteBase } from './types.ts';
import {
  fieldSchema,
  inOrder,
  ownerOf,
  referenceText,
  valueAt,
  writtenValue,
  type Owner,
} from './written.ts';

/** What a new entity is written into. */
export interface NewPlace {
  readonly file: BaseFile;
  readonly fileIndex: number;
  /** Of the list. */
  readonly path: readonly (string | number)[];
  readonly owner: Owner | undefined;
}

export const NO_FILE: BaseFile = { path: '', value: {}, hasReferences: false };

/** Below its parent, in the parent's file; what has none goes to the first file. */
export function placeFor(kind: EntityKind, entity: Fields, base: WriteBase): NewPlace {
  const owner = ownerOf(kind, entity);
  const parent = owner && base.placeOf(owner.kind, owner.id);
  const fileIndex = parent?.file ?? 0;
  const file = base.files[fileIndex] ?? NO_FILE;
  if (owner === undefined || parent === undefined) {
    return { file, fileIndex, path: [kind], owner: undefined };
  }
  return { file, fileIndex, path: [...parent.path, kind], owner };
}

export interface Creation {
  readonly edits: readonly FileEdit[];
  readonly place: EntityPlace;
}

/** The edit that adds an entity; `entity` has references as `{ id }`, and no defaults. */
export function creationOf(
  kind: EntityKind,
  entity: Fields,
  index: ConfigIndex,
  base: WriteBase,
): Creation {
  const place = placeFor(kind, entity, base);
  const { fileIndex, path } = place;
  const fields = writtenFields(kind, entity, { index, base, place });
  const value = inOrder(kind, withAutomatic(kind, fields, { index, place }));
  const list = valueAt(place.file.value, path);
  const position = Array.isArray(list) ? list.length : 0;
  return {
    edits: [{ file: fileIndex, edit: { op: 'append', path, value } }],
    place: { file: fileIndex, path: [...path, position] },
  };
}

export interface WriteInto {
  readonly index: ConfigIndex;
  readonly base: WriteBase;
  readonly place: Pick<NewPlace, 'file' | 'owner'>;
}

/** Fields that no document says: they are what a load makes of it. */
const UNWRITTEN: ReadonlySet<string> = new Set(['updated', 'digest']);

/** What the client sent, as the file has it. */
export function writtenFields(
  kind: EntityKind,
  entity: Fields,
  { index, base, place }: WriteInto,
): Map<string, PlainValue> {
  const { file, owner } = place;
  const references = new Map(foreignKeys(kind).map(({ field, to }) => [field, to]));
  const written = new Map<string, PlainValue>();
  for (const [name, value] of Object.entries(entity)) {
    const schema = fieldSchema(kind, name, {
      pluginName: entity['name'],
      schemas: base.schemas,
    });
    if (name === owner?.field || UNWRITTEN.has(schema?.['x-kong-auto'] ?? '')) continue;
    const to = references.get(name);
    const id = referenceOf(entity, name);
    if (to !== undefined && id !== undefined) {
      written.set(name, referenceText(index, to, id, file));
      continue;
    }
    const own = name === 'password' ? passwordFor(kind, entity, base) : value;
    const plain = writtenValue(schema, own, file);
    if (plain !== undefined) written.set(name, plain);
  }
  return written;
}

/** Files with `_transform: false` hold digests. */
export function passwordFor(kind: EntityKind, entity: Fields, { transform }: WriteBase): unknown {
  const isDigest = kind === 'basicauth_credentials' && !transform;
  return isDigest ? passwordDigest(entity) : entity['password'];
}

/** What would be another value at each load, unless it were written. */
function withAutomatic(
  kind: EntityKind,
  written: ReadonlyMap<string, PlainValue>,
  { index, place }: Pick<WriteInto, 'index'> & { readonly place: NewPlace },
): Map<string, PlainValue> {
  const fields = new Map(written);
  for (const [name, schema] of Object.entries(entitySchema(kind).properties)) {
    if (fields.has(name)) continue;
    const made = automaticValue(schema);
    if (made !== undefined) fields.set(name, made);
  }
  const given = Object.fromEntries([...written].filter(([name]) => name !== 'id'));
  const { owner } = place;
  const parent = owner && { field: owner.field, item: { id: owner.id } };
  const computed = computedId({ kind, given, parent });
  const isFree = computed !== undefined && rowById(index, kind, computed) === undefined;
  if (!fields.has('id') && !isFree) fields.set('id', randomUUID());
  return fields;
}

/** A value for a field that nobody gave one, if it is one that is made only once. */
export function automaticValue(schema: FieldSchema): PlainValue | undefined {
  switch (schema['x-kong-auto']) {
    case 'created':
      return schema.type === 'integer' ? Math.floor(Date.now() / 1000) : Date.now() / 1000;
    case 'token':
      return randomToken();
    default:
      return undefined;
  }
}

export const asFields = (value: object): Fields => (isFields(value) ? value : {});
