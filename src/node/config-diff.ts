/** What a reload changed, in the words of the config: for the log. */
import type { Config } from '../config/types.ts';
import { diffEntities, rowsOf, type EntityChange } from './entity-diff.ts';

/** Names of entities by kind; kinds without a change are absent. */
export interface ConfigDiff {
  readonly added: Readonly<Record<string, readonly string[]>>;
  readonly changed: Readonly<Record<string, readonly string[]>>;
  readonly removed: Readonly<Record<string, readonly string[]>>;
}

/** A log line names at most this many entities of a kind. */
const NAMES_MAX = 20;
/** Only these may stand in a log: a credential's `key` is a secret. */
const NAME_FIELDS = ['name', 'username', 'target'] as const;

/**
 * Compares entity by entity. One that only has another id now is no change: credentials without an id
 * get a new one at each load.
 */
export function diffConfigs(before: Config, after: Config): ConfigDiff {
  const changes = diffEntities(rowsOf(before), rowsOf(after));
  return {
    added: namesOf(changes, 'added'),
    changed: namesOf(changes, 'changed'),
    removed: namesOf(changes, 'removed'),
  };
}

function namesOf(
  changes: readonly EntityChange[],
  action: EntityChange['action'],
): Readonly<Record<string, readonly string[]>> {
  const names = new Map<string, string[]>();
  for (const change of changes) {
    if (change.action !== action) continue;
    const list = names.get(change.kind) ?? [];
    list.push(nameOf(change));
    names.set(change.kind, list);
  }
  return Object.fromEntries([...names].map(([kind, list]) => [kind, clipped(list)]));
}

function clipped(names: readonly string[]): readonly string[] {
  const more = names.length - NAMES_MAX;
  return more > 0 ? [...names.slice(0, NAMES_MAX), `and ${more} more`] : names;
}

function nameOf({ id, entity }: EntityChange): string {
  for (const field of NAME_FIELDS) {
    const value = entity[field];
    if (typeof value === 'string') return value;
  }
  return id;
}
