/** The fields of a plugin's config that hold secrets by their names, for the rules. */
import { pluginSchema, type FieldSchema } from '../config/schemas.ts';
import { isSecretName } from '../config/shown-config.ts';

const known = new Map<string, readonly (readonly string[])[]>();

/** Paths below `config`, of texts only. */
export function secretSettings(plugin: string): readonly (readonly string[])[] {
  let fields = known.get(plugin);
  if (fields === undefined) {
    const schema = pluginSchema(plugin);
    fields = schema === undefined ? [] : secretsOf(schema, []);
    known.set(plugin, fields);
  }
  return fields;
}

function secretsOf(schema: FieldSchema, path: readonly string[]): (readonly string[])[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const own = [...path, name];
    if (field.properties !== undefined) return secretsOf(field, own);
    return field.type === 'string' && isSecretName(name) ? [own] : [];
  });
}
