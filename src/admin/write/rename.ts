/** References by name follow an entity that gets another one. */
import { isFields, type Fields } from '../../config/checks/field-issue.ts';
import { cacheKey, childKinds, endpointKey } from '../../config/schemas.ts';
import type { EntityKind } from '../../config/types.ts';
import type { ValueEdit } from '../../edit/edit-text.ts';
import { escapeReferences } from '../../config/references-in-text.ts';
import { childrenOf, fieldOf, type ConfigIndex, type Row } from '../index-config.ts';
import { NO_FILE } from './create.ts';
import type { FileEdit, WriteBase } from './types.ts';
import { valueAt } from './written.ts';

interface Renaming {
  readonly kind: EntityKind;
  readonly row: Row;
  readonly next: Fields;
}

/** Edits of all that refers to the entity by the name it had. */
export function renamingEdits(
  { kind, row, next }: Renaming,
  index: ConfigIndex,
  base: WriteBase,
): readonly FileEdit[] {
  const key = endpointKey(kind);
  const before = key === undefined ? undefined : fieldOf(row, key);
  const after = key === undefined ? undefined : (next[key] ?? undefined);
  if (typeof before !== 'string' || before === after) return [];
  const name = typeof after === 'string' ? after : row.id;
  return childKinds(kind).flatMap((child) =>
    childrenOf(index, child.kind, child.field, row.id).flatMap((each): readonly FileEdit[] => {
      const place = base.placeOf(child.kind, each.id);
      if (place === undefined) return [];
      const file = base.files[place.file] ?? NO_FILE;
      const raw = valueAt(file.value, place.path);
      if (!isFields(raw)) return [];
      const value = file.hasReferences ? escapeReferences(name) : name;
      const edits = referringEdits(child, { raw, before, value, id: each.id });
      return edits.map((edit) => ({
        file: place.file,
        edit: { ...edit, path: [...place.path, ...edit.path] },
      }));
    }),
  );
}

interface Referring {
  readonly raw: Fields;
  readonly before: string;
  readonly value: string;
  readonly id: string;
}

/** Members of groups are written as records with a name; anything else has the name in its field. */
function referringEdits(
  { kind, field }: { readonly kind: EntityKind; readonly field: string },
  { raw, before, value, id }: Referring,
): readonly ValueEdit[] {
  if (kind === 'consumer_group_consumers') {
    return ['name', 'username', field]
      .filter((name) => raw[name] === before)
      .map((name): ValueEdit => ({ op: 'set', path: [name], value }));
  }
  if (raw[field] !== before) return [];
  const rename: ValueEdit = { op: 'set', path: [field], value };
  const isIdentity = cacheKey(kind)?.fields.includes(field) === true;
  if (!isIdentity || raw['id'] !== undefined) return [rename];
  return [rename, { op: 'set', path: ['id'], value: id }];
}
