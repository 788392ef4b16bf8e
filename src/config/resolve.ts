/** Checked items → the entities of the config: complete, flat, references as ids. */
import { X509Certificate, createHash, randomBytes } from 'node:crypto';
import { parseAddress } from './checks/address.ts';
import { isFields, type Fields } from './checks/field-issue.ts';
import type { EarlierEntities } from './earlier.ts';
import type { Item } from './items.ts';
import type { FindItem } from './references.ts';
import {
  configForeignKeys,
  entitySchema,
  type FieldSchema,
  type PluginSchemas,
} from './schemas.ts';
import type { EntityKind } from './types.ts';

export interface ResolveOptions {
  readonly find: FindItem;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** False for documents that hold digests already (`_transform: false`). */
  readonly transform: boolean;
  /** Absent: the plugins of this build. */
  readonly plugins?: PluginSchemas | undefined;
  /** Where automatic values come from that the document does not give. */
  readonly earlier?: EarlierEntities | undefined;
}

/**
 * The entity as the Admin API shows it, members in schema order. References must be known to exist.
 * @param filled the item's fields with short forms expanded and defaults filled in
 */
export function resolveEntity(item: Item, filled: Fields, options: ResolveOptions): Fields {
  const entity: Record<string, unknown> = {};
  for (const [name, schema] of fieldsOf(item.kind)) {
    const value = fieldValue(item, [name, schema], filled[name], options);
    if (value !== undefined) entity[name] = value;
  }
  return transform(item, entity, options);
}

/** Listed once per kind and not once per entity. */
const fieldLists = new Map<EntityKind, readonly (readonly [string, FieldSchema])[]>();

function fieldsOf(kind: EntityKind): readonly (readonly [string, FieldSchema])[] {
  const fields = fieldLists.get(kind) ?? Object.entries(entitySchema(kind).properties);
  fieldLists.set(kind, fields);
  return fields;
}

function fieldValue(
  item: Item,
  [name, schema]: readonly [string, FieldSchema],
  value: unknown,
  options: ResolveOptions,
): unknown {
  const to = schema['x-kong-foreign'];
  if (to !== undefined) {
    const written = item.given[name] ?? undefined;
    const target = written === undefined ? parentOf(item, name) : options.find(to, written);
    return target === undefined ? null : { id: target.id };
  }
  if (schema['x-kong-auto'] === 'uuid') return item.id;
  if (schema['x-kong-auto'] === undefined) return value;
  const before = options.earlier?.valueOf(item.kind, item.id, name);
  return automatic(schema, { value, before, now: options.now });
}

const parentOf = ({ parent }: Item, field: string): Item | undefined =>
  parent?.field === field ? parent.item : undefined;

interface AutomaticValue {
  readonly value: unknown;
  /** Of the same entity in the config before. */
  readonly before: unknown;
  readonly now: number;
}

function automatic(schema: FieldSchema, { value, before, now }: AutomaticValue): unknown {
  const seconds = schema.type === 'integer' ? Math.floor(now / 1000) : now / 1000;
  switch (schema['x-kong-auto']) {
    case 'created':
      return value ?? before ?? seconds;
    case 'updated':
      return before ?? seconds;
    case 'token':
      return value ?? before ?? randomToken();
    case 'digest':
      return value ?? null;
    default:
      return value;
  }
}

const ALPHANUMERICS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const TOKEN_LENGTH = 32;

/** 32 random alphanumerics, about 190 bits. */
export function randomToken(): string {
  let token = '';
  while (token.length < TOKEN_LENGTH) {
    for (const byte of randomBytes(TOKEN_LENGTH * 2)) {
      // Bytes past the last whole multiple would make some characters likelier.
      if (byte < 248 && token.length < TOKEN_LENGTH) token += ALPHANUMERICS[byte % 62] ?? '';
    }
  }
  return token;
}

function transform(item: Item, entity: Fields, options: ResolveOptions): Fields {
  switch (item.kind) {
    case 'targets':
      return { ...entity, target: normalizeTarget(String(entity['target'])) };
    case 'basicauth_credentials':
      return options.transform ? { ...entity, password: passwordDigest(entity) } : entity;
    case 'plugins':
      return { ...entity, config: resolveConfig(entity, options.find) };
    case 'ca_certificates':
      return { ...entity, cert_digest: certificateDigest(entity) };
    default:
      return entity;
  }
}

/** References inside of a plugin's config as ids. */
function resolveConfig({ name, config }: Fields, find: FindItem): unknown {
  const keys = configForeignKeys(name);
  if (keys.length === 0 || !isFields(config)) return config;
  const ids = keys.map(({ field, to }) => {
    const target = config[field] === null ? undefined : find(to, config[field]);
    return [field, target === undefined ? null : { id: target.id }] as const;
  });
  return { ...config, ...Object.fromEntries(ids) };
}

const TARGET_PORT = 8000;

/** `host:port` with Kong's port when none is given. */
export function normalizeTarget(target: string): string {
  const address = parseAddress(target);
  if (address.kind === 'bad') return target;
  const { kind, host, port = TARGET_PORT } = address;
  return kind === 'ipv6' ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Kong's form: hex SHA-1 of the password followed by the consumer's id. */
export function passwordDigest({ password, consumer }: Fields): string {
  const id = isFields(consumer) ? String(consumer['id']) : '';
  return createHash('sha1')
    .update(`${String(password)}${id}`)
    .digest('hex');
}

/** Lower-case hex SHA-256 of the certificate; as given when the text is only known at run time. */
function certificateDigest({ cert, cert_digest: given }: Fields): unknown {
  try {
    return createHash('sha256')
      .update(new X509Certificate(String(cert)).raw)
      .digest('hex');
  } catch {
    return given;
  }
}
