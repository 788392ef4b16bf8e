/**
 * Checks one entity, plugin config or document against its schema and answers with Kong's messages.
 * Nothing is changed and nothing throws: a finding is a value.
 */
import { runEntityChecks } from './checks/entity-checks.ts';
import { fieldCheck, type CheckContext, type FieldProblem } from './checks/field-checks.ts';
import { isFields, type FieldIssue, type Fields } from './checks/field-issue.ts';
import { checkReference } from './checks/reference.ts';
import { applyDefaults, applyPluginDefaults, expandShorthands } from './defaults.ts';
import { compileSchemaCheck, type SchemaCheck } from './json-schema.ts';
import {
  DOCUMENT_SCHEMA,
  childKinds,
  entitySchema,
  foreignKeys,
  memberSchema,
  pluginSchema,
  type FieldSchema,
  type PluginSchema,
  type PluginSchemas,
} from './schemas.ts';
import { isVaultReference } from './secrets.ts';
import type { EntityKind } from './types.ts';
import { pluginNameProblem, unknownFieldHint } from './unsupported.ts';

export type { FieldIssue, Fields } from './checks/field-issue.ts';

export interface ValidateOptions extends CheckContext {
  /** The parent's kind, for an entity that stands inside another. */
  readonly nestedIn?: EntityKind | undefined;
  /** Names the settings enable; absent: every plugin of this build. */
  readonly enabledPlugins?: ReadonlySet<string> | undefined;
  /** Absent: the plugins of this build. */
  readonly plugins?: PluginSchemas | undefined;
}

/**
 * Everything wrong with one entity as written. Nested children must be lists and are not looked
 * into; each is an entity to check with `nestedIn`.
 */
export function validateEntity(
  kind: EntityKind,
  value: unknown,
  options: ValidateOptions = {},
): FieldIssue[] {
  const schema = entitySchema(kind);
  const cleaned = withoutNulls(schema, value);
  if (!isFields(cleaned)) return [{ code: 'SB1103', path: [], message: 'expected a record' }];
  const given = expandShorthands(kind, cleaned);
  const fields = settle([
    ...nestingIssues(kind, given, options.nestedIn),
    ...memberIssues(schema, given),
    ...schemaCheckOf(kind)(given).filter(
      (issue) => !isExcused(kind, given, issue, options.nestedIn),
    ),
    ...fieldIssues(schema, given, [], options),
    ...(kind === 'plugins' ? pluginIssues(given, options) : []),
  ]);
  const checks = checksOf(kind, given, options.plugins);
  const rules = runEntityChecks(
    checks,
    completeOf(kind, given, { written: value, plugins: options.plugins }),
    namesOf(fields),
    options,
  );
  return settle([...fields, ...rules]).map((issue) => withHint(kind, issue));
}

/**
 * Everything wrong with a plugin's config, the rules of the plugin about several fields included.
 * Paths start with `config`. A plugin that nobody knows has no issues here.
 */
export function validatePluginConfig(
  name: string,
  config: unknown,
  context: CheckContext & Pick<ValidateOptions, 'plugins'> = {},
): FieldIssue[] {
  const schema = pluginSchema(name, context.plugins);
  if (schema === undefined) return [];
  const fields = configIssues(schema, config, context);
  const given = isFields(config) ? config : {};
  const complete = { config: applyPluginDefaults(name, given, context.plugins) };
  const checks = schema['x-kong-entity-checks'] ?? [];
  return settle([...fields, ...runEntityChecks(checks, complete, namesOf(fields), context)]);
}

/** Everything wrong with the members of a document itself; entities are checked one by one. */
export function validateDocument(document: Fields): FieldIssue[] {
  const given = withoutNulls(DOCUMENT_SCHEMA, document);
  return settle(schemaCheckOf('document')(given)).map((issue) => withHint('document', issue));
}

/** With defaults, for the rules about several fields. In a plugin's config some nulls mean something. */
function completeOf(
  kind: EntityKind,
  given: Fields,
  { written, plugins }: { readonly written: unknown; readonly plugins?: PluginSchemas | undefined },
): Fields {
  const config = kind === 'plugins' && isFields(written) ? written['config'] : undefined;
  return applyDefaults(kind, isFields(config) ? { ...given, config } : given, plugins);
}

// --- the parts of an entity ---

/** Free text and anchors, allowed in every entity. */
const EVERYWHERE: Readonly<Record<string, FieldSchema>> = {
  _comment: { type: 'string' },
  _ignore: { type: 'array' },
};

const schemaChecks = new WeakMap<FieldSchema, SchemaCheck>();

/** Compiled on first use and kept with its schema: compiling all of them would slow every start. */
function keptCheck(schema: FieldSchema, shallow: () => FieldSchema = () => schema): SchemaCheck {
  const known = schemaChecks.get(schema);
  if (known !== undefined) return known;
  const check = compileSchemaCheck(shallow());
  schemaChecks.set(schema, check);
  return check;
}

