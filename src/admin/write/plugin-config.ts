/** The config of a plugin that changes: what stands under a deprecated name in the file moves on. */
import { isFields, type Fields } from '../../config/checks/field-issue.ts';
import { applyPluginDefaults, withNewNames } from '../../config/defaults.ts';
import { pluginSchema, type RecordSchema } from '../../config/schemas.ts';
import type { ValueEdit } from '../../edit/edit-text.ts';
import { fieldOf, type Row } from '../index-config.ts';
import type { WriteBase } from './types.ts';
import { fieldEdits, type FieldMode } from './field-edits.ts';

interface ConfigUpdate {
  readonly row: Row;
  readonly raw: Fields;
  readonly values: Fields;
  readonly next: Fields;
  readonly base: Pick<WriteBase, 'schemas'>;
}

/** Edits of `config`, in the names that the plugin has today. Paths are those inside of the plugin. */
export function currentConfigNames(
  { row, raw, values, next, base: { schemas } }: ConfigUpdate,
  mode: FieldMode,
): readonly ValueEdit[] {
  const name = String(next['name']);
  const schema = pluginSchema(name, schemas);
  const given = (mode.merges ? values : next)['config'] ?? undefined;
  if (schema === undefined) return [];
  const isReset = given === undefined || given === null;
  const wanted = isFields(given) ? renamed(schema, given) : isReset ? {} : given;
  const config = isFields(raw['config']) ? raw['config'] : undefined;
  const edits = fieldEdits(
    {
      path: ['config'],
      schema,
      raw: raw['config'],
      loaded: fieldOf(row, 'config'),
      fallback: applyPluginDefaults(name, {}, schemas),
    },
    wanted,
    // A config that is set to null begins anew.
    isReset ? { ...mode, merges: false } : mode,
  );
  return [...edits, ...outdated(schema, config, wanted)];
}

/** Without the deprecated names. */
function renamed(schema: RecordSchema, config: Fields): Fields {
  const moved = withNewNames(schema, config);
  return Object.fromEntries(
    Object.entries(moved).filter(([name]) => replacementOf(schema, name) === undefined),
  );
}

function replacementOf(schema: RecordSchema, name: string): readonly string[] | undefined {
  const field = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
  return field?.['x-kong-replaced-by']?.split('.');
}

/** Deprecated names in the file whose fields the client speaks of. */
function outdated(schema: RecordSchema, config: Fields | undefined, wanted: unknown): ValueEdit[] {
  return Object.keys(config ?? {}).flatMap((name): ValueEdit[] => {
    const [group = '', member = ''] = replacementOf(schema, name) ?? [];
    const record = isFields(wanted) ? wanted[group] : undefined;
    const isMeant = isFields(record) && Object.hasOwn(record, member);
    return isMeant ? [{ op: 'remove', path: ['config', name] }] : [];
  });
}
