/** References in a body: Kong takes `{"service":{"name":"pay"}}` for the id of that service. */
import { endpointKey, foreignKeys } from '../config/schemas.ts';
import type { EntityKind } from '../config/types.ts';
import { isObject } from '../http/json.ts';
import { rowByKey, type ConfigIndex } from './index-config.ts';
import { entityError, type AdminResponse } from './response.ts';

type Values = Readonly<Record<string, unknown>>;
type Resolved = { readonly values: Values } | { readonly refusal: AdminResponse };

interface Unresolved {
  readonly field: string;
  readonly key: string;
  readonly text: string;
}

function unresolved({ field, key, text }: Unresolved, to: EntityKind): AdminResponse {
  const reason = `the foreign key cannot be resolved with '{${key}="${text}"}' for an existing '${to}' entity`;
  return entityError(
    'foreign keys unresolved',
    `foreign key unresolved (${field}.${key}: ${reason})`,
    {
      fields: { [field]: { [key]: reason } },
    },
  );
}

/**
 * Replaces references by key with references by id. The first one that leads nowhere is the answer.
 * Other shapes are left for the validation to judge.
 */
export function resolveReferences(index: ConfigIndex, kind: EntityKind, values: Values): Resolved {
  const resolved = new Map(Object.entries(values));
  for (const { field, to } of foreignKeys(kind)) {
    const value = resolved.get(field);
    const key = endpointKey(to);
    if (key === undefined || !isObject(value) || Object.hasOwn(value, 'id')) continue;
    const text = value[key];
    if (typeof text !== 'string') continue;
    const row = rowByKey(index, to, text);
    if (row === undefined) return { refusal: unresolved({ field, key, text }, to) };
    resolved.set(field, { id: row.id });
  }
  return { values: Object.fromEntries(resolved) };
}
