/** Makes plain data read-only to its leaves. */

/** Freezes `value` and all it holds, and returns it. Plain data without cycles only. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}
