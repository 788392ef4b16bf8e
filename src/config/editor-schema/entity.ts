/** The definitions of entities: one for each kind, and one for each place it may be nested in. */
import {
  ENTITY_KINDS,
  childKinds,
  entitySchema,
  foreignKeys,
  singularName,
  type PluginSchemas,
} from '../schemas.ts';
import type { EntityKind } from '../types.ts';
import { SHARED_CONFIG } from './deck.ts';
import { ID_REFERENCE, recordSchema, type JsonSchema, type RecordJsonSchema } from './field.ts';
import { BY_NAME, pluginNameSchema } from './plugin.ts';

/** A nested entity belongs to its parent by its place. */
interface Nesting {
  readonly parent: EntityKind;
  /** The field that refers to the parent. */
  readonly field: string;
}

/** By the names that `$ref`s use. */
export function entityDefinitions(plugins: PluginSchemas): (readonly [string, JsonSchema])[] {
  return ENTITY_KINDS.flatMap((parent) => [
    [nameOf(parent), definition(parent, plugins)] as const,
    ...childKinds(parent).map(
      ({ kind, field }) =>
        [nameOf(kind, parent), definition(kind, plugins, { parent, field })] as const,
    ),
  ]);
}

/** The list of such entities in the document, or below a parent. */
export function listSchema(kind: EntityKind, parent?: EntityKind): JsonSchema {
  const place = parent === undefined ? '' : `, of this ${singularName(parent)}`;
  return {
    description: `The ${kind.replaceAll('_', ' ')}${place}. ${entitySchema(kind).description} No default.`,
    type: ['array', 'null'],
    // Not a `$ref` alone: a new item would be completed with every default that its fields have.
    items: { allOf: [{ $ref: `#/definitions/${nameOf(kind, parent)}` }] },
  };
}

const nameOf = (kind: EntityKind, parent?: EntityKind): string =>
  parent === undefined ? singularName(kind) : `${singularName(kind)}-of-${singularName(parent)}`;

/** `Jwt secret` for `jwt_secrets`. */
function titleOf(kind: EntityKind): string {
  const words = singularName(kind).replaceAll('_', ' ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function definition(kind: EntityKind, plugins: PluginSchemas, nesting?: Nesting): JsonSchema {
  const schema = entitySchema(kind);
  const { properties, allOf, ...record } = recordSchema({
    ...schema,
    required: schema.required?.filter((name) => name !== nesting?.field) ?? [],
  });
  const children = childKinds(kind).map((child) => [child.kind, listSchema(child.kind, kind)]);
  const members: RecordJsonSchema['properties'] = {
    ...properties,
    ...Object.fromEntries(children),
    ...NOTES,
    ...(nesting !== undefined && { [nesting.field]: givenBy(nesting.parent) }),
  };
  const rules = [...(allOf ?? []), ...(kind === 'plugins' ? [BY_NAME] : [])];
  return {
    title: titleOf(kind),
    description: schema.description,
    ...record,
    properties: kind === 'plugins' ? pluginMembers(members, plugins, nesting) : members,
    ...(rules.length > 0 && { allOf: rules }),
  };
}

/** Free text and anchors, allowed in every entity. */
const NOTES: Readonly<Record<string, JsonSchema>> = {
  _comment: {
    description: 'Free text, ignored. No default.',
    examples: ['Owned by the platform team'],
    type: ['string', 'null'],
  },
  _ignore: {
    description: 'Anything, ignored; a place for YAML anchors. No default.',
    examples: [['production']],
    type: ['array', 'null'],
  },
};

const givenBy = (parent: EntityKind): JsonSchema => ({
  description: `Given by the place: it belongs to the ${singularName(parent)} around it. No default.`,
  examples: [null],
  type: 'null',
  errorMessage: `This entity belongs to the ${singularName(parent)} around it; remove the field.`,
  doNotSuggest: true,
});

const ID_EXAMPLE = { id: '2aeb71a5-6b1f-4c1e-9b0a-3c4f6f3ea4d1' };

/** The names that make sense here; below a parent, other references are records with an id. */
function pluginMembers(
  members: RecordJsonSchema['properties'],
  plugins: PluginSchemas,
  nesting: Nesting | undefined,
): RecordJsonSchema['properties'] {
  const scope = nesting?.field;
  const references = foreignKeys('plugins').filter(({ field }) => field !== scope);
  const others = references.map(({ field }) => [
    field,
    { ...members[field], ...ID_REFERENCE, examples: [ID_EXAMPLE] },
  ]);
  return {
    ...members,
    ...(scope !== undefined && Object.fromEntries(others)),
    name: { ...members['name'], ...pluginNameSchema(scope, plugins) },
    // Its fields are those of the plugin, which the name decides.
    config: { ...members['config'], doNotSuggest: true },
    _config: SHARED_CONFIG,
  };
}
