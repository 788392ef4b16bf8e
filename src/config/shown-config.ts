/**
 * A plugin's config as it may be shown to who reads it: narrower than `secret-fields.ts`, which keeps secrets
 * out of records at any price, so that names of headers and claims stay readable.
 */
import { maskTokens } from '../http/mask.ts';
import { SECRET_MASK } from './secret-fields.ts';
import { isFields } from './checks/field-issue.ts';
import { memberSchema, pluginSchema, type FieldSchema, type PluginSchemas } from './schemas.ts';

const SECRET_NAME = /password|secret|private_key|api_?key|(?:^|_)token$/;
/** Names of headers, claims and the like: where a secret is, not what it is. */
const NAME_OF_PLACE = /_(?:names?|header|claim|type|field)$|^hide_/;

const CREDENTIAL_HEADER = /^(?:(?:proxy-)?authorization|(?:set-)?cookie|(?:x-)?api-?key)$/i;

/** A header field that tells who somebody is, whatever a config says of it. */
export const isCredentialHeader = (name: string): boolean => CREDENTIAL_HEADER.test(name);

export const isSecretName = (name: string): boolean =>
  SECRET_NAME.test(name) && !NAME_OF_PLACE.test(name);

/** A plugin's config as it may be shown: texts that may be secrets are masked, unless they are references. */
export const maskedConfig = (plugin: string, config: unknown, plugins?: PluginSchemas): unknown =>
  masked(config, pluginSchema(plugin, plugins), '');

function masked(value: unknown, schema: FieldSchema | undefined, name: string): unknown {
  if (typeof value === 'string') return maskedText(value, schema, name);
  if (Array.isArray(value)) return value.map((item) => masked(item, schema?.items, name));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([member, below]) => [
      member,
      masked(below, memberSchema(schema, member) ?? freeMembers(schema), member),
    ]),
  );
}

const freeMembers = (schema: FieldSchema | undefined): FieldSchema | undefined =>
  typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined;

/** A reference to a vault says where a secret is, and is none. */
function maskedText(text: string, schema: FieldSchema | undefined, name: string): string {
  if (text.startsWith('{vault://')) return text;
  if (schema?.['x-kong-referenceable'] === true || isSecretName(name)) return SECRET_MASK;
  // What the transforming plugins write into requests: `name:value`.
  const [, header, line] = /^(([\w-]+)\s*:\s*)\S/.exec(text) ?? [];
  if (line !== undefined && isCredentialHeader(line)) return `${header ?? ''}${SECRET_MASK}`;
  return maskTokens(text.replace(/(?<=:\/\/)[^/?#@]+(?=@)/, '***'));
}
