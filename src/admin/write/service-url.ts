/** The short form `url` of a service, and the four fields it stands for. */
import type { Fields } from '../../config/checks/field-issue.ts';
import { applyDefaults } from '../../config/defaults.ts';
import { memberSchema, entitySchema } from '../../config/schemas.ts';
import type { ValueEdit } from '../../edit/edit-text.ts';
import { parseLooseUrl } from '../../http/loose-url.ts';
import { fieldOf, type Row } from '../index-config.ts';
import { fieldEdits } from './field-edits.ts';
import type { BaseFile } from './types.ts';
import { writtenValue } from './written.ts';

export const URL_PARTS = ['protocol', 'host', 'port', 'path'] as const;

interface ServiceUpdate {
  readonly row: Row;
  readonly raw: Fields;
  readonly values: Fields;
  /** With `url` taken apart. */
  readonly next: Fields;
  readonly file: BaseFile;
}

/** Edits of `url` and its parts; none when they mean what they did. Paths are those inside of the service. */
export function serviceUrlEdits({
  row,
  raw,
  values,
  next,
  file,
}: ServiceUpdate): readonly ValueEdit[] {
  const defaults = applyDefaults('services', {});
  const wanted = (part: string): unknown => next[part] ?? defaults[part] ?? null;
  const changed = URL_PARTS.filter((part) => wanted(part) !== (fieldOf(row, part) ?? null));
  if (changed.length === 0) return [];
  const { url } = values;
  const removed = URL_PARTS.filter((part) => raw[part] !== undefined);
  if (raw['url'] !== undefined && typeof url === 'string') {
    const value = writtenValue(undefined, url, file) ?? null;
    return [
      { op: 'set', path: ['url'], value },
      ...removed.map((part): ValueEdit => ({ op: 'remove', path: [part] })),
    ];
  }
  const mode = { merges: true, hasReferences: file.hasReferences };
  if (raw['url'] === undefined) {
    return changed.flatMap((part) =>
      fieldEdits(
        {
          path: [part],
          schema: memberSchema(entitySchema('services'), part),
          raw: raw[part],
          loaded: fieldOf(row, part),
          fallback: defaults[part],
        },
        wanted(part),
        mode,
      ),
    );
  }
  return [{ op: 'remove', path: ['url'] }, ...partEdits({ row, raw, next, values, file })];
}

/** The URL of the file in its parts: those that stay keep the references that they are written with. */
function partEdits({ row, raw, next, file }: ServiceUpdate): readonly ValueEdit[] {
  const { scheme: protocol, ...rest } = parseLooseUrl(String(raw['url']));
  const written = new Map<string, string | undefined>(Object.entries({ ...rest, protocol }));
  return URL_PARTS.flatMap((part): ValueEdit[] => {
    const loaded = fieldOf(row, part) ?? null;
    const wanted = next[part] ?? null;
    const text = written.get(part);
    const isKept = wanted === loaded && text !== undefined && text.includes('${');
    const value = isKept ? text : writtenValue(undefined, wanted, file);
    if (value === undefined) return raw[part] === undefined ? [] : [{ op: 'remove', path: [part] }];
    return [{ op: 'set', path: [part], value }];
  });
}
