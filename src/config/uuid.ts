/** Deterministic identifiers: RFC 9562 section 5.5 (version 5) and the name spaces that Kong uses. */
import { createHash } from 'node:crypto';
import type { EntityKind } from './types.ts';

/** The name space all of Kong's computed ids are below. */
const ROOT = 'fd02801f-0957-4a15-a55a-c8d9606f30b5';

/** Name-based UUID of `name` (as UTF-8) in the name space `namespace`, a UUID; lower-case. */
export function uuid5(namespace: string, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  const groups = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...groups, hex.slice(20)].join('-');
}

const namespaces = new Map<EntityKind, string>();

/** The id that Kong gives an entity with that key, e.g. a service with that name. */
export function entityId(kind: EntityKind, key: string): string {
  const namespace = namespaces.get(kind) ?? uuid5(ROOT, kind);
  namespaces.set(kind, namespace);
  return uuid5(namespace, key);
}
