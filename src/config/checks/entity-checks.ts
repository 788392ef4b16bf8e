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
    const message = groupMessage(check, record);
    return message === undefined ? [] : [entityIssue(groupCode(check), message)];
  });
}

type GroupCheck = Exclude<EntityCheck, { conditional: unknown } | { custom: unknown }>;

function groupCode(check: GroupCheck): string {
  if ('at_least_one_of' in check) return 'SB1201';
  if ('only_one_of' in check) return 'SB1202';
  if ('mutually_required' in check) return 'SB1203';
  return 'mutually_exclusive' in check ? 'SB1204' : 'SB1205';
}

function groupMessage(check: GroupCheck, record: Fields): string | undefined {
  const set = (fields: readonly string[]) => fields.filter((name) => isSet(fieldAt(record, name)));
  if ('at_least_one_of' in check) {
    const fields = check.at_least_one_of;
    if (set(fields).length > 0) return undefined;
    return `at least one of these fields must be non-empty: ${quoted(fields)}`;
  }
  if ('only_one_of' in check) {
    const fields = check.only_one_of;
    if (set(fields).length === 1) return undefined;
    return `exactly one of these fields must be non-empty: ${quoted(fields)}`;
  }
  if ('mutually_required' in check) {
    const fields = check.mutually_required;
    if ([0, fields.length].includes(set(fields).length)) return undefined;
    return `all or none of these fields must be set: ${quoted(fields)}`;
  }
  if ('mutually_exclusive' in check) {
    const fields = check.mutually_exclusive;
    if (set(fields).length <= 1) return undefined;
    return `only one or none of these fields must be set: ${quoted(fields)}`;
  }
  const values = set(check.distinct).map((name) => fieldAt(record, name));
  const repeated = values.some((value, i) =>
    values.slice(i + 1).some((other) => isDeepStrictEqual(value, other)),
  );
  return repeated
    ? `values of these fields must be distinct: ${quoted(check.distinct)}`
    : undefined;
}

/** Also runs where `then_field` has an issue of its own, which then stands (recorded). */
function conditional(
  check: ConditionalCheck,
  record: Fields,
  failed: ReadonlySet<string>,
  context: CheckContext,
): FieldIssue[] {
  const condition = fieldAt(record, check.if_field);
  if (failed.has(check.if_field) || !matches(condition, check.if_match)) return [];
  const message = mismatch(fieldAt(record, check.then_field), check.then_match, context);
  if (message === undefined) return [];
  const summary =
    check.then_err ?? `failed conditional validation given value of field '${check.if_field}'`;
  return [
    { code: 'SB1206', path: check.then_field.split('.'), message },
    { ...entityIssue('SB1206', summary), isEcho: true },
  ];
}

function matches(value: unknown, match: FieldMatch): boolean {
  if (value === null || value === undefined) return false;
  if (match.one_of !== undefined) return match.one_of.includes(value);
  if (match.not_one_of !== undefined) return !match.not_one_of.includes(value);
  if (match.gt !== undefined) return typeof value === 'number' && value > match.gt;
  const others = match.elements?.not_one_of;
  return Array.isArray(value) && value.every((element) => !others?.includes(element));
}

function mismatch(value: unknown, match: FieldMatch, context: CheckContext): string | undefined {
  if (value === null || value === undefined) {
    return match.required ? 'required field missing' : undefined;
  }
  if (match.eq === null) return 'value must be null';
  if (match.one_of !== undefined && !match.one_of.includes(value)) {
    return `expected one of: ${match.one_of.join(', ')}`;
  }
  if (Array.isArray(value)) {
    if (match.contains !== undefined && !value.includes(match.contains)) {
      return `expected to contain: ${match.contains}`;
    }
    if (match.len_eq !== undefined && value.length !== match.len_eq) {
      return `length must be ${match.len_eq}`;
    }
  }
  if (match.check === undefined) return undefined;
  return value === ''
    ? 'length must be at least 1'
    : fieldCheck(match.check)(value, context)?.message;
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
