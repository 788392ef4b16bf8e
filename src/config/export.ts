/** The config as a declarative document that loads back to the same entities: `GET /config`. */
import { dump } from 'js-yaml';
import { isFields } from './checks/field-issue.ts';
import { ENTITY_KINDS, foreignKeys } from './schemas.ts';
import type { Config } from './types.ts';

/** YAML text: flat lists, every field, references as ids. Digests are marked as such (`_transform`). */
export function exportDocument(config: Config): string {
  const document: Record<string, unknown> = { _format_version: '3.0', _transform: false };
  for (const kind of ENTITY_KINDS) {
    const list = config.entities[kind];
    if (list.length === 0) continue;
    const fields = new Set(foreignKeys(kind).map(({ field }) => field));
    document[kind] = list.map((entity) =>
      Object.fromEntries(
        Object.entries(entity).map(([name, value]: [string, unknown]) => [
          name,
          fields.has(name) && isFields(value) ? value['id'] : value,
        ]),
      ),
    );
  }
  return dump(document, { noRefs: true, lineWidth: -1 });
}
