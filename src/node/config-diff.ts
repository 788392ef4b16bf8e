/** What a reload changed, in the words of the config: for the log. */
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/types.ts';

/** Names of entities by kind; kinds without a change are absent. */
export interface ConfigDiff {
  readonly added: Readonly<Record<string, readonly string[]>>;
  readonly changed: Readonly<Record<string, readonly string[]>>;
  readonly removed: Readonly<Record<string, readonly string[]>>;
}

/** A log line names at most this many entities of a kind. */
const NAMES_MAX = 20;
/** Set at each load; no change that a person made. */
const TIMES: ReadonlySet<string> = new Set(['created_at', 'updated_at']);
/** Only these may stand in a log: a credential's `key` is a secret. */
const NAME_FIELDS = ['name', 'username', 'target'] as const;

type Row = { readonly id: string };

/**
 * Compares entity by entity, by id. One that only has another id now is no change: credentials
 * without an id get a new one at each load.
 */
export function diffConfigs(before: Config, after: Config): ConfigDiff {
  const added = new Map<string, readonly string[]>();
  const changed = new Map<string, readonly string[]>();
  const removed = new Map<string, readonly string[]>();
  for (const [kind, rows] of Object.entries<readonly Row[]>(after.entities)) {
    const oldRows: readonly Row[] =
      Object.entries(before.entities).find(([k]) => k === kind)?.[1] ?? [];
    const old = byId(oldRows);
    const now = byId(rows);
    const [come, gone] = withoutTwins(
      rows.filter((row) => !old.has(row.id)),
      oldRows.filter((row) => !now.has(row.id)),
    );
    note(added, kind, come);
    note(removed, kind, gone);
    const isChanged = (row: Row): boolean => {
      const earlier = old.get(row.id);
      return earlier !== undefined && !isDeepStrictEqual(timeless(earlier), timeless(row));
    };
    note(changed, kind, rows.filter(isChanged));
  }
  return {
    added: Object.fromEntries(added),
    changed: Object.fromEntries(changed),
    removed: Object.fromEntries(removed),
  };
}

const byId = (rows: readonly Row[]): ReadonlyMap<string, Row> =>
  new Map(rows.map((row) => [row.id, row]));

/** Takes out of both lists what is in both but for its id. */
function withoutTwins(
  come: readonly Row[],
  gone: readonly Row[],
): readonly [readonly Row[], readonly Row[]] {
  const left = new Map<string, Row[]>();
  for (const row of gone) left.set(content(row), [...(left.get(content(row)) ?? []), row]);
  const really = come.filter((row) => left.get(content(row))?.pop() === undefined);
  return [really, [...left.values()].flat()];
}

const content = (row: Row): string => JSON.stringify({ ...timeless(row), id: undefined });

const timeless = (row: Row): object =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !TIMES.has(name)));

function note(to: Map<string, readonly string[]>, kind: string, rows: readonly Row[]): void {
  if (rows.length === 0) return;
  const names = rows.slice(0, NAMES_MAX).map(nameOf);
  const more = rows.length - names.length;
  to.set(kind, more > 0 ? [...names, `and ${more} more`] : names);
}

function nameOf(row: Row): string {
  for (const field of NAME_FIELDS) {
    const value: unknown = Object.hasOwn(row, field) ? Reflect.get(row, field) : undefined;
    if (typeof value === 'string') return value;
  }
  return row.id;
}
