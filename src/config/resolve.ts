/** Checked items → the entities of the config: complete, flat, references as ids. */
import { X509Certificate, createHash, randomBytes } from 'node:crypto';
import { parseAddress } from './checks/address.ts';
import { isFields, type Fields } from './checks/field-issue.ts';
import type { Item } from './items.ts';
import type { FindItem } from './references.ts';
import { entitySchema, foreignKeys, type FieldSchema } from './schemas.ts';

export interface ResolveOptions {
  readonly find: FindItem;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** False for documents that hold digests already (`_transform: false`). */
  readonly transform: boolean;
}

/**
 * The entity as the Admin API shows it, members in schema order. References must be known to exist.
 * @param filled the item's fields with short forms expanded and defaults filled in
 */
export function resolveEntity(item: Item, filled: Fields, options: ResolveOptions): Fields {
  const values: Record<string, unknown> = { ...filled, id: item.id };
  for (const { field, to } of foreignKeys(item.kind)) {
    const written = item.given[field] ?? undefined;
    const target = written === undefined ? parentOf(item, field) : options.find(to, written);
    values[field] = target === undefined ? null : { id: target.id };
  }
  const { properties } = entitySchema(item.kind);
  const entity: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(properties)) {
    const value = schema['x-kong-auto'] ? automatic(schema, values[name], options.now) : values[name];
    if (value !== undefined) entity[name] = value;
  }
  return transform(item, entity, options);
}

const parentOf = ({ parent }: Item, field: string): Item | undefined =>
  parent?.field === field ? parent.item : undefined;

function automatic(schema: FieldSchema, value: unknown, now: number): unknown {
  const seconds = schema.type === 'integer' ? Math.floor(now / 1000) : now / 1000;
  switch (schema['x-kong-auto']) {
    case 'created':
      return value ?? seconds;
    case 'updated':
      return seconds;
    case 'token':
      return value ?? randomToken();
    case 'digest':
      return value ?? null;
    default:
      return value;
  }
}

const ALPHANUMERICS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const TOKEN_LENGTH = 32;

/** 32 random alphanumerics, about 190 bits. */
function randomToken(): string {
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
    case 'ca_certificates':
      return { ...entity, cert_digest: certificateDigest(entity) };
    default:
      return entity;
  }
}

const TARGET_PORT = 8000;

/** `host:port` with Kong's port when none is given. */
export function normalizeTarget(target: string): string {
  const address = parseAddress(target);
  if ('problem' in address) return target;
  const { host, port = TARGET_PORT } = address;
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return bare.includes(':') ? `[${bare}]:${port}` : `${bare}:${port}`;
}

/** Kong's form: hex SHA-1 of the password followed by the consumer's id. */
function passwordDigest({ password, consumer }: Fields): string {
  const id = isFields(consumer) ? String(consumer['id']) : '';
  return createHash('sha1').update(`${String(password)}${id}`).digest('hex');
}

/** Lower-case hex SHA-256 of the certificate; as given when the text is only known at run time. */
function certificateDigest({ cert, cert_digest: given }: Fields): unknown {
  try {
    return createHash('sha256').update(new X509Certificate(String(cert)).raw).digest('hex');
  } catch {
    return given;
  }
}
