/** What other entities say against a write: equal ids and names, references to nothing, references that remain. */
import { isFields, type Fields } from '../../config/checks/field-issue.ts';
import { normalizeTarget } from '../../config/resolve.ts';
import {
  cacheKey,
  childKinds,
  foreignKeys,
  uniqueFields,
  type ChildKind,
} from '../../config/schemas.ts';
import type { EntityKind } from '../../config/types.ts';
import {
  childrenOf,
  fieldOf,
  referenceOf,
  rowById,
  rowsOf,
  type ConfigIndex,
  type Row,
} from '../index-config.ts';
import { entityError, type AdminResponse } from '../response.ts';
import { violation } from '../violation.ts';

/** A Lua table on one line, as Kong's messages show keys. */
function lua(value: unknown): string {
  if (!isFields(value))
    return value === null || value === undefined ? 'null' : JSON.stringify(value);
  const names = Object.keys(value).toSorted();
  return `{${names.map((name) => `${name}=${lua(value[name])}`).join(',')}}`;
}

const uniqueViolation = (fields: Fields): AdminResponse =>
  entityError('unique constraint violation', `UNIQUE violation detected on '${lua(fields)}'`, {
    fields,
  });

interface Checked {
  readonly index: ConfigIndex;
  readonly kind: EntityKind;
  /** With all of its fields, references as `{ id }`. */
  readonly entity: Fields;
  /** The entity that is replaced or changed; it stands in nobody's way. */
  readonly row: Row | undefined;
}

/** The answer to an entity that the others do not allow. */
export function constraintRefusal(checked: Checked): AdminResponse | undefined {
  return (
    takenId(checked) ??
    takenField(checked) ??
    takenKey(checked) ??
    missingReference(checked) ??
    (checked.kind === 'plugins' ? foreignProtocols(checked) : undefined)
  );
}

function takenId({ index, kind, entity, row }: Checked): AdminResponse | undefined {
  const { id } = entity;
  if (row !== undefined || typeof id !== 'string') return undefined;
  if (rowById(index, kind, id) === undefined) return undefined;
  const fields = { id };
  return entityError('primary key violation', `primary key violation on key '${lua(fields)}'`, {
    fields,
  });
}

function takenField({ index, kind, entity, row }: Checked): AdminResponse | undefined {
  for (const field of uniqueFields(kind)) {
    const value = entity[field];
    if (typeof value !== 'string') continue;
    const other = rowsOf(index, kind).find(
      (each) => each.id !== row?.id && fieldOf(each, field) === value,
    );
    if (other !== undefined) return uniqueViolation({ [field]: value });
  }
  return undefined;
}

/** Fields that only together must be an entity's own: a plugin's name and scope, a consumer's group. */
function takenKey({ index, kind, entity, row }: Checked): AdminResponse | undefined {
  const keyed = cacheKey(kind);
  const fields = keyed === undefined ? [] : [...keyed.fields, ...keyed.ifSet];
  if (fields.length < 2) return undefined;
  const own = fields.map((field) => keyPart(kind, entity, field));
  const other = rowsOf(index, kind).find(
    (each) =>
      each.id !== row?.id && fields.every((field, i) => keyPart(kind, each, field) === own[i]),
  );
  if (other === undefined) return undefined;
  const shown = fields.filter(
    (field) => keyed?.fields.includes(field) === true || isFields(entity[field]),
  );
  return uniqueViolation(Object.fromEntries(shown.map((field) => [field, entity[field] ?? null])));
}

function keyPart(kind: EntityKind, entity: object, field: string): unknown {
  const value = fieldOf(entity, field) ?? null;
  if (kind === 'targets' && typeof value === 'string') return normalizeTarget(value);
  return isFields(value) ? value['id'] : value;
}

function missingReference({ index, kind, entity }: Checked): AdminResponse | undefined {
  for (const { field, to } of foreignKeys(kind)) {
    const id = referenceOf(entity, field);
    if (id === undefined || rowById(index, to, id) !== undefined) continue;
    const key = { id };
    const text = `the foreign key '${lua(key)}' does not reference an existing '${to}' entity.`;
    return entityError('foreign key violation', text, { fields: { [field]: key } });
  }
  return undefined;
}

/** A plugin that could never run where it is. */
function foreignProtocols({ index, entity }: Checked): AdminResponse | undefined {
  const { protocols } = entity;
  if (!Array.isArray(protocols)) return undefined;
  const shares = (route: Row): boolean => {
    const own = fieldOf(route, 'protocols');
    return Array.isArray(own) && protocols.some((protocol) => own.includes(protocol));
  };
  const routeId = referenceOf(entity, 'route');
  const serviceId = referenceOf(entity, 'service');
  if (routeId !== undefined) {
    const route = rowById(index, 'routes', routeId);
    if (route === undefined || shares(route)) return undefined;
    return violation([
      { path: ['protocols'], message: "must match the associated route's protocols" },
    ]);
  }
  const routes = serviceId === undefined ? [] : childrenOf(index, 'routes', 'service', serviceId);
  if (routes.length === 0 || routes.some(shares)) return undefined;
  const message =
    "must match the protocols of at least one route pointing to this Plugin's service";
  return violation([{ path: ['protocols'], message }]);
}

/** References that keep the entity they lead to from being removed. */
const RESTRICTING: readonly { readonly kind: EntityKind; readonly field: string }[] = [
  { kind: 'routes', field: 'service' },
  { kind: 'services', field: 'client_certificate' },
  { kind: 'upstreams', field: 'client_certificate' },
];

const isRestricting = (kind: EntityKind, field: string): boolean =>
  RESTRICTING.some((each) => each.kind === kind && each.field === field);

/** The answer to the removal of what is still needed. */
export function removalRefusal(
  index: ConfigIndex,
  kind: EntityKind,
  { id }: Row,
): AdminResponse | undefined {
  for (const each of RESTRICTING) {
    const to = foreignKeys(each.kind).find(({ field }) => field === each.field)?.to;
    if (to !== kind || childrenOf(index, each.kind, each.field, id).length === 0) continue;
    const text = `an existing '${each.kind}' entity references this '${kind}' entity`;
    return entityError('foreign key violation', text, { fields: { '@referenced_by': each.kind } });
  }
  if (kind !== 'ca_certificates') return undefined;
  const user = rowsOf(index, 'services').find((service) => {
    const list = fieldOf(service, 'ca_certificates');
    return Array.isArray(list) && list.includes(id);
  });
  if (user === undefined) return undefined;
  return entityError(
    'referenced by others',
    `ca certificate ${id} is still referenced by services (id = ${user.id})`,
  );
}

export interface RemovedRow {
  readonly kind: EntityKind;
  readonly row: Row;
}

/** The entity and all that go with it. */
export function cascadeOf(index: ConfigIndex, kind: EntityKind, row: Row): readonly RemovedRow[] {
  const removed: RemovedRow[] = [{ kind, row }];
  for (const { kind: child, field } of dependants(kind)) {
    for (const each of childrenOf(index, child, field, row.id)) {
      removed.push(...cascadeOf(index, child, each));
    }
  }
  return removed;
}

/** Children that are removed with their parent. */
const dependants = (kind: EntityKind): readonly ChildKind[] =>
  childKinds(kind).filter((child) => !isRestricting(child.kind, child.field));
