/** Which values of an entity are secrets, and an entity that may be shown: for differences and audit lines. */
import { maskTokens } from '../http/mask.ts';
import type { ConfigPath } from '../errors.ts';
import { isFields, type Fields } from './checks/field-issue.ts';
import {
  entitySchema,
  memberSchema,
  pluginSchema,
  type FieldSchema,
  type PluginSchemas,
} from './schemas.ts';
import type { EntityKind } from './types.ts';

/** What stands for a secret. */
export const SECRET_MASK = '******';

const SECRET_NAME =
  /^(key|key_alt|jwk|pem)$|secret|password|passwd|token|api_?key|private_key|credential/i;
/** `user:password@` of a URL. */
const USERINFO = /(:\/\/)[^/?#\s@]*@/g;

export interface EntityOfKind {
  readonly kind: EntityKind;
  readonly entity: Fields;
}

/** By what the schema says of the field, or by its name; below a secret everything is one. */
export function isSecretField(
  { kind, entity }: EntityOfKind,
  path: ConfigPath,
  plugins?: PluginSchemas,
): boolean {
  let schema: FieldSchema | undefined = entitySchema(kind);
  for (const [depth, step] of path.entries()) {
    const isConfig = kind === 'plugins' && depth === 0 && step === 'config';
    if (isConfig) schema = pluginSchema(String(entity['name']), plugins);
    else schema = typeof step === 'number' ? schema?.items : memberSchema(schema, step);
    const isNamed = SECRET_NAME.test(String(step)) && schema?.type !== 'boolean';
    if (schema?.['x-kong-referenceable'] === true || (isNamed && schema?.type !== 'integer')) {
      return true;
    }
    if (schema?.items?.['x-kong-referenceable'] === true) return true;
    const free = schema?.additionalProperties;
    if (typeof free === 'object' && free['x-kong-referenceable'] === true) return true;
  }
  return false;
}

/** The entity without its secrets; what is not set stays so. */
export function maskEntity(of: EntityOfKind, plugins?: PluginSchemas): Fields {
  const masked = (value: unknown, path: ConfigPath): unknown => {
    if (value === null || value === undefined) return value;
    if (path.length > 0 && isSecretField(of, path, plugins)) return SECRET_MASK;
    if (Array.isArray(value)) return value.map((each, index) => masked(each, [...path, index]));
    if (isFields(value)) return maskMembers(value, path);
    if (typeof value !== 'string') return value;
    return maskTokens(value).replaceAll(USERINFO, `$1${SECRET_MASK}@`);
  };
  const maskMembers = (fields: Fields, path: ConfigPath): Fields =>
    Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, masked(value, [...path, name])]),
    );
  return maskMembers(of.entity, []);
}
