/** Members of a JSON object as the transforming plugins change them: Kong's rules for what is there and what is not. */
import { isObject, parseJson } from './json.ts';

/** In order; names may be any text. */
export type JsonMembers = Map<string, unknown>;

/** `undefined` for what is no JSON, and for JSON that is no object: there are no members to change then. */
export function readMembers(body: Buffer): JsonMembers | undefined {
  const value = parseJson(body)?.value;
  return isObject(value) ? new Map(Object.entries(value)) : undefined;
}

export const writeMembers = (members: JsonMembers): Buffer =>
  Buffer.from(JSON.stringify(Object.fromEntries(members)));

/** Lua's idea of it: `null` is a value, `false` is none. */
export const isThere = (members: JsonMembers, name: string): boolean =>
  members.has(name) && members.get(name) !== false;

/** The value with another beside it: a text becomes a list, a number or the like is replaced by one. */
export function withAppended(current: unknown, value: unknown): unknown {
  if (typeof current === 'string') return [current, value];
  if (Array.isArray(current)) return [...current, value];
  return isObject(current) ? { ...current, 1: value } : [value];
}
