/** Reading entities: lists, single ones, those below a parent and those a foreign key names. */
import { randomBytes } from 'node:crypto';
import type { EntityDescription, ForeignKey } from './entities.ts';
import {
  childrenOf,
  fieldOf,
  indexOf,
  referenceOf,
  rowById,
  rowsOf,
  type ConfigIndex,
  type Row,
} from './index-config.ts';
import { lookUp, lookUpChild, type Lookup } from './lookup.ts';
import { listBody, pageOf, readPageRequest, storagePrefix, taggedPrefix } from './paging.ts';
import type { Handler } from './request.ts';
import { json, NOT_FOUND, type AdminResponse } from './response.ts';
import { readTags } from './tags.ts';

/** A foreign key that has a collection below its parent. */
export type NestedKey = ForeignKey & { readonly nested: string };

const idOf = ({ id }: Row): string => id;

/** The entity, or why there is none. */
const show = (lookup: Lookup): AdminResponse =>
  lookup.kind === 'found' ? json(200, lookup.row) : lookup.response;

/** `GET /routes`. A tag filter is applied to each page after it was cut, as in Kong. */
export function list(entity: EntityDescription): Handler {
  return ({ query }, deps) => {
    const request = readPageRequest(query);
    if ('refusal' in request) return request.refusal;
    const tags = readTags(query);
    if (tags.kind === 'refused') return tags.refusal;
    const prefix = tags.kind === 'filter' ? taggedPrefix(entity.kind) : storagePrefix(entity.kind);
    const cut = pageOf(rowsOf(indexOf(deps.config()), entity.kind), request, {
      prefix,
      keyOf: idOf,
    });
    const rows = tags.kind === 'filter' ? cut.rows.filter(tags.matches) : cut.rows;
    const size = query.get('size');
    const repeated = [
      tags.kind === 'filter' ? `&tags=${encodeURIComponent(tags.text)}` : '',
      typeof size === 'string' ? `&size=${size}` : '',
    ].join('');
    const next = (offset: string): string => `/${entity.path}?offset=${offset}${repeated}`;
    return json(200, listBody({ rows, offset: cut.offset }, next));
  };
}

/** `GET /consumers?custom_id=x` gives the one consumer of that id; other lists are plain. */
export function listConsumers(entity: EntityDescription): Handler {
  const plain = list(entity);
  return (request, deps) => {
    const customId = request.query.get('custom_id');
    if (customId === undefined) return plain(request, deps);
    if (typeof customId !== 'string' || customId === '') {
      return json(400, { message: 'custom_id must be an unempty string' });
    }
    const rows = rowsOf(indexOf(deps.config()), entity.kind);
    const data = rows.filter((row) => fieldOf(row, 'custom_id') === customId);
    return json(200, { data, next: null });
  };
}

/** `GET /routes/{routes}` by id or key. */
export function getOne(entity: EntityDescription): Handler {
  return ({ params: [key = ''] }, deps) => show(lookUp(indexOf(deps.config()), entity.kind, key));
}

export interface Family {
  readonly entity: EntityDescription;
  readonly foreign: NestedKey;
}

/** The children below the parent that a path names, or why there are none. */
export function siblingsOf(
  index: ConfigIndex,
  { entity, foreign }: Family,
  parentKey: string,
): { readonly parent: Row; readonly rows: readonly Row[] } | { readonly refusal: AdminResponse } {
  const parent = lookUp(index, foreign.to, parentKey);
  if (parent.kind !== 'found') return { refusal: parent.response };
  const rows = childrenOf(index, entity.kind, foreign.field, parent.row.id);
  return { parent: parent.row, rows };
}

/** `GET /services/{services}/routes`: no tag filter there, and `next` repeats no arguments. */
export function listNested(family: Family, parentPath: string): Handler {
  const { entity, foreign } = family;
  return ({ params: [parentKey = ''], query }, deps) => {
    const siblings = siblingsOf(indexOf(deps.config()), family, parentKey);
    if ('refusal' in siblings) return siblings.refusal;
    const request = readPageRequest(query, 'lenient');
    if ('refusal' in request) return request.refusal;
    const page = pageOf(siblings.rows, request, {
      prefix: storagePrefix(entity.kind, { field: foreign.field, id: siblings.parent.id }),
      keyOf: idOf,
    });
    const path = `/${parentPath}/${encodeURIComponent(parentKey)}/${foreign.nested}`;
    return json(
      200,
      listBody(page, (offset) => `${path}?offset=${offset}`),
    );
  };
}

/** Kong answers a group that a consumer is not in from its proxy side, with a request id. */
const groupNotFound = (): AdminResponse =>
  json(404, { message: 'Not found', request_id: randomBytes(16).toString('hex') });

/** The child that the two names in a path lead to, and its parent. */
export function childOf(
  index: ConfigIndex,
  family: Family,
  [parentKey = '', childKey = '']: readonly string[],
): { readonly parent: Row; readonly child: Lookup } | { readonly refusal: AdminResponse } {
  const siblings = siblingsOf(index, family, parentKey);
  const isGroup = family.entity.kind === 'acls';
  if ('refusal' in siblings) return isGroup ? { refusal: groupNotFound() } : siblings;
  const { parent, rows } = siblings;
  const child = lookUpChild(index, family.entity, rows, childKey);
  const isMissingGroup = isGroup && child.kind === 'missing';
  return { parent, child: isMissingGroup ? { ...child, response: groupNotFound() } : child };
}

/** `GET /services/{services}/routes/{routes}`. */
export function getNested(family: Family): Handler {
  return ({ params }, deps) => {
    const found = childOf(indexOf(deps.config()), family, params);
    return 'refusal' in found ? found.refusal : show(found.child);
  };
}

/** The entity that the foreign key of another one names; `undefined` when the key is null. */
export function linkedRow(index: ConfigIndex, row: Row, foreign: ForeignKey): Row | undefined {
  const id = referenceOf(row, foreign.field);
  return id === undefined ? undefined : rowById(index, foreign.to, id);
}

/** `GET /routes/{routes}/service`. */
export function getLinked(entity: EntityDescription, foreign: ForeignKey): Handler {
  return ({ params: [key = ''] }, deps) => {
    const index = indexOf(deps.config());
    const child = lookUp(index, entity.kind, key);
    if (child.kind !== 'found') return child.response;
    const linked = linkedRow(index, child.row, foreign);
    return linked === undefined ? NOT_FOUND : json(200, linked);
  };
}
