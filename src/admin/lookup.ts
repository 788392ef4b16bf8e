/** From the text in a path to the entity it names. */
import { normalizeTarget } from '../config/resolve.ts';
import type { EntityKind } from '../config/types.ts';
import { describe, type EntityDescription } from './entities.ts';
import {
  fieldOf,
  referenceOf,
  rowById,
  rowByKey,
  type ConfigIndex,
  type Row,
} from './index-config.ts';
import { entityError, invalidUnique, message, NOT_FOUND, type AdminResponse } from './response.ts';

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;
const NAME = /^[\p{L}\p{N}\p{M}._~-]+$/u;

/** `refused` answers by itself; `field` says what the text was taken for. */
export type Lookup =
  | { readonly kind: 'found'; readonly row: Row; readonly field: string }
  | { readonly kind: 'missing'; readonly field: string; readonly response: AdminResponse }
  | { readonly kind: 'refused'; readonly response: AdminResponse };

export const isUuid = (text: string): boolean => UUID.test(text);

const missing = (field: string, response = NOT_FOUND): Lookup => ({
  kind: 'missing',
  field,
  response,
});

const foundOr = (row: Row | undefined, field: string): Lookup =>
  row === undefined ? missing(field) : { kind: 'found', row, field };

const badPrimaryKey = (): Lookup => {
  const text = 'expected a valid UUID';
  const response = entityError('invalid primary key', `invalid primary key: '{id="${text}"}'`, {
    fields: { id: text },
  });
  return { kind: 'refused', response };
};

function badName(field: string, text: string): Lookup {
  const rule = 'the only accepted ascii characters are alphanumerics or ., -, _, and ~';
  return { kind: 'refused', response: invalidUnique(field, `invalid value '${text}': ${rule}`) };
}

/** A certificate by the name of one of its SNIs. */
function certificateBySni(index: ConfigIndex, name: string): Lookup {
  const sni = rowByKey(index, 'snis', name);
  const id = sni && referenceOf(sni, 'certificate');
  const row = id === undefined ? undefined : rowById(index, 'certificates', id);
  return row === undefined
    ? missing('snis', message(404, 'SNI not found'))
    : { kind: 'found', row, field: 'id' };
}

/** Finds an entity by its id, or by its key when the text is no UUID. */
export function lookUp(index: ConfigIndex, kind: EntityKind, text: string): Lookup {
  if (isUuid(text)) return foundOr(rowById(index, kind, text), 'id');
  if (kind === 'certificates') return certificateBySni(index, text);
  const { key, keyIsName } = describe(kind);
  if (key === undefined) return badPrimaryKey();
  if (keyIsName && !NAME.test(text)) return badName(key, text);
  return foundOr(rowByKey(index, kind, text), key);
}

/** The field that names a child below its parent, where that is not the entity's own key. */
const CHILD_KEYS: ReadonlyMap<EntityKind, string> = new Map([
  ['acls', 'group'],
  ['targets', 'target'],
]);

/**
 * Finds a child among those of its parent. A credential of another consumer, or a route of another
 * service, is not found.
 */
export function lookUpChild(
  index: ConfigIndex,
  entity: EntityDescription,
  siblings: readonly Row[],
  text: string,
): Lookup {
  const childKey = CHILD_KEYS.get(entity.kind);
  if (childKey !== undefined && !isUuid(text)) {
    const wanted = entity.kind === 'targets' ? normalizeTarget(text) : text;
    const row = siblings.find((sibling) => fieldOf(sibling, childKey) === wanted);
    return foundOr(row, childKey);
  }
  const found = lookUp(index, entity.kind, text);
  if (found.kind !== 'found' || siblings.some(({ id }) => id === found.row.id)) return found;
  return missing(found.field);
}
