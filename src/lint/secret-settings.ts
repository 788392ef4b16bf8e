/** The fields of a plugin's config that hold secrets by their names, for the rules. */
import type { FieldSchema, PluginSchema } from '../config/schemas.ts';
import { isSecretName } from '../config/shown-config.ts';

const known = new WeakMap<PluginSchema, readonly (readonly string[])[]>();

/** Paths below `config`, of texts only. */
export function secretSettings(schema: PluginSchema | undefined): readonly (readonly string[])[] {
  if (schema === undefined) return [];
  let fields = known.get(schema);
  if (fields === undefined) known.set(schema, (fields = secretsOf(schema, [])));
  return fields;
}

function secretsOf(schema: FieldSchema, path: readonly string[]): (readonly string[])[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const own = [...path, name];
    if (field.properties !== undefined) return secretsOf(field, own);
    return field.type === 'string' && isSecretName(name) ? [own] : [];
  });
}
