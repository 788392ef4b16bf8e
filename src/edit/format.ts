/** `fmt`: a declarative text in the order of Kong's schemas and one style, with every comment and the same meaning. */
import { isDeepStrictEqual } from 'node:util';
import { parseText } from '../config/parse.ts';
import {
  DOCUMENT_SCHEMA,
  childKinds,
  endpointKey,
  entitySchema,
  isEntityKind,
  memberSchema,
  pluginSchema,
  type FieldSchema,
} from '../config/schemas.ts';
import type { EntityKind } from '../config/types.ts';
import type { ConfigPath } from '../errors.ts';
import { isJsonText } from './plain-text.ts';
import { UneditableTextError, commentsOf, openYaml, type YamlText } from './yaml-text.ts';

/** Formatting settles after one or two rounds; more than this is our mistake. */
const ROUNDS_MAX = 5;

/**
 * The text in canonical form; formatting that changes nothing. Throws ConfigError for what cannot be
 * parsed, and UneditableTextError for what cannot be written again without loss.
 * @param file name for messages
 */
export async function formatText(text: string, file: string): Promise<string> {
  const { value } = parseText(text, 'auto', file);
  const isJson = isJsonText(text);
  let formatted = text.replace(/^\uFEFF/, '');
  for (let round = 0; round < ROUNDS_MAX; round++) {
    // oxlint-disable-next-line no-await-in-loop -- each round reads what the one before wrote
    const next = isJson ? formatJson(formatted) : await formatYaml(formatted);
    if (next === formatted) {
      // oxlint-disable-next-line no-await-in-loop -- the last thing that is done
      await checkSame(text, formatted, { value, isJson });
      return formatted;
    }
    formatted = next;
  }
  throw new UneditableTextError('its formatting does not settle; please report it');
}

interface Original {
  readonly value: unknown;
  readonly isJson: boolean;
}

/** The last word: a text that means something else, or has lost a comment, is not given out. */
async function checkSame(
  text: string,
  formatted: string,
  { value, isJson }: Original,
): Promise<void> {
  if (!isDeepStrictEqual(parseText(formatted, 'auto', '').value, value)) {
    throw new UneditableTextError('it would mean something else when formatted; please report it');
  }
  if (isJson) return;
  const [before, after] = [await commentsOf(text), await commentsOf(formatted)];
  if (!isDeepStrictEqual(before.toSorted(byText), after.toSorted(byText))) {
    throw new UneditableTextError('a comment would be lost when formatted; please report it');
  }
}

const byText = (a: string, b: string): number => Number(a > b) - Number(a < b);

async function formatYaml(text: string): Promise<string> {
  const yaml = await openYaml(text);
  yaml.sortMembers((path, names) => namesInOrder(placeAt(path, yaml), names));
  return yaml.toString();
}

function formatJson(text: string): string {
  const value: unknown = JSON.parse(text);
  const scalarAt = (path: ConfigPath): string | undefined => {
    const found = path.reduce(memberOf, value);
    return typeof found === 'string' ? found : undefined;
  };
  const sorted = (at: unknown, path: ConfigPath): unknown => {
    if (Array.isArray(at)) return at.map((element, index) => sorted(element, [...path, index]));
    if (typeof at !== 'object' || at === null) return at;
    const names = namesInOrder(placeAt(path, { scalarAt }), Object.keys(at));
    return Object.fromEntries(
      names.map((name) => [name, sorted(memberOf(at, name), [...path, name])]),
    );
  };
  return `${JSON.stringify(sorted(value, []), null, 2)}\n`;
}

const memberOf = (value: unknown, step: string | number): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, step)
    ? Reflect.get(value, step)
    : undefined;

/** What a mapping of a document is, as far as the schemas know it. */
type Place =
  | { readonly kind: 'document' }
  | { readonly kind: 'list'; readonly of: EntityKind }
  | { readonly kind: 'entity'; readonly of: EntityKind }
  | { readonly kind: 'field'; readonly schema: FieldSchema }
  | undefined;

function placeAt(path: ConfigPath, text: Pick<YamlText, 'scalarAt'>): Place {
  let place: Place = { kind: 'document' };
  for (const [depth, step] of path.entries()) {
    const isConfig: boolean =
      place?.kind === 'entity' && place.of === 'plugins' && step === 'config';
    const plugin: string | undefined = isConfig
      ? text.scalarAt([...path.slice(0, depth), 'name'])
      : undefined;
    const schema: FieldSchema | undefined = plugin === undefined ? undefined : pluginSchema(plugin);
    place = schema === undefined ? placeBelow(place, step) : { kind: 'field', schema };
  }
  return place;
}

function placeBelow(place: Place, step: string | number): Place {
  if (place === undefined) return undefined;
  if (place.kind === 'list') return { kind: 'entity', of: place.of };
  if (place.kind === 'field') {
    const { schema } = place;
    const below = typeof step === 'number' ? schema.items : memberSchema(schema, step);
    return below && { kind: 'field', schema: below };
  }
  if (typeof step === 'number') return undefined;
  if (place.kind === 'document') return isEntityKind(step) ? { kind: 'list', of: step } : undefined;
  const own = memberSchema(entitySchema(place.of), step);
  if (own !== undefined) return { kind: 'field', schema: own };
  const child = childKinds(place.of).find(({ kind }) => kind === step);
  return child && { kind: 'list', of: child.kind };
}

const DOCUMENT_ORDER: readonly string[] = [
  '_format_version',
  '_transform',
  '_comment',
  '_info',
  '_workspace',
  '_konnect',
  '_plugin_configs',
  '_ignore',
  ...Object.keys(DOCUMENT_SCHEMA.properties).filter((name) => !name.startsWith('_')),
];

const orders = new Map<EntityKind, readonly string[]>();

/** Names first, then what a person wrote about it, then Kong's order, then what is nested. */
export function entityOrder(kind: EntityKind): readonly string[] {
  const known = orders.get(kind);
  if (known !== undefined) return known;
  const { properties } = entitySchema(kind);
  const key = endpointKey(kind);
  const names = ['name', ...(key === undefined ? [] : [key]), '_comment', 'url', 'id', '_config'];
  const children = childKinds(kind).map((child) => child.kind);
  const order = [...new Set([...names, ...Object.keys(properties), ...children, '_ignore'])];
  orders.set(kind, order);
  return order;
}

/** Unknown names come last, in the order they have. */
function namesInOrder(place: Place, names: readonly string[]): readonly string[] {
  const order = orderOf(place);
  if (order === undefined) return names;
  const rank = new Map(order.map((name, index) => [name, index]));
  const rankOf = (name: string): number => rank.get(name) ?? rank.size;
  return names.toSorted((a, b) => rankOf(a) - rankOf(b));
}

function orderOf(place: Place): readonly string[] | undefined {
  switch (place?.kind) {
    case 'document':
      return DOCUMENT_ORDER;
    case 'entity':
      return entityOrder(place.of);
    case 'field':
      return place.schema.properties && Object.keys(place.schema.properties);
    default:
      return undefined;
  }
}
