/** The difference between what a file says of one field and what a client wants it to be. */
import { isDeepStrictEqual } from 'node:util';
import { isFields } from '../../config/checks/field-issue.ts';
import { fill } from '../../config/defaults.ts';
import { memberSchema, type FieldSchema } from '../../config/schemas.ts';
import type { ValueEdit } from '../../edit/edit-text.ts';
import { isPlain, type PlainValue } from '../../edit/text-change.ts';
import type { ConfigPath } from '../../errors.ts';
import { writtenValue, type WrittenOptions } from './written.ts';

export interface WrittenField {
  readonly path: ConfigPath;
  readonly schema: FieldSchema | undefined;
  /** As the file has it; `undefined` where it says nothing. */
  readonly raw: unknown;
  /** What the config has. */
  readonly loaded: unknown;
  /** What it would have if the file said nothing. */
  readonly fallback: unknown;
}

export interface FieldMode extends WrittenOptions {
  /** Members that are not mentioned stay; else they return to their defaults. */
  readonly merges: boolean;
}

/**
 * Edits that make the field mean `next`. What it means already is not touched, whatever it is written
 * as: a reference stays one.
 */
export function fieldEdits(
  field: WrittenField,
  next: unknown,
  mode: FieldMode,
): readonly ValueEdit[] {
  const { path, schema, raw, loaded } = field;
  if (next === undefined || (next === null && schema?.nullable !== true)) return resetEdits(field);
  if (schema?.properties !== undefined && isFields(next) && isFields(raw)) {
    return recordEdits(field, raw, next, mode);
  }
  const meant = schema === undefined ? next : fill(schema, next);
  if (isDeepStrictEqual(meant, loaded ?? null)) return [];
  if (Array.isArray(next) && Array.isArray(raw) && Array.isArray(loaded)) {
    return listEdits(field, { next, raw, loaded }, mode);
  }
  const value = writtenValue(schema, next, mode);
  return value === undefined ? resetEdits(field) : [{ op: 'set', path, value }];
}

/** An explicit null keeps values away that come from elsewhere: shared settings, a merge. */
function resetEdits({ path, raw, loaded, fallback }: WrittenField): readonly ValueEdit[] {
  if (raw !== undefined) return [{ op: 'remove', path }];
  return isDeepStrictEqual(loaded ?? null, fallback ?? null)
    ? []
    : [{ op: 'set', path, value: null }];
}

type Members = Readonly<Record<string, unknown>>;

function recordEdits(
  { path, schema, loaded, fallback }: WrittenField,
  raw: Members,
  next: Members,
  mode: FieldMode,
): readonly ValueEdit[] {
  const names = mode.merges
    ? Object.keys(next)
    : [...new Set([...Object.keys(raw), ...Object.keys(next)])];
  return names.flatMap((name) =>
    fieldEdits(
      {
        path: [...path, name],
        schema: memberSchema(schema, name),
        raw: own(raw, name),
        loaded: own(loaded, name),
        fallback: own(fallback, name),
      },
      own(next, name),
      mode,
    ),
  );
}

const own = (record: unknown, name: string): unknown =>
  isFields(record) && Object.hasOwn(record, name) ? record[name] : undefined;

interface Lists {
  readonly next: readonly unknown[];
  readonly raw: readonly unknown[];
  readonly loaded: readonly unknown[];
}

/** Elements that stay keep their text; if they also keep their order, only the others are touched. */
function listEdits(
  { path, schema }: WrittenField,
  { next, raw, loaded }: Lists,
  mode: FieldMode,
): readonly ValueEdit[] {
  const items = schema?.items;
  const free = new Set(raw.length === loaded.length ? raw.keys() : []);
  const kept = next.map((element) => {
    const meant = items === undefined ? element : fill(items, element);
    const index = [...free].find((each) => isDeepStrictEqual(loaded[each], meant));
    if (index !== undefined) free.delete(index);
    return index;
  });
  const values = next.map((element, position): PlainValue | undefined => {
    const index = kept[position];
    const written = index === undefined ? undefined : raw[index];
    return isPlain(written) ? written : writtenValue(items, element, mode);
  });
  const stays = kept.filter((index) => index !== undefined);
  const isInOrder =
    stays.length > 0 &&
    stays.every((index, position) => position === 0 || index > (stays[position - 1] ?? -1)) &&
    kept.slice(0, stays.length).every((index) => index !== undefined);
  if (!isInOrder)
    return [
      { op: 'set', path, value: values.flatMap((value) => (value === undefined ? [] : [value])) },
    ];
  return [
    ...[...free].map((index): ValueEdit => ({ op: 'remove', path: [...path, index] })),
    ...values
      .slice(stays.length)
      .flatMap((value): ValueEdit[] =>
        value === undefined ? [] : [{ op: 'append', path, value }],
      ),
  ];
}
