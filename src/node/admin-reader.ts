/** The entities of a running Kong or Silverback, read through its Admin API page by page. */
import { isFields, type Fields } from '../config/checks/field-issue.ts';
import { ENTITY_KINDS, adminName } from '../config/schemas.ts';
import type { EntityKind } from '../config/types.ts';
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

/** Memberships are listed below their groups, and targets below their upstreams. */
const PARENTS: ReadonlyMap<EntityKind, EntityKind> = new Map([['targets', 'upstreams']]);

/** Rejects with AdminApiError. */
export async function readEntities(api: AdminApi): Promise<RemoteEntities> {
  const rows = new Map<EntityKind, readonly Fields[]>();
  const unknown: EntityKind[] = [];
  for (const kind of parentsFirst()) {
    const parent = PARENTS.get(kind);
    const lists =
      parent === undefined
        ? [`/${adminName(kind)}`]
        : (rows.get(parent) ?? []).map(
            (row) => `/${adminName(parent)}/${String(row['id'])}/${kind}`,
          );
    const found: Fields[] = [];
    let isKnown = true;
    for (const list of lists) {
      // oxlint-disable-next-line no-await-in-loop -- a gateway is asked one thing after the other
      const page = await readList(api, list);
      if (page === undefined) isKnown = false;
      else found.push(...page);
    }
    if (isKnown) rows.set(kind, found);
    else if (kind === 'services') throw new AdminApiError(`${api.url} is no Admin API`);
    else unknown.push(kind);
  }
  return { rows, unknown };
}

const parentsFirst = (): readonly EntityKind[] =>
  ENTITY_KINDS.toSorted((a, b) => Number(PARENTS.has(a)) - Number(PARENTS.has(b)));

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
  const data = isFields(body) ? body['data'] : undefined;
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
    return { status: response.status, body: parseJson(await response.text()) };
  } catch (error) {
    const { cause, message } = error instanceof Error ? error : new Error(String(error));
    const why = cause instanceof Error && cause.message !== '' ? cause.message : message;
    throw new AdminApiError(`${url} cannot be reached: ${why}`, { cause: error });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
