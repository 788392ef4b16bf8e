/** The form of a reference to another entity; whether it exists is seen when references are resolved. */
import { isFields, type FieldIssue } from './field-issue.ts';
import { isUuid } from './text.ts';

/** Takes an endpoint key or id, or `{ id }`. */
export function checkReference(value: unknown, path: readonly (string | number)[]): FieldIssue[] {
  if (typeof value === 'string') {
    return value === '' ? [{ code: 'SB1106', path, message: 'length must be at least 1' }] : [];
  }
  if (!isFields(value)) return [{ code: 'SB1103', path, message: 'expected a string' }];
  const { id, ...others } = value;
  const message = idProblem(id);
  if (message !== undefined) return [{ code: 'SB1305', path: [...path, 'id'], message }];
  return Object.keys(others).map((name) => ({
    code: 'SB1101',
    path: [...path, name],
    message: 'unknown field',
  }));
}

function idProblem(id: unknown): string | undefined {
  if (id === undefined || id === null) return 'missing primary key';
  if (typeof id !== 'string') return 'expected a string';
  return isUuid(id) ? undefined : 'expected a valid UUID';
}
