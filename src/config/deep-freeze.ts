/** Makes plain data read-only to its leaves. */

/** Freezes `value` and all it holds, and returns it. Plain data without cycles only. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  // Plain data inherits nothing enumerable, and this makes no list of the members.
  for (const name in value) deepFreeze(value[name]);
  return value;
}
