/** What the later stages of a load see in a document whose fields have issues, without echoes of those. */
import type { ConfigIssue } from '../errors.ts';
import { applyDefaults, expandShorthands } from './defaults.ts';
import { issueOf, type Item } from './items.ts';
import { brokenReferences, duplicateFields, duplicateKeys } from './references.ts';
import { resolveEntity, type ResolveOptions } from './resolve.ts';
import { ENTITY_KINDS, endpointKey, isEntityKind } from './schemas.ts';
import { nearest } from './suggest.ts';
import type { EntityKind } from './types.ts';
import { unsupportedIssues } from './unsupported.ts';

const keyOf = ({ path }: Pick<Item, 'path'>): string => JSON.stringify(path);

/** What is not run, broken references, names and values that are taken. */
export function furtherIssues(
  items: readonly Item[],
  issues: readonly ConfigIssue[],
  options: ResolveOptions,
): ConfigIssue[] {
  const places = new Set(issues.map(keyOf));
  const owners = new Set(issues.map(({ subject }) => JSON.stringify(subject?.().path)));
  const vague = vagueKinds(items, issues);
  const broken = brokenReferences(items, options.find);
  const unresolved = new Set(broken.map(({ subject }) => JSON.stringify(subject?.().path)));
  const filled = items
    .filter((item) => !owners.has(keyOf(item)))
    .map(
      (item) =>
        [
          item,
          applyDefaults(item.kind, expandShorthands(item.kind, item.given), options.plugins),
        ] as const,
    );
  const resolved = filled
    .filter(([item]) => !unresolved.has(keyOf(item)))
    .map(([item, fields]) => [item, resolveEntity(item, fields, options)] as const);
  return [
    ...filled.flatMap(([item, fields]) =>
      unsupportedIssues(item.kind, fields).map((issue) => issueOf(item, issue)),
    ),
    ...broken.filter(
      ({ path, to }) =>
        !vague.has(to) &&
        !places.has(keyOf({ path })) &&
        !places.has(keyOf({ path: [...path, 'id'] })),
    ),
    ...duplicateKeys(items),
    ...duplicateFields(resolved),
  ];
}

/** Kinds of which not every entity is known by its name: a reference to one may be right. */
function vagueKinds(
  items: readonly Item[],
  issues: readonly ConfigIssue[],
): ReadonlySet<EntityKind> {
  const kinds = new Set<EntityKind>();
  for (const { path } of issues) {
    // A list or an element of one that is none, or a list under a name that nothing knows.
    const name = path.findLast((step) => typeof step === 'string');
    const kind = name === undefined || isEntityKind(name) ? name : nearest(name, ENTITY_KINDS);
    if (kind !== undefined && isEntityKind(kind)) kinds.add(kind);
  }
  const owners = new Set(issues.map(({ subject }) => JSON.stringify(subject?.().path)));
  for (const { kind, given, path } of items) {
    const field = endpointKey(kind);
    const isNamed = field !== undefined && typeof given[field] === 'string';
    if (!isNamed && owners.has(JSON.stringify(path))) kinds.add(kind);
  }
  return kinds;
}
