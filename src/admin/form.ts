/** Form bodies: names like `config.methods[]` become members, texts become what the schema asks for. */
import {
  entitySchema,
  pluginSchema,
  type FieldSchema,
  type PluginSchemas,
} from '../config/schemas.ts';
import type { EntityKind } from '../config/types.ts';

/** A text, `true` for a name without a value, or the value of a part that was sent as JSON. */
export type FormValue = string | true | { readonly json: unknown };
export type FormPairs = readonly (readonly [name: string, value: FormValue])[];

/** What was sent for one name: values of its own, and members below it. */
interface FormNode {
  readonly values: FormValue[];
  readonly members: Map<string, FormNode>;
}

/** Plain names, then `.member`, `[member]` (dots inside are literal) and `[]`. */
const NAME = /^[^.[\]]+(?:\.[^.[\]]+|\[[^\]]*\])*$/;
const STEP = /\[(?<bracketed>[^\]]*)\]|\.?(?<plain>[^.[\]]+)/g;
const POSITION = /^[1-9]\d{0,4}$/;
const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;
const DEPTH_MAX = 32;

const emptyNode = (): FormNode => ({ values: [], members: new Map() });

/** The steps of a name; one that does not follow the syntax is a single literal step. */
function stepsOf(name: string): readonly string[] {
  if (!NAME.test(name)) return [name];
  const steps = [...name.matchAll(STEP)].map(
    ({ groups }) => groups?.['bracketed'] ?? groups?.['plain'] ?? '',
  );
  return steps.length > DEPTH_MAX ? [name] : steps;
}

function memberOf(node: FormNode, step: string): FormNode {
  const known = node.members.get(step);
  if (known !== undefined) return known;
  const made = emptyNode();
  node.members.set(step, made);
  return made;
}

function nest(pairs: FormPairs): FormNode {
  const root = emptyNode();
  for (const [name, value] of pairs) {
    let node = root;
    for (const step of stepsOf(name)) if (step !== '') node = memberOf(node, step);
    node.values.push(value);
  }
  return root;
}

function textTo(type: FieldSchema['type'], text: string): unknown {
  if (text === '') return null;
  if ((type === 'number' || type === 'integer') && NUMBER.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function valueTo(schema: FieldSchema | undefined, value: FormValue): unknown {
  if (value === true) return true;
  return typeof value === 'string' ? textTo(schema?.type, value) : value.json;
}

/** Elements in the order of their positions, after those without one. */
function toList(schema: FieldSchema, node: FormNode): unknown {
  const [only] = node.values;
  if (node.members.size === 0 && node.values.length === 1) {
    if (only === '') return null;
    if (typeof only === 'object') return only.json;
  }
  const positioned = [...node.members]
    .filter(([step]) => POSITION.test(step))
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([, element]) => toValue(schema.items, element));
  return [...node.values.map((value) => valueTo(schema.items, value)), ...positioned];
}

function memberSchema(schema: FieldSchema | undefined, name: string): FieldSchema | undefined {
  const { properties, additionalProperties } = schema ?? {};
  if (properties !== undefined && Object.hasOwn(properties, name)) return properties[name];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

function toRecord(schema: FieldSchema | undefined, node: FormNode): Record<string, unknown> {
  return Object.fromEntries(
    [...node.members].map(([name, member]) => [name, toValue(memberSchema(schema, name), member)]),
  );
}

/** What the schema cannot use stays as it was sent, for the validation to refuse. */
function toValue(schema: FieldSchema | undefined, node: FormNode): unknown {
  if (schema?.type === 'array') return toList(schema, node);
  if (node.members.size > 0) return toRecord(schema, node);
  const values = node.values.map((value) => valueTo(schema, value));
  return values.length === 1 ? values[0] : values;
}

/** The names that may be sent with a certificate are entities, and no field of its schema. */
const SNIS: FieldSchema = { type: 'array', items: { type: 'string' } };

/** An entity's schema with, for a plugin, the one of its `config`. */
function schemaFor(
  kind: EntityKind,
  pluginName: unknown,
  plugins: PluginSchemas | undefined,
): FieldSchema {
  const schema = entitySchema(kind);
  if (kind === 'certificates') {
    return { ...schema, properties: { ...schema.properties, snis: SNIS } };
  }
  if (kind !== 'plugins' || typeof pluginName !== 'string') return schema;
  const config = pluginSchema(pluginName, plugins);
  if (config === undefined) return schema;
  return { ...schema, properties: { ...schema.properties, config } };
}

export interface FormOptions {
  /** The plugin a PATCH is about, when the form does not name it. */
  readonly pluginName?: string | undefined;
  /** Absent: the plugins of this build. */
  readonly plugins?: PluginSchemas | undefined;
}

/**
 * The entity that a form describes (Admin API reference, F4 and F5). An empty text is null: the way
 * to reset a member. Nothing is refused here.
 */
export function formToEntity(
  kind: EntityKind,
  pairs: FormPairs,
  { pluginName, plugins }: FormOptions = {},
): Record<string, unknown> {
  const root = nest(pairs);
  const [named] = root.members.get('name')?.values ?? [];
  return toRecord(schemaFor(kind, named ?? pluginName, plugins), root);
}
