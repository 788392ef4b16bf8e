/**
 * What a request wants to write, checked as far as its body and its path go. In Kong's order: parents
 * exist, the body is readable, references lead somewhere, the entity exists, the result is valid.
 */
import { checkTarget } from '../../config/checks/address.ts';
import { expandShorthands } from '../../config/defaults.ts';
import type { EntityKind } from '../../config/types.ts';
import { isObject } from '../../http/json.ts';
import { childOf, linkedRow, siblingsOf, type Family } from '../collections.ts';
import type { EntityDescription, ForeignKey } from '../entities.ts';
import { entityValues } from '../entity-body.ts';
import { entityRefusal } from '../entity-check.ts';
import { resolveReferences } from '../foreign-values.ts';
import { fieldOf, type ConfigIndex, type Row } from '../index-config.ts';
import { isUuid, lookUp, type Lookup } from '../lookup.ts';
import type { AdminRequest } from '../request.ts';
import {
  empty,
  entityError,
  METHOD_NOT_ALLOWED,
  NOT_FOUND,
  type AdminResponse,
} from '../response.ts';
import type { AdminDeps } from '../types.ts';
import { violation } from '../violation.ts';

export type Verb = 'create' | 'create or update' | 'update' | 'remove';
type Values = Readonly<Record<string, unknown>>;

/** A write that nothing speaks against but what other entities say. */
export interface Intent {
  readonly verb: Verb;
  readonly kind: EntityKind;
  /** How the path named the entity. */
  readonly field?: string | undefined;
  /** What the body gives, references as ids. */
  readonly values: Values;
  /** What the path says about the entity; it wins over the body. */
  readonly fixed: Values;
  /** Of a certificate: the name in the path. */
  readonly sni?: string | undefined;
  /** The entity, if there is one already. */
  readonly row?: Row | undefined;
  /** The entity whose foreign key is to lead to the one that is created. */
  readonly link?: { readonly kind: EntityKind; readonly row: Row; readonly field: string };
}

/** Looks at a request: something to write, or its answer. */
export type ReadIntent = (
  request: AdminRequest,
  index: ConfigIndex,
  deps: AdminDeps,
) => Intent | AdminResponse;

export const isAnswer = (value: Intent | AdminResponse): value is AdminResponse =>
  'status' in value;

/** Records are merged member by member; everything else is replaced as a whole. */
export function mergeValues(base: object, patch: Values): Record<string, unknown> {
  const merged = new Map<string, unknown>(Object.entries(base));
  for (const [name, value] of Object.entries(patch)) {
    const known = merged.get(name);
    merged.set(name, isObject(known) && isObject(value) ? mergeValues(known, value) : value);
  }
  return Object.fromEntries(merged);
}

/** What a short form says about an entity that is there: all of its parts. */
export function expandPatch(kind: EntityKind, values: Values): Values {
  const expanded = expandShorthands(kind, values);
  if (kind !== 'services' || typeof values['url'] !== 'string' || 'url' in expanded)
    return expanded;
  const { protocol, host, port, path } = expandShorthands(kind, { url: values['url'] });
  const fallback = protocol === 'https' ? 443 : 80;
  const parts = { protocol: protocol ?? 'http', host, port: port ?? fallback };
  return { ...expanded, ...parts, host: host ?? null, path: path ?? null };
}

interface Body extends Omit<Intent, 'values' | 'fixed'> {
  readonly fixed?: Values | undefined;
  /** What a PATCH is merged into. */
  readonly base?: Row | undefined;
}

/** Reads and checks the body. */
function withBody(
  request: AdminRequest,
  index: ConfigIndex,
  deps: AdminDeps,
  { base, fixed = {}, ...intent }: Body,
): Intent | AdminResponse {
  const { kind } = intent;
  const pluginName = base && kind === 'plugins' ? fieldOf(base, 'name') : undefined;
  const body = entityValues(request, kind, {
    plugins: deps.plugins().schemas,
    pluginName,
  });
  if ('refusal' in body) return body.refusal;
  const resolved = resolveReferences(index, kind, body.values);
  if ('refusal' in resolved) return resolved.refusal;
  const { values } = resolved;
  const given = base === undefined ? values : mergeValues(base, expandPatch(kind, values));
  const refusal = targetRefusal(kind, values) ?? entityRefusal(kind, { ...given, ...fixed }, deps);
  return refusal ?? { ...intent, values, fixed, row: base ?? intent.row };
}

