/** A document as a flat list of entities, nested ones included, each with the place it came from. */
import type { ConfigIssue, ConfigPath, ConfigSubject } from '../errors.ts';
import { isFields, type FieldIssue, type Fields } from './checks/field-issue.ts';
import { ENTITY_KINDS, childKinds, entitySchema, singularName } from './schemas.ts';
import type { EntityKind } from './types.ts';

/** One entity of a document on its way to the config. */
export interface Item {
  readonly kind: EntityKind;
  /** As written, without nested children, `_comment` and `_ignore`. */
  readonly given: Fields;
  readonly path: ConfigPath;
  /** Position in its list. */
  readonly index: number;
  readonly parent: ParentLink | undefined;
  /** Set when ids are assigned. */
  id: string;
}

export interface ParentLink {
  readonly item: Item;
  /** The child's field that refers to the parent. */
  readonly field: string;
}

/** What stands in an entity list of the document, whatever it is. */
export interface Entry {
  readonly kind: EntityKind;
  readonly value: unknown;
  readonly path: ConfigPath;
  /** Absent for what is no record. */
  readonly item: Item | undefined;
}

/** Every entry of every entity list, parents before their children. */
export function listEntries(document: Fields): Entry[] {
  const entries: Entry[] = [];
  for (const kind of ENTITY_KINDS) collect({ kind, list: document[kind], path: [kind] }, entries);
  return entries;
}

interface ListPlace {
  readonly kind: EntityKind;
  readonly list: unknown;
  readonly path: ConfigPath;
  readonly parent?: ParentLink;
}

function collect({ kind, list, path: listPath, parent }: ListPlace, entries: Entry[]): void {
  if (!Array.isArray(list)) return;
  list.forEach((value: unknown, index) => {
    const path = [...listPath, index];
    if (!isFields(value)) {
      entries.push({ kind, value, path, item: undefined });
      return;
    }
    const item: Item = { kind, given: ownFields(kind, value), path, index, parent, id: '' };
    entries.push({ kind, value, path, item });
    for (const child of childKinds(kind)) {
      collect(
        {
          kind: child.kind,
          list: value[child.kind],
          path: [...path, child.kind],
          parent: { item, field: child.field },
        },
        entries,
      );
    }
  });
}

/** Notes and children gone. */
function ownFields(kind: EntityKind, value: Fields): Fields {
  const { properties } = entitySchema(kind);
  const children = childKinds(kind).map((child): string => child.kind);
  const members = Object.entries(value).filter(
    ([name]) =>
      name !== '_comment' &&
      name !== '_ignore' &&
      (Object.hasOwn(properties, name) || !children.includes(name)),
  );
  return Object.fromEntries(members);
}

/** Memberships that a consumer or a group lists (`groups`, `consumers`) as entities of their own. */
export function membershipItems(items: readonly Item[]): Item[] {
  return items.flatMap((item) => {
    if (item.kind !== 'consumers' && item.kind !== 'consumer_groups') return [];
    const [list, field, other] =
      item.kind === 'consumers'
        ? (['groups', 'consumer', 'consumer_group'] as const)
        : (['consumers', 'consumer_group', 'consumer'] as const);
    const members = item.given[list];
    if (!Array.isArray(members)) return [];
    return members.filter(isFields).map((member, index): Item => ({
      kind: 'consumer_group_consumers',
      given: { [other]: member['id'] ?? member['name'] ?? member['username'] },
      path: [...item.path, list, index],
      index,
      parent: { item, field },
      id: '',
    }));
  });
}

/** The issue with its place in the document. Its subject has the id only if the item has it by now. */
export function issueOf(item: Item, { path, at, ...rest }: FieldIssue): ConfigIssue {
  const { id } = item;
  const shown = at && { at: [...item.path, ...at] };
  return {
    ...rest,
    ...shown,
    path: [...item.path, ...path],
    subject: () => subjectOf({ ...item, id }),
  };
}

/** What `flatten_errors` shows of an entity: with the parent's id when the document gives one. */
export function subjectOf({ kind, given, path, parent, id }: Item): ConfigSubject {
  const parentId = parent?.item.given['id'];
  const entity = {
    ...given,
    ...(id !== '' && { id }),
    ...(parent && typeof parentId === 'string' && { [parent.field]: { id: parentId } }),
  };
  return { type: singularName(kind), path, entity };
}
