/** Walks over the entities of a document and puts others in their place. */
import type { ConfigPath } from '../../errors.ts';
import { isFields, type Fields } from '../checks/field-issue.ts';
import { ENTITY_KINDS, childKinds } from '../schemas.ts';
import type { EntityKind } from '../types.ts';

export type ChangeEntity = (kind: EntityKind, entity: Fields, path: ConfigPath) => Fields;

/** The document with every entity, nested ones too, replaced by what `change` makes of it. */
export function mapEntities(document: Fields, change: ChangeEntity): Fields {
  return withLists(document, ENTITY_KINDS, [], change);
}

function withLists(
  owner: Fields,
  kinds: readonly EntityKind[],
  path: ConfigPath,
  change: ChangeEntity,
): Fields {
  const lists = kinds.flatMap((kind): (readonly [string, unknown])[] => {
    const list = Object.hasOwn(owner, kind) ? owner[kind] : undefined;
    if (!Array.isArray(list)) return [];
    const mapped = list.map((entity: unknown, index) =>
      isFields(entity) ? mapEntity(kind, entity, [...path, kind, index], change) : entity,
    );
    return [[kind, mapped]];
  });
  return lists.length === 0 ? owner : { ...owner, ...Object.fromEntries(lists) };
}

function mapEntity(
  kind: EntityKind,
  entity: Fields,
  path: ConfigPath,
  change: ChangeEntity,
): Fields {
  const children = childKinds(kind).map((child) => child.kind);
  return withLists(change(kind, entity, path), children, path, change);
}
