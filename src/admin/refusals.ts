/**
 * Writes of entities, which DB-less mode refuses. Kong checks them as if they would happen, in this
 * order: parents exist, the body is readable, the entity exists, the result is valid, refusal.
 */
import type { EntityKind } from '../config/types.ts';
import { isObject } from '../http/json.ts';
import { childOf, linkedRow, siblingsOf, type Family } from './collections.ts';
import type { EntityDescription, ForeignKey } from './entities.ts';
import { entityValues } from './entity-body.ts';
import { entityRefusal } from './entity-check.ts';
import { resolveReferences } from './foreign-values.ts';
import { fieldOf, indexOf, type Row } from './index-config.ts';
import { isUuid, lookUp, type Lookup } from './lookup.ts';
import type { AdminRequest, Handler } from './request.ts';
import {
  empty,
  entityError,
  METHOD_NOT_ALLOWED,
  NOT_FOUND,
  type AdminResponse,
} from './response.ts';
import type { AdminDeps } from './types.ts';

type Verb = 'create' | 'create or update' | 'update' | 'remove';

/** Kinds that Kong looks up by their key, and then writes by their id. */
const WRITTEN_BY_ID: ReadonlySet<EntityKind> = new Set(['acls', 'targets', 'certificates']);

function refuse(verb: Verb, kind: EntityKind, field = 'id'): AdminResponse {
  const by = field === 'id' || WRITTEN_BY_ID.has(kind) ? '' : ` by '${field}'`;
  const text = `cannot ${verb} '${kind}' entities${by} when not using a database`;
  return entityError('operation unsupported', text);
}

interface Write {
  readonly verb: Verb;
  readonly kind: EntityKind;
  /** How the path named the entity. */
  readonly field?: string | undefined;
  /** What the path says about the entity; it wins over the body. */
  readonly fixed?: Readonly<Record<string, unknown>> | undefined;
  /** What a PATCH is merged into. */
  readonly base?: Row;
}

/** Records are merged member by member; everything else is replaced as a whole. */
function merge(base: object, patch: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const merged = new Map<string, unknown>(Object.entries(base));
  for (const [name, value] of Object.entries(patch)) {
    const known = merged.get(name);
    merged.set(name, isObject(known) && isObject(value) ? merge(known, value) : value);
  }
  return Object.fromEntries(merged);
}

/** Checks the body as for a real write; then says that there is no database to write to. */
function checkAndRefuse(request: AdminRequest, deps: AdminDeps, write: Write): AdminResponse {
  const { kind, verb, field, fixed, base } = write;
  const pluginName = base && kind === 'plugins' ? fieldOf(base, 'name') : undefined;
  const body = entityValues(request, kind, { plugins: deps.plugins().schemas, pluginName });
  if ('refusal' in body) return body.refusal;
  const resolved = resolveReferences(indexOf(deps.config()), kind, body.values);
  if ('refusal' in resolved) return resolved.refusal;
  const given = base === undefined ? resolved.values : merge(base, resolved.values);
  return entityRefusal(kind, { ...given, ...fixed }, deps) ?? refuse(verb, kind, field);
}

/** Kong's 404 for a PATCH; by key it says which one. */
function patchMissed(kind: EntityKind, lookup: Lookup, text: string): AdminResponse {
  if (lookup.kind === 'found') return NOT_FOUND;
  if (lookup.kind === 'refused' || kind === 'plugins' || kind === 'certificates') {
    return lookup.response;
  }
  const { field } = lookup;
  const named = `{${field}="${text}"}`;
  const sentence =
    field === 'id'
      ? `could not find the entity with primary key '${named}'`
      : `could not find the entity with '${named}'`;
  return entityError('not found', sentence, { fields: { [field]: text } });
}

/** `POST /routes`. */
export function refuseCreate({ kind }: EntityDescription): Handler {
  return (request, deps) => checkAndRefuse(request, deps, { verb: 'create', kind });
}

