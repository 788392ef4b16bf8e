/** Replaces the references in the values of a parsed document; no value changes what the document means. */
import type { ConfigIssue, ConfigPath } from '../errors.ts';
import { isFields, type Fields } from './checks/field-issue.ts';
import { replaceReferences, type ReferenceScope } from './references-in-text.ts';
import {
  DOCUMENT_SCHEMA,
  childKinds,
  entitySchema,
  isEntityKind,
  memberSchema,
  pluginSchema,
  type FieldSchema,
  type PluginSchemas,
} from './schemas.ts';
import type { EntityKind } from './types.ts';

export interface InterpolatedDocument {
  readonly value: Fields;
  /** References that have no value; they stay as written. */
  readonly issues: readonly ConfigIssue[];
}

interface Walk {
  readonly scope: ReferenceScope;
  readonly plugins: PluginSchemas | undefined;
  readonly issues: ConfigIssue[];
}

/**
 * The document with its references replaced. One that makes up a whole value takes the type of its
 * field: `port: ${PORT}` is a number, `username: ${NAME}` a text even when it is 123. Names of
 * members, `_comment` and `_ignore` are left alone.
 */
export function interpolate(
  document: Fields,
  scope: ReferenceScope,
  plugins?: PluginSchemas,
): InterpolatedDocument {
  const walk: Walk = { scope, plugins, issues: [] };
  const value = mapMembers(document, [], (name, member, path) => {
    if (UNTYPED.has(name)) return replaceIn(member, UNKNOWN, path, walk);
    if (isEntityKind(name)) return replaceInList(name, member, path, walk);
    return replaceIn(member, memberSchema(DOCUMENT_SCHEMA, name) ?? {}, path, walk);
  });
  return { value, issues: walk.issues };
}

/** What these members of decK's become fields of is not known yet. */
const UNTYPED: ReadonlySet<string> = new Set(['_info', '_plugin_configs']);

const UNKNOWN = Symbol('unknown');
type Expected = FieldSchema | typeof UNKNOWN;

/** A whole value of a field that is not known yet. */
export class UntypedText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Values whose field is known now. */
export function typeTexts(value: unknown, schema: FieldSchema): unknown {
  if (value instanceof UntypedText) return typed(value.text, schema);
  if (Array.isArray(value)) return value.map((element) => typeTexts(element, schema.items ?? {}));
  if (!isFields(value)) return value;
  return mapMembers(value, [], (name, member) => typeTexts(member, fieldOf(schema, name)));
}

function replaceInList(kind: EntityKind, list: unknown, path: ConfigPath, walk: Walk): unknown {
  if (!Array.isArray(list)) return replaceIn(list, {}, path, walk);
  return list.map((entity: unknown, index) =>
    isFields(entity)
      ? replaceInEntity(kind, entity, [...path, index], walk)
      : replaceIn(entity, {}, [...path, index], walk),
  );
}

function replaceInEntity(kind: EntityKind, entity: Fields, at: ConfigPath, walk: Walk): Fields {
  const schema = entitySchema(kind);
  const { name: pluginName } = entity;
  return mapMembers(entity, at, (name, member, path) => {
    const own = memberSchema(schema, name);
    const child = childKinds(kind).find((each) => each.kind === name);
    if (own === undefined && child !== undefined) {
      return replaceInList(child.kind, member, path, walk);
    }
    if (kind === 'plugins' && name === 'config' && typeof pluginName === 'string') {
      return replaceIn(member, pluginSchema(pluginName, walk.plugins) ?? {}, path, walk);
    }
    return replaceIn(member, own ?? {}, path, walk);
  });
}

function replaceIn(value: unknown, expected: Expected, path: ConfigPath, walk: Walk): unknown {
  if (typeof value === 'string') return replaceInText(value, expected, path, walk);
  if (Array.isArray(value)) {
    const items = expected === UNKNOWN ? UNKNOWN : (expected.items ?? {});
    return value.map((element: unknown, index) =>
      replaceIn(element, items, [...path, index], walk),
    );
  }
  if (!isFields(value)) return value;
  return mapMembers(value, path, (name, member, at) =>
    replaceIn(member, expected === UNKNOWN ? UNKNOWN : fieldOf(expected, name), at, walk),
  );
}

function replaceInText(text: string, expected: Expected, path: ConfigPath, walk: Walk): unknown {
  const { text: replaced, isWhole, problems } = replaceReferences(text, walk.scope);
  for (const problem of problems) walk.issues.push({ ...problem, path });
  if (!isWhole) return replaced;
  return expected === UNKNOWN ? new UntypedText(replaced) : typed(replaced, expected);
}

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** A text that is no value of the type stays one: the field's own check then says what it expects. */
function typed(text: string, { type }: FieldSchema): unknown {
  if ((type === 'integer' || type === 'number') && NUMBER.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** Free text, and a place for anything. */
const UNTOUCHED: ReadonlySet<string> = new Set(['_comment', '_ignore']);

function mapMembers(
  record: Fields,
  path: ConfigPath,
  change: (name: string, member: unknown, path: ConfigPath) => unknown,
): Fields {
  return Object.fromEntries(
    Object.entries(record).map(([name, member]) => [
      name,
      UNTOUCHED.has(name) ? member : change(name, member, [...path, name]),
    ]),
  );
}

/** Of a record, or of a map with free names. */
function fieldOf(schema: FieldSchema, name: string): FieldSchema {
  const free = schema.additionalProperties;
  return memberSchema(schema, name) ?? (typeof free === 'object' ? free : {});
}
