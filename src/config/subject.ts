/** What a path of a document is about, in words: whose field it is, what stands there and what should. */
import type { ConfigPath } from '../errors.ts';
import { isFields, type Fields } from './checks/field-issue.ts';
import { formatPath } from './diagnostic.ts';
import {
  DOCUMENT_SCHEMA,
  childKinds,
  endpointKey,
  entitySchema,
  isEntityKind,
  memberSchema,
  pluginSchema,
  singularName,
  type FieldSchema,
  type PluginSchemas,
} from './schemas.ts';
import type { EntityKind } from './types.ts';

/** An entity that a path leads through. */
export interface SubjectEntity {
  readonly kind: EntityKind;
  readonly value: unknown;
  /** From the document's root. */
  readonly path: ConfigPath;
  readonly parent: SubjectEntity | undefined;
}

export interface Subject {
  /** The innermost entity; absent for the document itself. */
  readonly entity: SubjectEntity | undefined;
  /** From the entity, or from the document. */
  readonly below: ConfigPath;
  /** Of the value; `undefined` for a field that nothing knows. */
  readonly schema: FieldSchema | undefined;
  /** Of the record or list that the value stands in. */
  readonly around: FieldSchema | undefined;
  /** What stands there; `undefined` for what does not. */
  readonly value: unknown;
  /** Absent: the plugins of this build. */
  readonly plugins?: PluginSchemas | undefined;
}

/** @param document as parsed */
export function subjectAt(document: Fields, path: ConfigPath, plugins?: PluginSchemas): Subject {
  const entity = entityOn(document, path);
  const below = path.slice(entity?.path.length ?? 0);
  const root = entity === undefined ? DOCUMENT_SCHEMA : schemaOf(entity, plugins);
  return {
    entity,
    below,
    schema: schemaAt(root, below),
    around: below.length === 0 ? undefined : schemaAt(root, below.slice(0, -1)),
    value: valueAt(document, path),
    plugins,
  };
}

/** The value at a path; own members only. */
export function valueAt(document: unknown, path: ConfigPath): unknown {
  let value = document;
  for (const step of path) {
    if (Array.isArray(value) && typeof step === 'number') value = value[step];
    else if (isFields(value) && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
}

function entityOn(document: Fields, path: ConfigPath): SubjectEntity | undefined {
  let entity: SubjectEntity | undefined;
  for (let depth = 0; depth + 1 < path.length; depth += 2) {
    const [kind, index] = [String(path[depth]), path[depth + 1]];
    if (!isEntityKind(kind) || typeof index !== 'number') break;
    if (entity !== undefined && !hasChildren(entity.kind, kind)) break;
    const at = path.slice(0, depth + 2);
    entity = { kind, value: valueAt(document, at), path: at, parent: entity };
  }
  return entity;
}

const hasChildren = (parent: EntityKind, kind: EntityKind): boolean =>
  memberSchema(entitySchema(parent), kind) === undefined &&
  childKinds(parent).some((child) => child.kind === kind);

/** The entity's schema; a plugin's with the fields of its config. */
function schemaOf({ kind, value }: SubjectEntity, plugins?: PluginSchemas): FieldSchema {
  const schema = entitySchema(kind);
  const name = kind === 'plugins' && isFields(value) ? value['name'] : undefined;
  const config = typeof name === 'string' ? pluginSchema(name, plugins) : undefined;
  return config === undefined
    ? schema
    : { ...schema, properties: { ...schema.properties, config } };
}

function schemaAt(root: FieldSchema, path: ConfigPath): FieldSchema | undefined {
  let schema: FieldSchema | undefined = root;
  for (const step of path) {
    const others: FieldSchema['additionalProperties'] = schema?.additionalProperties;
    schema =
      typeof step === 'number'
        ? schema?.items
        : (memberSchema(schema, step) ?? (typeof others === 'object' ? others : undefined));
  }
  return schema;
}

/** Kinds whose endpoint key lets somebody in, or could. */
const SECRET_KEYS: ReadonlySet<EntityKind> = new Set(['keyauth_credentials', 'jwt_secrets']);
const NAME_MAX = 60;

/** `the route 'r'`, `jwt_secret 2 of the consumer 'c'`, `the document`. */
export function nameOf(entity: SubjectEntity | undefined): string {
  if (entity === undefined) return 'the document';
  const { kind, value, path, parent } = entity;
  const word = singularName(kind).replaceAll('_', ' ');
  const field = kind === 'plugins' ? 'name' : endpointKey(kind);
  const name = field !== undefined && isFields(value) ? value[field] : undefined;
  const isNamed = typeof name === 'string' && name !== '' && !SECRET_KEYS.has(kind);
  const own = isNamed ? `the ${word} '${clip(name)}'` : `${word} ${Number(path.at(-1)) + 1}`;
  // A plugin's name tells which plugin it is, and not which entry.
  const isWhole = parent === undefined || (isNamed && kind !== 'plugins');
  return isWhole ? own : `${own} of ${nameOf(parent)}`;
}

export const clip = (text: string): string =>
  text.length > NAME_MAX ? `${text.slice(0, NAME_MAX)}…` : text;

/** `'config.keys[0]' of the plugin 'jwt'`; the entity alone for an empty path. */
export function describeSubject({ entity, below }: Subject): string {
  if (below.length === 0) return nameOf(entity);
  const field = `'${formatPath(below)}'`;
  return entity === undefined ? field : `${field} of ${nameOf(entity)}`;
}

const SECRET_NAME = /^(?:key|.*(?:secret|password|token|private_key).*)$/;

/** True where the value could let somebody in, and no message may show it. */
export function isSecret({ entity, below, schema }: Subject): boolean {
  if (schema?.['x-kong-referenceable']) return true;
  if (entity?.kind === 'consumers' || entity?.kind === 'keys') return false;
  return below.some((step) => typeof step === 'string' && SECRET_NAME.test(step));
}

/** ` '…'` when the value is a short text or a number that anybody may see, else ''. */
export function shownValue(subject: Subject): string {
  const { value } = subject;
  if (isSecret(subject)) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return ` ${value}`;
  return typeof value === 'string' && value !== '' ? ` '${clip(value)}'` : '';
}

/** The first example of the field's schema, as it is written in one line of YAML. */
export function exampleOf(schema: FieldSchema | undefined): string | undefined {
  const [example] = schema?.examples ?? [];
  const isPlain = typeof example === 'string' && /^[A-Za-z/~][^:#]*$/.test(example);
  const text = isPlain ? example : JSON.stringify(example);
  return text === undefined || text.includes('\n') || text.length > NAME_MAX ? undefined : text;
}
