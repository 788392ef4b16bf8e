/** The differences between two configs, for people and for programs; secrets are never shown. */
import { isDeepStrictEqual, styleText } from 'node:util';
import { isFields, type Fields } from '../config/checks/field-issue.ts';
import { applyDefaults } from '../config/defaults.ts';
import type { PluginSchemas } from '../config/schemas.ts';
import { isSecretField, SECRET_MASK } from '../config/secret-fields.ts';
import { formatPath } from '../config/diagnostic.ts';
import type { ConfigPath } from '../errors.ts';
import type { EntityChange, FieldChange } from './entity-diff.ts';

/** Longer values are cut: they are to be recognised, not read. */
const VALUE_MAX = 120;

export interface RenderOptions {
  readonly color: boolean;
  /** Absent: the plugins of this build. */
  readonly plugins?: PluginSchemas | undefined;
}

/** One paragraph per entity and a line that counts; '' for no difference. */
export function renderDiff(changes: readonly EntityChange[], options: RenderOptions): string {
  if (changes.length === 0) return '';
  const paragraphs = changes.map((change) => paragraph(change, options));
  return [...paragraphs, countChanges(changes)].join('\n');
}

/** The shape that `--format json` has. */
export function diffAsJson(changes: readonly EntityChange[], plugins?: PluginSchemas): string {
  const rows = changes.map((change) => ({
    action: change.action,
    kind: change.kind,
    entity: change.label,
    fields: fieldsOf(change, plugins).map(({ path, before, after }) => ({
      field: formatPath(path),
      before: before ?? null,
      after: after ?? null,
    })),
  }));
  return JSON.stringify({ changes: rows, ...counts(changes) }, null, 2);
}

/** `1 added, 2 changed, 0 removed`. */
export function countChanges(changes: readonly EntityChange[]): string {
  const { added, changed, removed } = counts(changes);
  return `${added} added, ${changed} changed, ${removed} removed`;
}

function counts(changes: readonly EntityChange[]) {
  const of = (action: EntityChange['action']): number =>
    changes.filter((change) => change.action === action).length;
  return { added: of('added'), changed: of('changed'), removed: of('removed') };
}

const SIGNS = {
  added: ['+', 'green'],
  changed: ['~', 'yellow'],
  removed: ['-', 'red'],
} as const satisfies Record<
  EntityChange['action'],
  readonly [string, Parameters<typeof styleText>[0]]
>;

function paragraph(change: EntityChange, { color, plugins }: RenderOptions): string {
  const [sign, style] = SIGNS[change.action];
  const head = `${sign} ${printable(change.label)}`;
  const lines = fieldsOf(change, plugins).map(({ path, before, after }) => {
    const value = change.action === 'added' ? show(after) : `${show(before)} → ${show(after)}`;
    return `    ${formatPath(path)}: ${value}`;
  });
  return [color ? styleText(style, head) : head, ...lines].join('\n');
}

/** Of a new entity what is not a default, of a removed one nothing; secrets masked. */
function fieldsOf(change: EntityChange, plugins?: PluginSchemas): readonly FieldChange[] {
  const { action, fields } = change;
  const listed = action === 'added' ? settings(change, plugins) : fields;
  return listed.map((field) =>
    isSecretField(change, field.path, plugins)
      ? { path: field.path, before: mask(field.before), after: mask(field.after) }
      : field,
  );
}

function settings({ kind, entity }: EntityChange, plugins?: PluginSchemas): FieldChange[] {
  const named = kind === 'plugins' ? { name: entity['name'] } : {};
  const defaults = applyDefaults(kind, named, plugins);
  const differing = (own: Fields, base: Fields, path: ConfigPath): FieldChange[] =>
    Object.entries(own).flatMap(([name, value]) => {
      const usual = base[name];
      if (value === null || isDeepStrictEqual(value, usual)) return [];
      if (isFields(value) && isFields(usual)) return differing(value, usual, [...path, name]);
      return [{ path: [...path, name], before: undefined, after: value }];
    });
  return differing(entity, defaults, []);
}

const mask = (value: unknown): unknown =>
  value === undefined || value === null ? value : SECRET_MASK;

function show(value: unknown): string {
  const text = value === undefined || value === null ? '(none)' : JSON.stringify(value);
  const clipped = text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX)}…` : text;
  return printable(clipped);
}

/** What a terminal would act on is shown as a replacement character. */
export const printable = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
