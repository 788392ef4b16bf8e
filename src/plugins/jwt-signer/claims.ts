/** Claims by their path, and as the text that lists of the config are compared with. */
import { memberOf } from '../../http/json.ts';
import type { ClaimPath } from './settings.ts';

/** A JSON object: the payload of a token, or the result of an introspection. */
export type Claims = Readonly<Record<string, unknown>>;

/** The value at `path`; `undefined` where a member is missing, null, or below no object. */
export function claimAt(claims: Claims, path: ClaimPath): unknown {
  let value: unknown = claims;
  for (const name of path) value = memberOf(value, name);
  return value ?? undefined;
}

/** A claim as text; `undefined` for what is no single value. */
export function claimText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** A claim that may be one value or a list of them, as texts. */
export function claimTexts(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.map(claimText).filter((text) => text !== undefined);
}

/** A path as people write it. */
export const showPath = (path: ClaimPath): string => path.join('.');

/** True when `path` is one of `paths`. */
export const includesPath = (paths: readonly ClaimPath[], path: ClaimPath): boolean =>
  paths.some((other) => other.length === path.length && other.every((name, i) => name === path[i]));
