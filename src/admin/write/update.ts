/** An entity that changes: edits for what differs, and nothing for what does not. */
import { isFields, type Fields } from '../../config/checks/field-issue.ts';
import { applyDefaults } from '../../config/defaults.ts';
import { normalizeTarget, passwordDigest } from '../../config/resolve.ts';
import {
  cacheKey,
  childKinds,
  endpointKey,
  entitySchema,
  foreignKeys,
} from '../../config/schemas.ts';
import type { EntityKind } from '../../config/types.ts';
import type { ValueEdit } from '../../edit/edit-text.ts';
import { applyChange, changeOf, isPlain, type PlainValue } from '../../edit/text-change.ts';
import { fieldOf, referenceOf, type ConfigIndex, type Row } from '../index-config.ts';
import { automaticValue, NO_FILE, passwordFor, placeFor } from './create.ts';
import { fieldEdits, type FieldMode } from './field-edits.ts';
import { renamingEdits } from './rename.ts';
import { serviceUrlEdits, URL_PARTS } from './service-url.ts';
import { currentConfigNames } from './plugin-config.ts';
import type { BaseFile, FileEdit, WriteBase } from './types.ts';
import { fieldSchema, inOrder, referenceText, valueAt } from './written.ts';

export interface Update {
  readonly kind: EntityKind;
  readonly row: Row;
  /** What the client sent, short forms and all. */
  readonly values: Fields;
  /** All that the entity is to be, references as `{ id }`; what is not in it is at its default. */
  readonly next: Fields;
  /** PATCH: what was not sent stays. */
  readonly merges: boolean;
}

interface Context extends Update {
  readonly index: ConfigIndex;
  readonly base: WriteBase;
  readonly file: BaseFile;
  readonly fileIndex: number;
  readonly path: readonly (string | number)[];
  /** The entity as the file has it. */
  readonly raw: Fields;
}

/** The edits, or `undefined` for an entity that no file says anything of. */
export function updateOf(
  update: Update,
  index: ConfigIndex,
  base: WriteBase,
): readonly FileEdit[] | undefined {
  const place = base.placeOf(update.kind, update.row.id);
  if (place === undefined) return undefined;
  const { file: fileIndex, path } = place;
  const file = base.files[fileIndex] ?? NO_FILE;
  const raw = valueAt(file.value, path);
  if (!isFields(raw)) return undefined;
  const context: Context = { ...update, index, base, file, fileIndex, path, raw };
  const own = [...memberEdits(context), ...automaticEdits(context), ...identityEdits(context)];
  const others = renamingEdits(
    { kind: update.kind, row: update.row, next: update.next },
    index,
    base,
  );
  return [...moveEdits(context, own), ...others];
}

/** Members that are not fields: children, comments, what only decK reads. */
function isField(kind: EntityKind, name: string): boolean {
  const { properties } = entitySchema(kind);
  if (name === '_config') return true;
  const isChild = childKinds(kind).some((child) => child.kind === name);
  return (
    !isChild &&
    name !== '_comment' &&
    name !== '_ignore' &&
    properties[name]?.['x-kong-members'] === undefined
  );
}

/** Paths are those inside of the entity. */
function memberEdits(context: Context): readonly ValueEdit[] {
  const { kind, raw, values, merges } = context;
  const references = new Set(foreignKeys(kind).map(({ field }) => field));
  const isHandled = (name: string): boolean =>
    references.has(name) ||
    name === 'id' ||
    entitySchema(kind).properties[name]?.['x-kong-auto'] !== undefined ||
    (kind === 'services' && (name === 'url' || URL_PARTS.some((part) => part === name)));
  const given = Object.keys(context.next);
  const names = merges ? Object.keys(values) : [...new Set([...Object.keys(raw), ...given])];
  const fields = names.filter((name) => isField(kind, name) && !isHandled(name));
  const url = kind === 'services' ? serviceUrlEdits(context) : [];
  return [...url, ...fields.flatMap((name) => ownFieldEdits(context, name))];
}

function ownFieldEdits(context: Context, name: string): readonly ValueEdit[] {
  const { kind, row, raw, values, next, file, base, merges } = context;
  const mode: FieldMode = { merges, hasReferences: file.hasReferences };
  const entity = { ...row, ...next };
  const isConfig = kind === 'plugins' && name === 'config';
  if (isConfig && fieldOf(row, 'name') === next['name']) {
    return currentConfigNames(context, mode);
  }
  const loaded = fieldOf(row, name);
  const wanted =
    name === 'password' ? passwordFor(kind, entity, base) : (merges ? values : next)[name];
  if (isSame(kind, name, { entity, wanted, loaded, transform: base.transform })) return [];
  return fieldEdits(
    {
      path: [name],
      schema: fieldSchema(kind, name, { pluginName: next['name'], schemas: base.schemas }),
      raw: raw[name],
      loaded: isConfig ? undefined : loaded,
      fallback: applyDefaults(kind, {})[name],
    },
    wanted,
    isConfig ? { ...mode, merges: false } : mode,
  );
}

