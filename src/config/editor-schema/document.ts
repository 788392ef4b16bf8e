/** `schemas/` as one JSON Schema (draft-07) for editors and validators: entities, children, plugins. */
import {
  BUNDLED_SCHEMAS,
  DOCUMENT_SCHEMA,
  isEntityKind,
  pluginSchema,
  type PluginSchemas,
} from '../schemas.ts';
import { DECK_MEMBERS } from './deck.ts';
import { entityDefinitions, listSchema } from './entity.ts';
import { fieldSchema, type JsonSchema } from './field.ts';
import { configSchema, pluginDefinitions } from './plugin.ts';

const $schema = 'http://json-schema.org/draft-07/schema#';

/** The schema of whole documents: self-contained, and the same for the same `schemas/` and plugins. */
export function publishedSchema(plugins: PluginSchemas = BUNDLED_SCHEMAS): JsonSchema {
  const { description, properties, required = [] } = DOCUMENT_SCHEMA;
  const members = Object.entries(properties).map(([name, field]) => {
    const need = required.includes(name) ? 'required' : 'optional';
    return [name, isEntityKind(name) ? listSchema(name) : fieldSchema(field, need)] as const;
  });
  return {
    $schema,
    title: 'Declarative configuration of the Silverback gateway',
    description,
    type: 'object',
    properties: { ...Object.fromEntries(members), ...DECK_MEMBERS },
    required,
    additionalProperties: false,
    definitions: Object.fromEntries([...entityDefinitions(plugins), ...pluginDefinitions(plugins)]),
  };
}

/** The schema of one plugin's `config`; `undefined` when there is no such plugin. */
export function publishedPluginSchema(
  name: string,
  plugins?: PluginSchemas,
): JsonSchema | undefined {
  const schema = pluginSchema(name, plugins);
  return schema && { $schema, title: `Config of the plugin ${name}`, ...configSchema(schema) };
}

/** As in `schemas/silverback.schema.json`. */
export const schemaText = (schema: JsonSchema): string => `${JSON.stringify(schema, null, 2)}\n`;
