/** Entities as a declarative file has them: without nulls, references by name, texts that stand for themselves. */
import { isFields, type Fields } from '../../config/checks/field-issue.ts';
import { escapeReferences } from '../../config/references-in-text.ts';
import {
  endpointKey,
  entitySchema,
  foreignKeys,
  memberSchema,
  pluginSchema,
  type FieldSchema,
  type PluginSchemas,
} from '../../config/schemas.ts';
import type { EntityKind } from '../../config/types.ts';
import { entityOrder } from '../../edit/format.ts';
import { isPlain, type PlainValue } from '../../edit/text-change.ts';
import { fieldOf, referenceOf, rowById, type ConfigIndex, type Row } from '../index-config.ts';

/** Which plugin, of which there are. */
interface PluginChoice {
  readonly pluginName: unknown;
  readonly schemas: PluginSchemas;
}

/** The schema of a field, of a plugin's `config` by the plugin's name. */
export function fieldSchema(
  kind: EntityKind,
  field: string,
  { pluginName, schemas }: PluginChoice,
): FieldSchema | undefined {
  if (kind === 'plugins' && field === 'config' && typeof pluginName === 'string') {
    return pluginSchema(pluginName, schemas);
  }
  return memberSchema(entitySchema(kind), field);
}

export interface WrittenOptions {
  /** Texts like `${NAME}` would stand for something else. */
  readonly hasReferences: boolean;
}

/** A client's value as it is written; `undefined` for null, where that only means the default. */
export function writtenValue(
  schema: FieldSchema | undefined,
  value: unknown,
  options: WrittenOptions,
): PlainValue | undefined {
  if (value === null) return schema?.nullable === true ? null : undefined;
  if (typeof value === 'string') return options.hasReferences ? escapeReferences(value) : value;
  if (Array.isArray(value)) {
    return value.flatMap((element: unknown) => writtenValue(schema?.items, element, options) ?? []);
  }
  if (isFields(value)) {
    const others = schema?.additionalProperties;
    const members = Object.entries(value).flatMap(([name, member]) => {
      const own = memberSchema(schema, name) ?? (typeof others === 'object' ? others : undefined);
      const written = writtenValue(own, member, options);
      return written === undefined ? [] : [[name, written] as const];
    });
    return Object.fromEntries(members);
  }
  return isPlain(value) ? value : undefined;
}

/** What a reference to an entity says: its name where it has one. */
export function referenceText(
  index: ConfigIndex,
  kind: EntityKind,
  id: string,
  options: WrittenOptions,
): string {
  const key = endpointKey(kind);
  const row = rowById(index, kind, id);
  const name = row && key !== undefined ? fieldOf(row, key) : undefined;
  if (typeof name !== 'string') return id;
  return options.hasReferences ? escapeReferences(name) : name;
}

/** In the order of a file that was formatted. */
export function inOrder(kind: EntityKind, fields: ReadonlyMap<string, PlainValue>): PlainValue {
  const order = entityOrder(kind);
  const rank = (name: string): number => {
    const known = order.indexOf(name);
    return known === -1 ? order.length : known;
  };
  return Object.fromEntries([...fields].toSorted(([a], [b]) => rank(a) - rank(b)));
}

/** The parent that an entity is written below. */
export interface Owner {
  readonly field: string;
  readonly kind: EntityKind;
  readonly id: string;
}

/** Foreign keys that say what an entity uses, and not what it belongs to. */
const USED: ReadonlySet<string> = new Set(['client_certificate']);

/** The one entity that this one belongs to; a plugin of several stands alone. */
export function ownerOf(kind: EntityKind, entity: Fields | Row): Owner | undefined {
  const owners = foreignKeys(kind).flatMap(({ field, to }): Owner[] => {
    const id = USED.has(field) ? undefined : referenceOf(entity, field);
    return id === undefined ? [] : [{ field, kind: to, id }];
  });
  const [only, ...others] = owners;
  return others.length === 0 ? only : undefined;
}

/** What stands at a path of a file's value. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((at, step) => {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    return Reflect.get(at, step);
  }, value);
}
