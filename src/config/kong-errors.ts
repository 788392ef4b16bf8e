/** A ConfigError as Kong's `POST /config` answers with it. */
import type { ConfigError, ConfigIssue, ConfigPath } from '../errors.ts';
import { luaLiteral } from './lua-literal.ts';
import { isUuid } from './checks/text.ts';

/** Codes and names of Kong's error table. */
const INVALID_CONFIG = { code: 14, name: 'invalid declarative configuration' } as const;

export interface KongErrorBody {
  readonly code: number;
  readonly name: string;
  readonly message: string;
  readonly fields: object;
  readonly flattened_errors?: object;
}

/** The JSON body of the 400 answer. @param options.flatten `?flatten_errors=1` */
export function kongErrorBody(
  error: ConfigError,
  { flatten }: { readonly flatten: boolean },
): KongErrorBody {
  const isParseError = error.issues.some(({ kongPath }) => kongPath?.[0] === 'error');
  const [flat, plain] = flatten && !isParseError ? split(error.issues) : [[], error.issues];
  const root = fieldsOf(plain);
  const body = {
    ...INVALID_CONFIG,
    message: `declarative config is invalid: ${luaLiteral(root)}`,
    fields: tableToJson(root),
  };
  if (!flatten || isParseError) return body;
  // Lua has one empty table, which Kong's encoder shows as an object.
  return { ...body, flattened_errors: flat.length === 0 ? {} : flattenIssues(flat) };
}

/** Members by name, list elements by their 0-based number. */
export type ErrorNode = string | ErrorTable;
export type ErrorTable = Map<string | number, ErrorNode>;

function fieldsOf(issues: readonly ConfigIssue[]): ErrorTable {
  const root: ErrorTable = new Map();
  for (const { path, kongPath, message, entityLevel } of issues) {
    if (kongPath !== undefined) setAt(root, kongPath, message);
    else if (entityLevel) pushAt(root, [...path, '@entity'], message);
    else setAt(root, path, message);
  }
  return root;
}

function tableAt(root: ErrorTable, path: ConfigPath): ErrorTable {
  let table = root;
  for (const step of path) {
    const known = table.get(step);
    const next: ErrorTable = known instanceof Map ? known : new Map();
    table.set(step, next);
    table = next;
  }
  return table;
}

function setAt(root: ErrorTable, path: ConfigPath, message: string): void {
  const last = path.at(-1);
  if (last !== undefined) tableAt(root, path.slice(0, -1)).set(last, message);
}

function pushAt(root: ErrorTable, path: ConfigPath, message: string): void {
  const list = tableAt(root, path);
  list.set(list.size, message);
}

const toJson = (node: ErrorNode): string | object =>
  typeof node === 'string' ? node : tableToJson(node);

/** Lists keep their positions: what has no problem is null. */
function tableToJson(node: ErrorTable): object {
  const numbers = [...node.keys()].filter((key) => typeof key === 'number');
  if (numbers.length === 0 || numbers.length < node.size) {
    // A null prototype, as the names are those of the document.
    const members: Record<string, string | object> = Object.create(null);
    for (const [name, member] of node) {
      members[typeof name === 'number' ? String(name + 1) : name] = toJson(member);
    }
    return members;
  }
  return Array.from({ length: Math.max(...numbers) + 1 }, (_, i) => {
    const member = node.get(i);
    return member === undefined ? null : toJson(member);
  });
}

// --- flattened ---

/** Issues of entities, and the others. */
const split = (issues: readonly ConfigIssue[]): [ConfigIssue[], ConfigIssue[]] => [
  issues.filter(isFlat),
  issues.filter((issue) => !isFlat(issue)),
];

/** Kong cannot tell whose a violation in a nested list is, and leaves it where it is. */
function isFlat({ subject, kongPath, path }: ConfigIssue): boolean {
  if (subject === undefined) return false;
  if (kongPath === undefined || typeof kongPath[1] !== 'number') return true;
  return JSON.stringify(kongPath) === JSON.stringify(path);
}

function flattenIssues(issues: readonly ConfigIssue[]): object[] {
  const groups = new Map<string, ConfigIssue[]>();
  for (const issue of issues) {
    const key = JSON.stringify(issue.subject?.().path);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [issue]);
    else group.push(issue);
  }
  return [...groups.values()].map(flattenEntity);
}

function flattenEntity(issues: readonly ConfigIssue[]): object {
  const subject = issues[0]?.subject?.();
  if (subject === undefined) return {};
  const { type, path, entity } = subject;
  const { id, name, tags } = entity;
  const errors = issues.map(({ path: at, message, entityLevel }) => {
    if (entityLevel) return { type: 'entity', message };
    const below = at.slice(path.length);
    const field = below.map((step) => (typeof step === 'number' ? step + 1 : step)).join('.');
    return { type: 'field', field, message };
  });
  return {
    entity_type: type,
    ...(typeof id === 'string' && isUuid(id) && { entity_id: id }),
    ...(typeof name === 'string' && name !== '' && { entity_name: name }),
    ...(isTextList(tags) && { entity_tags: tags }),
    entity: withoutEmptyLists(entity),
    errors,
  };
}

const isTextList = (value: unknown): boolean =>
  Array.isArray(value) && value.every((tag) => typeof tag === 'string');

function withoutEmptyLists(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.length === 0 ? {} : value.map(withoutEmptyLists);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withoutEmptyLists(member)]),
  );
}
