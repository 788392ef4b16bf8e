/** Generates `src/config/schema-types.ts` from `schemas/`; run by `npm run schemas`, compared by a test. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import * as prettier from 'prettier';
import {
  ENTITY_KINDS,
  PLUGIN_NAMES,
  entitySchema,
  pluginSchema,
  type FieldSchema,
} from '../../src/config/schemas.ts';

/** Where the result belongs. */
export const TYPES_FILE = new URL('../../src/config/schema-types.ts', import.meta.url);

const HEADER = `/**
 * The loaded entities and plugin configs: every field is present, \`null\` where nothing is set.
 * Generated from schemas/ by \`npm run schemas\`; do not edit.
 */

/** A reference to another entity. */
export interface Ref {
  readonly id: string;
}
`;

/** The text of the generated file. */
export async function generateTypes(): Promise<string> {
  const named = new Map<string, FieldSchema>();
  for (const kind of ENTITY_KINDS) add(named, entitySchema(kind));
  for (const name of PLUGIN_NAMES) add(named, pluginSchema(name) ?? {});
  const parts: string[] = [];
  for (const [title, schema] of named) parts.push(await declare(title, schema));
  const options = {
    ...(await prettier.resolveConfig(fileURLToPath(TYPES_FILE))),
    parser: 'typescript',
  };
  return prettier.format([HEADER, ...parts].join('\n'), options);
}

/** Collects `schema` and every part with a title: each becomes a type of its own. */
function add(named: Map<string, FieldSchema>, schema: FieldSchema): void {
  if (schema.title !== undefined) named.set(schema.title, schema);
  for (const field of Object.values(schema.properties ?? {})) add(named, field);
  if (schema.items !== undefined) add(named, schema.items);
}

async function declare(title: string, schema: FieldSchema): Promise<string> {
  const resolved = { ...resolve(schema), title };
  const text = await compile(resolved, title, {
    bannerComment: '',
    format: false,
    additionalProperties: false,
  });
  return text
    .replaceAll(/^(\w+\??|\[k: string\]): /gm, 'readonly $1: ')
    .replaceAll(/^\/\*\*\n \* (.*)\n \*\/$/gm, '/** $1 */')
    .replaceAll(/(\w+|\([^()]*\))\[\]/g, 'readonly $1[]');
}

/** The loaded shape of a field; parts with a title are named instead. */
function typeOf(field: FieldSchema): JSONSchema {
  const shape: JSONSchema =
    field['x-kong-foreign'] !== undefined
      ? { tsType: 'Ref' }
      : field.title === undefined
        ? resolve(field)
        : { tsType: field.title };
  return field.description === undefined ? shape : { ...shape, description: field.description };
}

function resolve(schema: FieldSchema): JSONSchema {
  const { type = 'object', enum: values, items, additionalProperties } = schema;
  if (values !== undefined) return { enum: [...values] };
  if (items !== undefined) return { type: 'array', items: typeOf(items) };
  if (schema.properties === undefined) {
    const members = typeof additionalProperties === 'object' ? typeOf(additionalProperties) : true;
    return type === 'object' ? { type, additionalProperties: members } : { type };
  }
  const fields = Object.entries(schema.properties).filter(
    ([, field]) => !field['x-kong-write-only'],
  );
  return {
    type: 'object',
    ...(schema.description !== undefined && { description: schema.description }),
    required: fields.filter(([, field]) => !field['x-kong-sparse']).map(([name]) => name),
    properties: Object.fromEntries(
      fields.map(([name, field]) => [
        name,
        isNullable(schema, name) ? orNull(field) : typeOf(field),
      ]),
    ),
  };
}

function isNullable(schema: FieldSchema, name: string): boolean {
  const field = schema.properties?.[name];
  if (field?.nullable === true) return true;
  return !(
    schema.required?.includes(name) ||
    field?.default !== undefined ||
    field?.['x-kong-auto'] ||
    field?.['x-kong-sparse']
  );
}

function orNull(field: FieldSchema): JSONSchema {
  const { description, ...shape } = typeOf(field);
  return { anyOf: [shape, { type: 'null' }], ...(description !== undefined && { description }) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(TYPES_FILE, await generateTypes());
}