const schemaCheckOf = (name: EntityKind | 'document'): SchemaCheck =>
  keptCheck(name === 'document' ? DOCUMENT_SCHEMA : entitySchema(name), () => shallowSchema(name));

/** The schema without what is checked on its own: children, the entities of a document. */
function shallowSchema(name: EntityKind | 'document'): FieldSchema {
  if (name !== 'document') {
    const children = childKinds(name).map((child) => [child.kind, { type: 'array' }] as const);
    const schema = entitySchema(name);
    const properties = { ...Object.fromEntries(children), ...schema.properties, ...EVERYWHERE };
    return { ...schema, properties };
  }
  const members = Object.entries(DOCUMENT_SCHEMA.properties);
  const lists = members.map(([key, { items: _items, ...member }]) => [key, member] as const);
  return { ...DOCUMENT_SCHEMA, properties: Object.fromEntries(lists) };
}

/** The checks that the schema names, and references, at every depth. */
function fieldIssues(
  schema: FieldSchema,
  value: unknown,
  path: readonly (string | number)[],
  context: CheckContext,
): FieldIssue[] {
  if (value === undefined || !hasChecks(schema)) return [];
  if (schema['x-kong-referenceable'] && isVaultReference(value)) return [];
  if (schema['x-kong-foreign'] !== undefined) return checkReference(value, path);
  const name = schema['x-kong-check'];
  const problem = name === undefined ? undefined : fieldCheck(name)(value, context);
  const inside = (field: FieldSchema, member: unknown, step: string | number): FieldIssue[] =>
    fieldIssues(field, member, [...path, step], context);
  const { items = {}, properties = {} } = schema;
  // No `push(...)`: a list may have more problems than a call may have arguments.
  const issues: FieldIssue[] = [
    ...(problem === undefined ? [] : [asIssue(path, problem)]),
    ...(Array.isArray(value) ? value.flatMap((item, i) => inside(items, item, i)) : []),
    ...(isFields(value)
      ? Object.entries(properties).flatMap(([key, field]) => inside(field, value[key], key))
      : []),
  ];
  if (!isFields(value)) return issues;
  if (path.length === 0) return issues;
  const checks = schema['x-kong-entity-checks'] ?? [];
  const rules = runEntityChecks(checks, value, namesOf(issues), context);
  return [...issues, ...rules.map((issue) => below(path, issue))];
}

const asIssue = (path: FieldIssue['path'], { element, ...problem }: FieldProblem): FieldIssue => ({
  path,
  ...problem,
  ...(element !== undefined && { at: [...path, element] }),
});

const checked = new WeakMap<FieldSchema, boolean>();

/** Whether the schema names a check or a reference at any depth: most fields have none. */
function hasChecks(schema: FieldSchema): boolean {
  let answer = checked.get(schema);
  if (answer === undefined) {
    const { items, properties = {} } = schema;
    answer =
      schema['x-kong-check'] !== undefined ||
      schema['x-kong-foreign'] !== undefined ||
      schema['x-kong-entity-checks'] !== undefined ||
      [...(items === undefined ? [] : [items]), ...Object.values(properties)].some(hasChecks);
    checked.set(schema, answer);
  }
  return answer;
}

/** The issue of a record at the place of the record. */
const below = (path: FieldIssue['path'], { at, ...issue }: FieldIssue): FieldIssue => ({
  ...issue,
  path: [...path, ...issue.path],
  ...(at && { at: [...path, ...at] }),
});

/** A nested entity belongs to its parent and must not say so itself. */
function nestingIssues(
  kind: EntityKind,
  given: Fields,
  nestedIn: EntityKind | undefined,
): FieldIssue[] {
  if (nestedIn === undefined) return [];
  const isMisplaced = (field: string, to: EntityKind) =>
    given[field] !== undefined &&
    (to === nestedIn || (kind === 'plugins' && typeof given[field] === 'string'));
  return foreignKeys(kind)
    .filter(({ field, to }) => isMisplaced(field, to))
    .map(({ field }) => ({ code: 'SB1211', path: [field], message: 'value must be null' }));
}

/** True where a missing field is no mistake: the parent, or what a short form would have given. */
function isExcused(
  kind: EntityKind,
  given: Fields,
  { path, message }: FieldIssue,
  nestedIn: EntityKind | undefined,
): boolean {
  const [field, ...rest] = path;
  if (rest.length > 0 || typeof field !== 'string' || message !== 'required field missing') {
    return false;
  }
  return (
    foreignKeys(kind).some((key) => key.field === field && key.to === nestedIn) ||
    Object.entries(entitySchema(kind).properties).some(
      ([name, schema]) => given[name] !== undefined && schema['x-kong-shorthand']?.includes(field),
    )
  );
}