/** `PUT /routes/{routes}`: the entity need not exist. */
export function refusePut({ kind }: EntityDescription): Handler {
  return (request, deps) => {
    const [key = ''] = request.params;
    const lookup = lookUp(indexOf(deps.config()), kind, key);
    if (lookup.kind === 'refused') return lookup.response;
    const fixed = fixedBy(kind, lookup.field, key);
    return checkAndRefuse(request, deps, {
      verb: 'create or update',
      kind,
      field: lookup.field,
      fixed,
    });
  };
}

/** A certificate's path may name one of its SNIs, which is no field of it. */
function fixedBy(kind: EntityKind, field: string, key: string): Record<string, unknown> {
  if (kind === 'certificates') return isUuid(key) ? { id: key } : {};
  return { [field]: key };
}

/** `PATCH /routes/{routes}`. */
export function refusePatch({ kind }: EntityDescription): Handler {
  return (request, deps) => {
    const [key = ''] = request.params;
    const lookup = lookUp(indexOf(deps.config()), kind, key);
    if (lookup.kind !== 'found') return patchMissed(kind, lookup, key);
    const { field, row } = lookup;
    return checkAndRefuse(request, deps, { verb: 'update', kind, field, base: row });
  };
}

/** `DELETE /routes/{routes}`: what does not exist is as good as removed. */
export function refuseRemove({ kind }: EntityDescription): Handler {
  return ({ params: [key = ''] }, deps) => {
    const lookup = lookUp(indexOf(deps.config()), kind, key);
    if (lookup.kind === 'refused') return lookup.response;
    return lookup.kind === 'missing' ? empty(204) : refuse('remove', kind, lookup.field);
  };
}

/** `POST /services/{services}/routes`. */
export function refuseCreateNested(family: Family): Handler {
  const { kind } = family.entity;
  return (request, deps) => {
    const siblings = siblingsOf(indexOf(deps.config()), family, request.params[0] ?? '');
    if ('refusal' in siblings) return siblings.refusal;
    const fixed = { [family.foreign.field]: { id: siblings.parent.id } };
    return checkAndRefuse(request, deps, { verb: 'create', kind, fixed });
  };
}

/** PUT, PATCH and DELETE of `/services/{services}/routes/{routes}`. */
export function refuseNested(family: Family, verb: Exclude<Verb, 'create'>): Handler {
  const { foreign } = family;
  const { kind } = family.entity;
  return (request, deps) => {
    const found = childOf(indexOf(deps.config()), family, request.params);
    if ('refusal' in found) return found.refusal;
    const { parent, child } = found;
    if (child.kind === 'refused') return child.response;
    const { field } = child;
    if (verb === 'create or update') {
      const fixed = { [field]: request.params[1], [foreign.field]: { id: parent.id } };
      return checkAndRefuse(request, deps, { verb, kind, field, fixed });
    }
    if (child.kind === 'missing') return child.response;
    if (verb === 'remove') return refuse(verb, kind, field);
    return checkAndRefuse(request, deps, { verb, kind, field, base: child.row });
  };
}

/** PUT, PATCH and DELETE of `/routes/{routes}/service`: the entity is found by its id. */
export function refuseLinked(
  entity: EntityDescription,
  foreign: ForeignKey,
  verb: Exclude<Verb, 'create'>,
): Handler {
  return (request, deps) => {
    const index = indexOf(deps.config());
    const child = lookUp(index, entity.kind, request.params[0] ?? '');
    if (child.kind !== 'found') return child.response;
    const linked = linkedRow(index, child.row, foreign);
    if (verb === 'create or update')
      return checkAndRefuse(request, deps, { verb, kind: foreign.to });
    if (linked === undefined) return NOT_FOUND;
    if (verb === 'remove') return METHOD_NOT_ALLOWED;
    return checkAndRefuse(request, deps, { verb, kind: foreign.to, base: linked });
  };
}