interface Sameness {
  readonly entity: Fields;
  readonly wanted: unknown;
  readonly loaded: unknown;
  readonly transform: boolean;
}

/** Values that a load changes: compared as it leaves them. */
function isSame(
  kind: EntityKind,
  name: string,
  { entity, wanted, loaded, transform }: Sameness,
): boolean {
  if (typeof wanted !== 'string') return false;
  if (kind === 'targets' && name === 'target') return normalizeTarget(wanted) === loaded;
  const isPassword = kind === 'basicauth_credentials' && name === 'password';
  return isPassword && transform && passwordDigest({ ...entity, password: wanted }) === loaded;
}

/** Times, keys and secrets: a replaced entity has new ones, a changed one what it has now. */
function automaticEdits({ kind, row, raw, values, merges }: Context): readonly ValueEdit[] {
  return Object.entries(entitySchema(kind).properties).flatMap(([name, schema]): ValueEdit[] => {
    const auto = schema['x-kong-auto'];
    if (auto !== 'created' && auto !== 'token') return [];
    const given = values[name] ?? undefined;
    const loaded = fieldOf(row, name);
    if (given === loaded) return [];
    const isPlainText = isPlain(given) && given !== undefined;
    if (isPlainText) return [{ op: 'set', path: [name], value: given }];
    if (!merges) {
      const made = automaticValue(schema);
      return made === undefined ? [] : [{ op: 'set', path: [name], value: made }];
    }
    const isDrawn = auto === 'token' && raw[name] === undefined && isPlain(loaded);
    return isDrawn ? [{ op: 'set', path: [name], value: loaded }] : [];
  });
}

/** The fields that an id is computed from. */
function identityFields(kind: EntityKind): readonly string[] {
  const keyed = cacheKey(kind);
  if (keyed !== undefined) return [...keyed.fields, ...keyed.ifSet];
  const key = endpointKey(kind);
  return key === undefined ? [] : [key];
}

/** An id that is computed or random is written down before it would be another. */
function identityEdits({ kind, row, raw, next }: Context): readonly ValueEdit[] {
  if (raw['id'] !== undefined) return [];
  const fields = identityFields(kind);
  const isRandom =
    fields.length === 0 ||
    fields.some((field) => entitySchema(kind).properties[field]?.['x-kong-auto'] !== undefined) ||
    fields.every((field) => (fieldOf(row, field) ?? null) === null);
  const changes = fields.some((field) => !isEqualField(row, next, field));
  return isRandom || changes ? [{ op: 'set', path: ['id'], value: row.id }] : [];
}

function isEqualField(row: Row, next: Fields, field: string): boolean {
  const [before, after] = [referenceOf(row, field), referenceOf(next, field)];
  if (before !== undefined || after !== undefined) return before === after;
  return (fieldOf(row, field) ?? null) === (next[field] ?? null);
}

/** Edits at the place of the entity, or its whole text at another. */
function moveEdits(context: Context, own: readonly ValueEdit[]): readonly FileEdit[] {
  const { kind, row, next, path, fileIndex: file } = context;
  const changed = foreignKeys(kind).filter(({ field }) => !isEqualField(row, next, field));
  const isNested = path.length > 2;
  if (changed.length > 0 && isNested) {
    return [...movedEntity(context, own), { file, edit: { op: 'remove', path } }];
  }
  const links = changed.map((foreign) => linkEdit(context, foreign, context.file));
  return [...own, ...links].map((edit) => ({
    file,
    edit: { ...edit, path: [...path, ...edit.path] },
  }));
}

/** Appended where its new parent stands, with all that the file says of it. */
function movedEntity(context: Context, own: readonly ValueEdit[]): readonly FileEdit[] {
  const { kind, next, raw, base } = context;
  const place = placeFor(kind, next, base);
  const links = foreignKeys(kind).map((foreign): ValueEdit => {
    const isOwner = foreign.field === place.owner?.field;
    return isOwner
      ? { op: 'remove', path: [foreign.field] }
      : linkEdit(context, foreign, place.file);
  });
  const value = applyChange(raw, changeOf([...own, ...links]));
  if (!isFields(value)) return [];
  const fields = new Map(
    Object.entries(value).filter((pair): pair is [string, PlainValue] => isPlain(pair[1])),
  );
  const edit: ValueEdit = { op: 'append', path: place.path, value: inOrder(kind, fields) };
  return [{ file: place.fileIndex, edit }];
}

/** A foreign key as a file says it. */
function linkEdit(
  { next, index }: Context,
  { field, to }: { readonly field: string; readonly to: EntityKind },
  file: BaseFile,
): ValueEdit {
  const id = referenceOf(next, field);
  if (id === undefined) return { op: 'remove', path: [field] };
  return { op: 'set', path: [field], value: referenceText(index, to, id, file) };
}
