/** Words for a field that nothing knows: its right name, or the place where it belongs. */
import { isFields } from './checks/field-issue.ts';
import type { Explain, Words } from './explain.ts';
import {
  DOCUMENT_SCHEMA,
  ENTITY_KINDS,
  childKinds,
  entitySchema,
  memberSchema,
  pluginSchema,
  singularName,
  type FieldSchema,
} from './schemas.ts';
import { describeSubject, nameOf, type Subject } from './subject.ts';
import { nearest } from './suggest.ts';
import type { EntityKind } from './types.ts';

/** Names of older Kongs and of other gateways, by what they are called here. */
const SYNONYMS: ReadonlyMap<string, readonly string[]> = new Map([
  ['paths', ['uris', 'uri', 'prefix', 'path_prefix', 'path']],
  ['hosts', ['host', 'hostnames', 'domains']],
  ['host', ['hostname', 'address', 'upstream_host']],
  ['methods', ['method', 'verbs']],
  ['strip_path', ['strip_uri', 'strip_prefix']],
  ['url', ['upstream_url', 'uri', 'target_url', 'backend']],
  ['username', ['name', 'user', 'login']],
  ['custom_id', ['customer_id', 'external_id']],
  ['config', ['settings', 'options', 'conf', 'configuration']],
  ['name', ['plugin', 'plugin_name', 'title', 'id_name']],
  ['target', ['host', 'address', 'url']],
  ['connect_timeout', ['connection_timeout', 'timeout_connect']],
  ['read_timeout', ['response_timeout', 'timeout_read']],
  ['write_timeout', ['send_timeout', 'timeout_write']],
  ['service', ['service_name', 'service_id', 'backend']],
  ['consumer', ['consumer_name', 'consumer_id', 'user']],
  ['route', ['route_name', 'route_id']],
  ['keyauth_credentials', ['key_auth', 'keyauth', 'api_keys', 'apikeys', 'key_auths']],
  ['jwt_secrets', ['jwt', 'jwts', 'jwt_credentials']],
  ['basicauth_credentials', ['basic_auth', 'basicauth', 'basic_auths']],
  ['hmacauth_credentials', ['hmac_auth', 'hmacauth', 'hmac_auths']],
  ['acls', ['acl', 'acl_groups']],
  ['rsa_public_key', ['public_key', 'pem']],
]);
const LISTED_MAX = 16;
/** Fields that nobody writes by hand. */
const AUTOMATIC: ReadonlySet<string> = new Set([
  'id',
  'created_at',
  'updated_at',
  'consumer_group_consumers',
]);

export const explainUnknownField: Explain = (subject) => {
  const { below } = subject;
  const field = String(below.at(-1));
  if (/^(?:\/\/|\/\*)/.test(field)) {
    return {
      summary: 'a comment stands where a name belongs',
      hint: 'JSON has no comments: remove it, or use YAML and #',
    };
  }
  const owner = describeSubject({ ...subject, below: below.slice(0, -1) });
  const summary = `${owner} has an unknown field '${field}'`;
  return { summary, ...advice(subject, field, fieldsOf(subject)) };
};

function advice(subject: Subject, field: string, fields: readonly string[]): Words {
  const spelled = nearest(field, fields);
  const elsewhere = placeOf(subject, field);
  const fits =
    spelled !== undefined && isLike(subject.value, memberSchema(subject.around, spelled));
  if (elsewhere !== undefined && !fits) return { hint: elsewhere };
  const meant = spelled ?? synonym(field, fields);
  if (meant !== undefined) return { hint: `did you mean '${meant}'?`, suggestion: meant };
  if (elsewhere !== undefined) return { hint: elsewhere };
  return { hint: listed(fields) };
}

/** Every field of the record, and the entities that may be nested in it. */
function fieldsOf({ entity, below, around }: Subject): string[] {
  const own = Object.keys(around?.properties ?? {});
  if (below.length > 1 || entity === undefined) return own;
  return [...own, ...childKinds(entity.kind).map(({ kind }) => kind)];
}

const synonym = (field: string, fields: readonly string[]): string | undefined =>
  fields.find((name) => SYNONYMS.get(name)?.includes(field.toLowerCase().replaceAll('-', '_')));

function listed(all: readonly string[]): string {
  const fields = all.filter((name) => !AUTOMATIC.has(name));
  if (fields.length === 0) return 'remove it: no fields are known here';
  const shown = fields.slice(0, LISTED_MAX).join(', ');
  return `remove it, or use one of: ${shown}${fields.length > LISTED_MAX ? ', …' : ''}`;
}

/** True where the value has the type of the field that it would be. */
function isLike(value: unknown, schema: FieldSchema | undefined): boolean {
  if (schema === undefined) return true;
  if (schema.type === 'array') return Array.isArray(value);
  if (schema.type === 'object') return isFields(value);
  return !Array.isArray(value) && !isFields(value);
}

// --- the right field in the wrong place ---

function placeOf(subject: Subject, field: string): string | undefined {
  const { entity, below } = subject;
  if (entity === undefined) return placeOfMember(field);
  if (below.length > 1) return placeOutside(subject, field);
  if (entity.kind === 'plugins') {
    const name = isFields(entity.value) ? entity.value['name'] : undefined;
    const config = typeof name === 'string' ? pluginSchema(name, subject.plugins) : undefined;
    const meant = has(config, field)
      ? field
      : nearest(field, Object.keys(config?.properties ?? {}));
    if (meant !== undefined) return `move it below 'config', as '${meant}'`;
  }
  return placeInside(entity.kind, field) ?? placeAround(subject, field);
}

const has = (schema: FieldSchema | undefined, field: string): boolean =>
  memberSchema(schema, field) !== undefined;

/** A field of an entity at the top level of the document. */
function placeOfMember(field: string): string | undefined {
  const kind = (['services', 'routes', 'consumers', 'plugins'] as const).find((each) =>
    has(entitySchema(each), field),
  );
  return kind && `move it into an entry of '${kind}': it is a field of a ${singularName(kind)}`;
}

/** A field of a record further out, up to the entity. */
function placeOutside({ entity, below }: Subject, field: string): string | undefined {
  if (entity === undefined) return undefined;
  if (has(entitySchema(entity.kind), field)) {
    return `move it out of '${String(below[0])}': it is a field of ${nameOf(entity)}`;
  }
  return undefined;
}

/** A field of a record or of a child of the entity. */
function placeInside(kind: EntityKind, field: string): string | undefined {
  const records = Object.entries(entitySchema(kind).properties);
  const record = records.find(([, schema]) => has(schema, field));
  if (record !== undefined) return `move it below '${record[0]}'`;
  const child = childKinds(kind).find((each) => has(entitySchema(each.kind), field));
  if (child === undefined) return undefined;
  return `move it into an entry of '${child.kind}': it is a field of a ${wordOf(child.kind)}`;
}

/** A field or a child of the entity that this one is nested in, or a list of the document. */
function placeAround({ entity }: Subject, field: string): string | undefined {
  const parent = entity?.parent;
  if (parent !== undefined) {
    const isChild = childKinds(parent.kind).some(({ kind }) => kind === field);
    if (has(entitySchema(parent.kind), field) || isChild) {
      return `move it up: it is a field of ${nameOf(parent)}`;
    }
  }
  const isList = ENTITY_KINDS.some((kind) => kind === field) || has(DOCUMENT_SCHEMA, field);
  return isList ? `move '${field}' to the top level of the document` : undefined;
}

const wordOf = (kind: EntityKind): string => singularName(kind).replaceAll('_', ' ');
