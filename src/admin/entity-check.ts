/** What is wrong with an entity that came to the Admin API on its own, outside of a document. */
import { childKinds, entitySchema } from '../config/schemas.ts';
import type { EntityKind } from '../config/types.ts';
import { validateEntity } from '../config/validate.ts';
import { checkPattern } from '../router/regex.ts';
import type { AdminDeps } from './types.ts';
import { violation, type FieldFinding } from './violation.ts';
import type { AdminResponse } from './response.ts';

/** Members that only a document has: children inside their parent, comments, members of groups. */
function documentOnly(kind: EntityKind): ReadonlySet<string> {
  const { properties } = entitySchema(kind);
  const lists = Object.entries(properties).filter(([, field]) => 'x-kong-members' in field);
  const names = [...childKinds(kind).map((child) => child.kind), ...lists.map(([name]) => name)];
  return new Set(['_comment', '_ignore', ...names]);
}

/** What the Admin API shows beside an entity's own fields: the names of a certificate's SNIs. */
function ownFields(kind: EntityKind, value: Readonly<Record<string, unknown>>): typeof value {
  if (kind !== 'certificates') return value;
  const { snis: _snis, ...own } = value;
  return own;
}

/** The 400 for an entity that breaks its schema, or `undefined` for a good one. */
export function entityRefusal(
  kind: EntityKind,
  given: Readonly<Record<string, unknown>>,
  deps: AdminDeps,
): AdminResponse | undefined {
  const value = ownFields(kind, given);
  const foreign = documentOnly(kind);
  const { enabled, schemas } = deps.plugins();
  const findings: readonly FieldFinding[] = [
    ...validateEntity(kind, value, {
      checkRegex: checkPattern,
      enabledPlugins: new Set(enabled.map(({ name }) => name)),
      plugins: schemas,
    }),
    ...Object.keys(value)
      .filter((name) => foreign.has(name))
      .map((name) => ({ path: [name], message: 'unknown field' })),
  ];
  return findings.length > 0 ? violation(findings) : undefined;
}
