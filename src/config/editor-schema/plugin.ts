/** What a plugin entry's name decides: its `config`, its protocols, its scopes. */
import {
  foreignKeys,
  type EntityCheck,
  type PluginSchema,
  type PluginSchemas,
} from '../schemas.ts';
import { recordSchema, type JsonSchema } from './field.ts';
import { REFERENCE_INSIDE } from './patterns.ts';
import { implies } from './rules.ts';

/** What the fields of a config are called in the rules of the entry. */
const PREFIX = 'config.';

/** Part of every plugin entry. */
export const BY_NAME: JsonSchema = { $ref: '#/definitions/plugin-by-name' };

/** Plugins that may stand in a scope. @param scope a foreign key of a plugin entry; absent: anywhere */
export function pluginNameSchema(scope: string | undefined, plugins: PluginSchemas): JsonSchema {
  const here = [...plugins].filter(
    ([, schema]) => scope === undefined || schema['x-kong-scopes'].includes(scope),
  );
  return {
    enum: here.map(([name]) => name),
    enumDescriptions: here.map(([, { description }]) => description),
    examples: here.slice(0, 1).map(([name]) => name),
  };
}

/** By the names that `$ref`s use. */
export function pluginDefinitions(plugins: PluginSchemas): (readonly [string, JsonSchema])[] {
  return [
    ['plugin-by-name', { allOf: [...plugins].map(([name, schema]) => byName(name, schema)) }],
    ...[...plugins].map(([name, schema]) => [`${name}-config`, configSchema(schema)] as const),
  ];
}

/** The schema of one plugin's `config`. */
export function configSchema(schema: PluginSchema): JsonSchema {
  const { description, 'x-kong-entity-checks': checks = [] } = schema;
  const own = checks.flatMap((check) => ofConfig(check) ?? []);
  return {
    description,
    ...recordSchema({ ...schema, 'x-kong-entity-checks': own }),
    type: ['object', 'null'],
  };
}

/** A rule of the entry as a rule of its config; `undefined` for one about other fields too. */
function ofConfig(check: EntityCheck): EntityCheck | undefined {
  const text = JSON.stringify(check, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(PREFIX) ? value.slice(PREFIX.length) : value,
  );
  return JSON.parse(text);
}

function byName(name: string, schema: PluginSchema): JsonSchema {
  // Not `const`: the language server completes `jwt` to `jwt-signer`, and would offer the fields of both.
  const isNamed = { properties: { name: { pattern: `^${name}$` } }, required: ['name'] };
  // Not a `$ref` alone: `config:` would be completed with every default that its fields have.
  const config = {
    description: `Settings of the plugin. ${schema.description}`,
    type: ['object', 'null'],
    allOf: [{ $ref: `#/definitions/${name}-config` }],
  };
  const scopes = foreignKeys('plugins').filter(
    ({ field }) => !schema['x-kong-scopes'].includes(field),
  );
  const isRequired = (schema.required ?? []).length > 0;
  const stands = { properties: { config }, ...(isRequired && { required: ['config'] }) };
  return implies(isNamed, {
    properties: {
      protocols: { items: known(schema['x-kong-protocols']), doNotSuggest: true },
      ...Object.fromEntries(scopes.map(({ field }) => [field, outOfScope(name)])),
    },
    // Shared settings fill up what the entry does not say.
    allOf: [implies({ not: { required: ['_config'] } }, stands)],
  });
}

/** One of the values, as far as they are known while the document is edited. */
const known = (values: readonly string[]): JsonSchema =>
  implies({ not: { pattern: REFERENCE_INSIDE } }, { enum: values });

const outOfScope = (name: string): JsonSchema => ({
  type: 'null',
  errorMessage: `The plugin ${name} cannot be limited by this field; remove it.`,
  doNotSuggest: true,
});
