/** Complete configs made by hand, for tests of what comes after loading. */
import { randomUUID } from 'node:crypto';
import { ENTITY_KINDS, endpointKey, entitySchema, foreignKeys } from '../../src/config/schemas.ts';
import { applyDefaults } from '../../src/config/defaults.ts';
import type { Config, EntityKind } from '../../src/config/types.ts';

type Written = Readonly<Record<string, unknown>>;
/** Entities as in a flat kong.yaml: fields with defaults may be left out, references may be keys. */
export type WrittenEntities = { readonly [K in EntityKind]?: readonly Written[] };

export const EMPTY_HASH = '0'.repeat(32);
const CREATED_AT = 1_700_000_000;

/** The id that a reference means: it is an id, or the endpoint key of an entity with an id. */
function resolve(all: WrittenEntities, to: EntityKind, reference: unknown): unknown {
  if (typeof reference !== 'string') return reference ?? null;
  const key = endpointKey(to);
  const named = all[to]?.find((entity) => key !== undefined && entity[key] === reference);
  return { id: named?.['id'] ?? reference };
}

function complete(all: WrittenEntities, kind: EntityKind, written: Written): Written {
  const { properties } = entitySchema(kind);
  const times = { created_at: CREATED_AT, updated_at: CREATED_AT };
  const automatic = Object.entries(times).filter(([field]) => Object.hasOwn(properties, field));
  const references = foreignKeys(kind)
    .filter(({ field }) => Object.hasOwn(properties, field))
    .map(({ field, to }) => [field, resolve(all, to, written[field])] as const);
  return applyDefaults(kind, {
    id: randomUUID(),
    ...Object.fromEntries(automatic),
    ...written,
    ...Object.fromEntries(references),
  });
}

/**
 * Makes every entity complete: id, times, defaults, references by id. An entity that another one
 * names by its key must have its id written out. Nothing is validated.
 */
export function buildConfig(written: WrittenEntities, hash = EMPTY_HASH): Config {
  const entities = Object.fromEntries(
    ENTITY_KINDS.map((kind) => {
      const rows = (written[kind] ?? []).map((entity) => complete(written, kind, entity));
      return [kind, rows.toSorted((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1))];
    }),
  );
  // Tests write fields by name; the schemas that fill them in are those the types are made from.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { hash, loadedAt: CREATED_AT, entities: entities as unknown as Config['entities'] };
}
