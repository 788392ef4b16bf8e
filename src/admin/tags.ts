/** The `tags` filter of lists, and the lists of tags themselves. */
import type { QueryArgs } from '../http/query.ts';
import { indexOf, tagKey, type Row } from './index-config.ts';
import { listBody, pageOf, readPageRequest, storagePrefix } from './paging.ts';
import type { Handler } from './request.ts';
import { entityError, json, type AdminResponse } from './response.ts';

const TAGS_MAX = 5;
/** Control characters, and what is left of bytes that were no UTF-8. */
const NOT_TAG_TEXT = /[\p{Cc}\u{fffd}]/u;
/** All tags asked for are separated alike; only the last one may be empty. */
const SYNTAX = /^[^,/]+(?:(?:,[^,/]+)*,[^,/]*|(?:\/[^,/]+)*\/[^,/]*)?$/;

export type TagFilter = (row: Row) => boolean;

type TagQuery =
  | { readonly kind: 'none' }
  | { readonly kind: 'filter'; readonly matches: TagFilter; readonly text: string }
  | { readonly kind: 'refused'; readonly refusal: AdminResponse };

function refused(text: string): TagQuery {
  const refusal = entityError('invalid options', `invalid option (tags: ${text})`, {
    options: { tags: text },
  });
  return { kind: 'refused', refusal };
}

/**
 * Reads `tags`: `a,b` asks for both, `a/b` for any, of at most five. Of a repeated argument the
 * first counts. A row without tags matches nothing (Kong answers 500 when it meets one).
 */
export function readTags(query: QueryArgs): TagQuery {
  const given = query.get('tags');
  if (given === undefined) return { kind: 'none' };
  const text = Array.isArray(given) ? given[0] : given;
  if (typeof text !== 'string' || text === '') return refused('cannot be null');
  if (NOT_TAG_TEXT.test(text)) {
    return refused('must only contain printable ascii (except `,` and `/`) or valid utf-8');
  }
  if (!SYNTAX.test(text)) return refused('invalid filter syntax');
  const any = text.includes('/');
  const wanted = text.split(any ? '/' : ',');
  if (wanted.length > TAGS_MAX) return refused(`cannot query more than ${TAGS_MAX} tags`);
  const matches: TagFilter = ({ tags }) => {
    const has = (tag: string): boolean => tags?.includes(tag) === true;
    return any ? wanted.some(has) : wanted.every(has);
  };
  return { kind: 'filter', matches, text };
}

/** `GET /tags` and `GET /tags/{tag}`: which entities carry which tags. */
export const listTags: Handler = ({ params: [tag], query }, deps) => {
  const request = readPageRequest(query);
  if ('refusal' in request) return request.refusal;
  const { tags } = indexOf(deps.config());
  const rows = tag === undefined ? tags : tags.filter((row) => row.tag === tag);
  const page = pageOf(rows, request, { prefix: storagePrefix('tags'), keyOf: tagKey });
  const path = tag === undefined ? '/tags' : `/tags/${encodeURIComponent(tag)}`;
  return json(
    200,
    listBody(page, (offset) => `${path}?offset=${offset}`),
  );
};

const READ_ONLY = 'does not support insert/upsert/update/delete operations';

/** Tags are written with the entities that carry them. */
export const refuseTagWrite: Handler = () =>
  entityError('schema violation', `schema violation (tags: ${READ_ONLY})`, {
    fields: { tags: READ_ONLY },
  });