/** Kong's storage puts a target into its full form before anything else looks at it, and has words of its own. */
function targetRefusal(kind: EntityKind, { target }: Values): AdminResponse | undefined {
  if (kind !== 'targets' || typeof target !== 'string' || checkTarget(target) === undefined) {
    return undefined;
  }
  const message = 'Invalid target; not a valid hostname or ip address';
  return violation([{ path: ['target'], message }]);
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
export const intendCreate =
  ({ kind }: EntityDescription): ReadIntent =>
  (request, index, deps) =>
    withBody(request, index, deps, { verb: 'create', kind });

/** `PUT /routes/{routes}`: the entity need not exist. */
export const intendPut =
  ({ kind }: EntityDescription): ReadIntent =>
  (request, index, deps) => {
    const [key = ''] = request.params;
    const lookup = lookUp(index, kind, key);
    if (lookup.kind === 'refused') return lookup.response;
    const { field } = lookup;
    const row = lookup.kind === 'found' ? lookup.row : undefined;
    const fixed = fixedBy(kind, field, key);
    const sni = kind === 'certificates' && !isUuid(key) ? key : undefined;
    const body = { verb: 'create or update', kind, field, fixed, row, sni } as const;
    return withBody(request, index, deps, body);
  };

/** A certificate's path may name one of its SNIs, which is no field of it. */
function fixedBy(kind: EntityKind, field: string, key: string): Values {
  if (kind === 'certificates') return isUuid(key) ? { id: key } : {};
  return { [field]: key };
}

/** `PATCH /routes/{routes}`. */
export const intendPatch =
  ({ kind }: EntityDescription): ReadIntent =>
  (request, index, deps) => {
    const [key = ''] = request.params;
    const lookup = lookUp(index, kind, key);
    if (lookup.kind !== 'found') return patchMissed(kind, lookup, key);
    const { field, row } = lookup;
    return withBody(request, index, deps, { verb: 'update', kind, field, base: row });
  };

/** `DELETE /routes/{routes}`: what does not exist is as good as removed. */
export const intendRemove =
  ({ kind }: EntityDescription): ReadIntent =>
  ({ params: [key = ''] }, index) => {
    const lookup = lookUp(index, kind, key);
    if (lookup.kind === 'refused') return lookup.response;
    if (lookup.kind === 'missing') return empty(204);
    return removal(kind, lookup);
  };

const removal = (kind: EntityKind, { row, field }: Extract<Lookup, { kind: 'found' }>): Intent => ({
  verb: 'remove',
  kind,
  field,
  row,
  values: {},
  fixed: {},
});

/** `POST /services/{services}/routes`. */
export const intendCreateNested =
  (family: Family): ReadIntent =>
  (request, index, deps) => {
    const { kind } = family.entity;
    const siblings = siblingsOf(index, family, request.params[0] ?? '');
    if ('refusal' in siblings) return siblings.refusal;
    const fixed = { [family.foreign.field]: { id: siblings.parent.id } };
    return withBody(request, index, deps, { verb: 'create', kind, fixed });
  };

/** PUT, PATCH and DELETE of `/services/{services}/routes/{routes}`. To Kong, a PUT of a target is a PATCH. */
export const intendNested =
  (family: Family, method: Exclude<Verb, 'create'>): ReadIntent =>
  (request, index, deps) => {
    const { foreign } = family;
    const { kind } = family.entity;
    const verb = kind === 'targets' && method === 'create or update' ? 'update' : method;
    const found = childOf(index, family, request.params);
    if ('refusal' in found) return found.refusal;
    const { parent, child } = found;
    if (child.kind === 'refused') return child.response;
    const { field } = child;
    if (verb === 'create or update') {
      const [, key = ''] = request.params;
      const fixed = { [field]: key, [foreign.field]: { id: parent.id } };
      const row = child.kind === 'found' ? child.row : elsewhere(index, kind, key);
      return withBody(request, index, deps, { verb, kind, field, fixed, row });
    }
    if (child.kind === 'missing') return child.response;
    if (verb === 'remove') return removal(kind, child);
    return withBody(request, index, deps, { verb, kind, field, base: child.row });
  };

/** A PUT takes a child away from another parent; a group is its parent's own. */
function elsewhere(index: ConfigIndex, kind: EntityKind, key: string): Row | undefined {
  if (kind === 'acls' && !isUuid(key)) return undefined;
  const lookup = lookUp(index, kind, key);
  return lookup.kind === 'found' ? lookup.row : undefined;
}

/** PUT, PATCH and DELETE of `/routes/{routes}/service`: the entity is found by its id. */
export const intendLinked =
  (entity: EntityDescription, foreign: ForeignKey, verb: Exclude<Verb, 'create'>): ReadIntent =>
  (request, index, deps) => {
    const child = lookUp(index, entity.kind, request.params[0] ?? '');
    if (child.kind !== 'found') return child.response;
    const row = linkedRow(index, child.row, foreign);
    const kind = foreign.to;
    if (verb === 'create or update') {
      const link = { kind: entity.kind, row: child.row, field: foreign.field };
      const fixed = row === undefined ? {} : { id: row.id };
      return withBody(request, index, deps, {
        verb,
        kind,
        fixed,
        row,
        ...(row === undefined && { link }),
      });
    }
    if (row === undefined) return NOT_FOUND;
    if (verb === 'remove') return METHOD_NOT_ALLOWED;
    return withBody(request, index, deps, { verb, kind, base: row });
  };
