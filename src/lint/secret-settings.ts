/** Which fields of a plugin's config hold secrets: by the schema's marks and the fields' names. */
import { pluginSchema, type FieldSchema } from '../config/schemas.ts';

const SECRET_NAME = /password|secret|private_key|api_?key|(?:^|_)token$/;
/** Names of headers, claims and the like: where a secret is, not what it is. */
const NAME_OF_PLACE = /_(?:names?|header|claim|type|field)$|^hide_/;

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
    return field.type === 'string' && SECRET_NAME.test(name) && !NAME_OF_PLACE.test(name)
      ? [own]
      : [];
  });
}
