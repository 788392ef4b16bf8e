/** The entities of a running Kong or Silverback, read through its Admin API page by page. */
import { isFields, type Fields } from '../config/checks/field-issue.ts';
import { ENTITY_KINDS, adminName } from '../config/schemas.ts';
import type { EntityKind } from '../config/types.ts';
import { parseJson } from '../http/json.ts';
import type { EntityRows } from './entity-diff.ts';

/** An Admin API that does not answer as one. */
export class AdminApiError extends Error {}

const TIMEOUT_MS = 30_000;
const PAGE_SIZE = 1000;
/** A million entities of a kind. */
const PAGES_MAX = 1000;

export interface AdminApi {
  /** Without a slash at the end. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface RemoteEntities {
  readonly rows: EntityRows;
  /** Kinds that this API has no list of; nothing can be said about them. */
  readonly unknown: readonly EntityKind[];
}

const MEMBERSHIPS = 'consumer_group_consumers';

/** Kinds that are listed below their parents only: memberships as the consumers of their group. */
const BELOW: ReadonlyMap<EntityKind, { readonly parent: EntityKind; readonly list: string }> =
  new Map([
    ['targets', { parent: 'upstreams', list: 'targets' }],
    [MEMBERSHIPS, { parent: 'consumer_groups', list: 'consumers' }],
  ]);

/** Rejects with AdminApiError. */
export async function readEntities(api: AdminApi): Promise<RemoteEntities> {
  const rows = new Map<EntityKind, readonly Fields[]>();
  const unknown: EntityKind[] = [];
  for (const kind of parentsFirst()) {
    // oxlint-disable-next-line no-await-in-loop -- a gateway is asked one thing after the other
    const found = await readKind(api, kind, rows);
    if (found !== undefined) rows.set(kind, found);
    else if (kind === 'services') throw new AdminApiError(`${api.url} is no Admin API`);
    else unknown.push(kind);
  }
  return { rows, unknown };
}

const parentsFirst = (): readonly EntityKind[] =>
  ENTITY_KINDS.toSorted((a, b) => Number(BELOW.has(a)) - Number(BELOW.has(b)));

/** `undefined` for a kind that the API has no list of. */
async function readKind(
  api: AdminApi,
  kind: EntityKind,
  known: EntityRows,
): Promise<Fields[] | undefined> {
  const below = BELOW.get(kind);
  if (below === undefined) return readList(api, `/${adminName(kind)}`);
  const parents = known.get(below.parent);
  if (parents === undefined) return undefined;
  const found: Fields[] = [];
  for (const parent of parents) {
    const id = String(parent['id']);
    // oxlint-disable-next-line no-await-in-loop -- as above
    const rows = await readList(api, `/${adminName(below.parent)}/${id}/${below.list}`);
    if (rows === undefined) return undefined;
    found.push(...(kind === MEMBERSHIPS ? rows.map((row) => membershipOf(row, id)) : rows));
  }
  return found;
}

/** What makes a consumer the member of a group; the API shows neither its id nor its times. */
const membershipOf = ({ id }: Fields, groupId: string): Fields => ({
  id: `${groupId} ${String(id)}`,
  consumer: { id },
  consumer_group: { id: groupId },
});

/** `undefined` when there is no such list. */
async function readList(api: AdminApi, path: string): Promise<Fields[] | undefined> {
  const rows: Fields[] = [];
  let next: string | undefined = `${path}?size=${PAGE_SIZE}`;
  for (let pages = 0; next !== undefined; pages++) {
    if (pages === PAGES_MAX) throw new AdminApiError(`${path} does not end`);
    // oxlint-disable-next-line no-await-in-loop -- each page names the next
    const page = await readPage(api, next);
    if (page === undefined) return undefined;
    rows.push(...page.rows);
    ({ next } = page);
  }
  return rows;
}

interface Page {
  readonly rows: readonly Fields[];
  readonly next: string | undefined;
}

async function readPage(api: AdminApi, path: string): Promise<Page | undefined> {
  const url = `${api.url}${path}`;
  const { status, body } = await askAdmin(url, api.headers);
  if (status === 404) return undefined;
  if (status !== 200) {
    throw new AdminApiError(`${url} answered ${status}; is it an Admin API, and may you read it?`);
  }
  // The members of a group are a list of another name.
  const data = isFields(body) ? (body['data'] ?? body['consumers']) : undefined;
  if (!isFields(body) || !(Array.isArray(data) || isFields(data))) {
    throw new AdminApiError(`${url} did not answer with a list of entities; is it an Admin API?`);
  }
  const { next } = body;
  return {
    // Kong writes an empty list as an empty record at times.
    rows: Array.isArray(data) ? data.filter(isFields) : [],
    next: typeof next === 'string' && next.startsWith('/') ? next : undefined,
  };
}

export interface AdminAnswer {
  readonly status: number;
  /** `undefined` when it is no JSON. */
  readonly body: unknown;
}

/** `GET`. Rejects with AdminApiError when nobody answers. */
export async function askAdmin(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<AdminAnswer> {
  try {
    const response = await fetch(url, {
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = parseJson(Buffer.from(await response.arrayBuffer()))?.value;
    return { status: response.status, body };
  } catch (error) {
    const { cause, message } = error instanceof Error ? error : new Error(String(error));
    const why = cause instanceof Error && cause.message !== '' ? cause.message : message;
    throw new AdminApiError(`${url} cannot be reached: ${why}`, { cause: error });
  }
}