/** Memberships that are no list of records are the unknown field they are to the open-source Kong. */
function memberIssues(schema: FieldSchema, given: Fields): FieldIssue[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const value = given[name];
    if (field['x-kong-members'] === undefined || value === undefined) return [];
    const isList = Array.isArray(value) && value.every(isFields);
    return isList ? [] : [{ code: 'SB1101', path: [name], message: 'unknown field' }];
  });
}

const MISSING_NAME: FieldIssue = {
  code: 'SB1102',
  path: ['name'],
  message: 'required field missing',
};

function pluginIssues(given: Fields, options: ValidateOptions): FieldIssue[] {
  const { name, protocols } = given;
  if (typeof name !== 'string' || name === '') return [];
  const problem = pluginNameProblem(name, options);
  const schema = pluginSchema(name, options.plugins);
  if (problem !== undefined || schema === undefined) {
    return [problem === undefined ? MISSING_NAME : { path: ['name'], ...problem }];
  }
  const allowed = schema['x-kong-protocols'];
  const message = `expected one of: ${allowed.join(', ')}`;
  const badProtocols = (Array.isArray(protocols) ? protocols : []).flatMap(
    (protocol: unknown, i) =>
      typeof protocol !== 'string' || allowed.includes(protocol)
        ? []
        : [{ code: 'SB1209', path: ['protocols', i], message }],
  );
  return [
    ...badProtocols,
    ...scopeIssues(schema, given, options.nestedIn),
    ...configIssues(schema, given['config'], options),
  ];
}

/** Some plugins make no sense for some scopes, e.g. authentication for a consumer. */
function scopeIssues(
  schema: PluginSchema,
  given: Fields,
  nestedIn: EntityKind | undefined,
): FieldIssue[] {
  return foreignKeys('plugins')
    .filter(({ field, to }) => given[field] !== undefined || to === nestedIn)
    .filter(({ field }) => !schema['x-kong-scopes'].includes(field))
    .map(({ field }) => ({ code: 'SB1210', path: [field], message: 'value must be null' }));
}

function configIssues(schema: PluginSchema, config: unknown, context: CheckContext): FieldIssue[] {
  const given = withoutNulls(schema, config ?? {});
  const found = [...keptCheck(schema)(given), ...fieldIssues(schema, given, [], context)];
  return settle(found.map((issue) => below(['config'], issue)));
}

function checksOf(kind: EntityKind, given: Fields, plugins?: PluginSchemas) {
  const own = entitySchema(kind)['x-kong-entity-checks'] ?? [];
  const { name } = given;
  if (kind !== 'plugins' || typeof name !== 'string') return own;
  return [...own, ...(pluginSchema(name, plugins)?.['x-kong-entity-checks'] ?? [])];
}

// --- findings ---

/** One finding per field, the first; none inside of a field that has one itself. Rules come last. */
function settle(issues: readonly FieldIssue[]): FieldIssue[] {
  if (issues.length === 0) return [];
  const byPath = new Map<string, FieldIssue>();
  for (const issue of issues) {
    const key = JSON.stringify(issue.path);
    if (!issue.entityLevel && !byPath.has(key)) byPath.set(key, issue);
  }
  const isInside = ({ path }: FieldIssue) =>
    path.some((_, depth) => depth > 0 && byPath.has(JSON.stringify(path.slice(0, depth))));
  const fields = [...byPath.values()].filter((issue) => !isInside(issue));
  return [...fields, ...issues.filter((issue) => issue.entityLevel)];
}

/** The dotted names of the fields with findings, and of the records around them. */
const namesOf = (issues: readonly FieldIssue[]): ReadonlySet<string> =>
  new Set(issues.flatMap(({ path }) => path.map((_, depth) => path.slice(0, depth + 1).join('.'))));

function withHint(owner: EntityKind | 'document', issue: FieldIssue): FieldIssue {
  if (issue.message !== 'unknown field' || issue.path.length !== 1) return issue;
  const hint = unknownFieldHint(owner, String(issue.path[0]));
  return hint === undefined ? issue : { ...issue, hint };
}

/** An explicit null is unset; a list in place of a record has numbers for names, as in Lua. */
function withoutNulls(schema: FieldSchema | undefined, value: unknown): unknown {
  if (Array.isArray(value)) {
    const isEmptyRecord = schema?.type === 'object' && value.length === 0;
    if (schema?.properties !== undefined || isEmptyRecord) {
      return Object.fromEntries(value.map((member, i) => [String(i + 1), member]));
    }
    const items = schema?.items;
    return items === undefined ? value : value.map((element) => withoutNulls(items, element));
  }
  if (!isFields(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(
    members.map(([name, member]) => [name, withoutNulls(memberSchema(schema, name), member)]),
  );
}
