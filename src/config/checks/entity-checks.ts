/** Rules about several fields of one record: the generic ones of Kong and the named ones of this folder. */
import { isDeepStrictEqual } from 'node:util';
import type { ConditionalCheck, EntityCheck, FieldMatch } from '../schemas.ts';
import { customCheck } from './custom.ts';
import { fieldCheck, type CheckContext } from './field-checks.ts';
import { entityIssue, isFields, type FieldIssue, type Fields } from './field-issue.ts';

/**
 * Runs `checks` over a record with its defaults filled in.
 * @param failed the dotted names of fields that already have an issue of their own
 */
export function runEntityChecks(
  checks: readonly EntityCheck[],
  record: Fields,
  failed: ReadonlySet<string>,
  context: CheckContext,
): FieldIssue[] {
  return checks.flatMap((check) => {
    if ('conditional' in check) return conditional(check.conditional, record, failed, context);
    if ('custom' in check) return customCheck(check.custom)(record, failed);
    return groupIssues(check, record);
  });
}

type GroupCheck = Exclude<EntityCheck, { conditional: unknown } | { custom: unknown }>;

interface GroupRule {
  readonly code: string;
  readonly fields: readonly string[];
  readonly holds: (set: readonly string[]) => boolean;
  /** Kong's words and ours; the fields follow. */
  readonly message: string;
  readonly predicate: string;
}

function groupIssues(check: GroupCheck, record: Fields): FieldIssue[] {
  const { code, fields, holds, message, predicate } = groupRule(check, record);
  const set = fields.filter((name) => isSet(fieldAt(record, name)));
  if (holds(set)) return [];
  const [first] = set;
  return [
    {
      ...entityIssue(code, `${message}: ${quoted(fields)}`),
      predicate: `${predicate} ${quoted(fields)}`,
      ...(first !== undefined && { at: first.split('.') }),
    },
  ];
}

function groupRule(check: GroupCheck, record: Fields): GroupRule {
  if ('at_least_one_of' in check) {
    return {
      code: 'SB1201',
      fields: check.at_least_one_of,
      holds: (set) => set.length > 0,
      message: 'at least one of these fields must be non-empty',
      predicate: 'needs at least one of',
    };
  }
  if ('only_one_of' in check) {
    return {
      code: 'SB1202',
      fields: check.only_one_of,
      holds: (set) => set.length === 1,
      message: 'exactly one of these fields must be non-empty',
      predicate: 'needs exactly one of',
    };
  }
  if ('mutually_required' in check) {
    const fields = check.mutually_required;
    return {
      code: 'SB1203',
      fields,
      holds: (set) => [0, fields.length].includes(set.length),
      message: 'all or none of these fields must be set',
      predicate: 'needs all or none of',
    };
  }
  if ('mutually_exclusive' in check) {
    return {
      code: 'SB1204',
      fields: check.mutually_exclusive,
      holds: (set) => set.length <= 1,
      message: 'only one or none of these fields must be set',
      predicate: 'can have only one of',
    };
  }
  return {
    code: 'SB1205',
    fields: check.distinct,
    holds: (set) => areDistinct(set.map((name) => fieldAt(record, name))),
    message: 'values of these fields must be distinct',
    predicate: 'has equal values in',
  };
}

const areDistinct = (values: readonly unknown[]): boolean =>
  values.every((value, i) =>
    values.slice(i + 1).every((other) => !isDeepStrictEqual(value, other)),
  );

/** Also runs where `then_field` has an issue of its own, which then stands (recorded). */
function conditional(
  check: ConditionalCheck,
  record: Fields,
  failed: ReadonlySet<string>,
  context: CheckContext,
): FieldIssue[] {
  const condition = fieldAt(record, check.if_field);
  if (failed.has(check.if_field) || !matches(condition, check.if_match)) return [];
  const problem = mismatch(fieldAt(record, check.then_field), check.then_match, context);
  if (problem === undefined) return [];
  const summary =
    check.then_err ?? `failed conditional validation given value of field '${check.if_field}'`;
  const hint = HINTS.get(problem.message) ?? 'change';
  const because = `because '${check.if_field}' is ${shown(condition)}`;
  return [
    {
      ...problem,
      path: check.then_field.split('.'),
      predicate: `${problem.predicate}, ${because}`,
      hint: `${hint} '${check.then_field}', or change '${check.if_field}'`,
    },
    { ...entityIssue('SB1206', summary), isEcho: true },
  ];
}

const HINTS: ReadonlyMap<string, string> = new Map([
  ['required field missing', 'add'],
  ['value must be null', 'remove'],
]);

/** Conditions are about switches and names, never about secrets. */
const shown = (value: unknown): string =>
  typeof value === 'string' ? `'${value}'` : JSON.stringify(value);

function matches(value: unknown, match: FieldMatch): boolean {
  if (value === null || value === undefined) return false;
  if (match.one_of !== undefined) return match.one_of.includes(value);
  if (match.not_one_of !== undefined) return !match.not_one_of.includes(value);
  if (match.gt !== undefined) return typeof value === 'number' && value > match.gt;
  const others = match.elements?.not_one_of;
  return Array.isArray(value) && value.every((element) => !others?.includes(element));
}

interface Mismatch {
  readonly code: string;
  readonly message: string;
  readonly predicate: string;
}

const mismatched = (message: string, predicate: string): Mismatch => ({
  code: 'SB1206',
  message,
  predicate,
});

function mismatch(value: unknown, match: FieldMatch, context: CheckContext): Mismatch | undefined {
  if (value === null || value === undefined) {
    return match.required ? mismatched('required field missing', 'is required') : undefined;
  }
  if (match.eq === null) return mismatched('value must be null', 'cannot be set');
  if (match.one_of !== undefined && !match.one_of.includes(value)) {
    const list = match.one_of.join(', ');
    return mismatched(`expected one of: ${list}`, `must be one of ${list}`);
  }
  if (Array.isArray(value)) {
    const { contains, len_eq: length } = match;
    if (contains !== undefined && !value.includes(contains)) {
      return mismatched(`expected to contain: ${contains}`, `must contain '${contains}'`);
    }
    if (length !== undefined && value.length !== length) {
      return mismatched(`length must be ${length}`, `must have ${length} elements`);
    }
  }
  if (match.check === undefined) return undefined;
  if (value === '') return mismatched('length must be at least 1', 'cannot be empty');
  const problem = fieldCheck(match.check)(value, context);
  return problem && { ...problem, predicate: `is not usable (${problem.message})` };
}

/** The value at a dotted name. */
function fieldAt(record: Fields, name: string): unknown {
  let value: unknown = record;
  for (const step of name.split('.')) value = isFields(value) ? value[step] : undefined;
  return value;
}

/** An empty text, list or record counts as unset, as in Kong. */
function isSet(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

const quoted = (fields: readonly string[]): string => fields.map((name) => `'${name}'`).join(', ');
