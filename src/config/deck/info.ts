/** decK's `_info`: what it says about a whole file. */
import type { ConfigIssue, ConfigPath } from '../../errors.ts';
import { isFields, type Fields } from '../checks/field-issue.ts';
import { typeTexts } from '../interpolate.ts';
import { entitySchema } from '../schemas.ts';
import { nearest } from '../suggest.ts';
import type { EntityKind } from '../types.ts';

export interface DeckInfo {
  /** Tags that every entity gets. */
  readonly selectTags: readonly string[];
  /** Fields of the entities that do not say otherwise. */
  readonly defaults: ReadonlyMap<EntityKind, Fields>;
  /** True for basic auth passwords that are digests already. */
  readonly hasDigests: boolean;
}

const KIND_OF: ReadonlyMap<string, EntityKind> = new Map([
  ['service', 'services'],
  ['route', 'routes'],
  ['upstream', 'upstreams'],
  ['target', 'targets'],
]);

/** The other members speak of a Kong that decK talks to, and say nothing about the entities. */
const MEMBERS: readonly string[] = [
  'select_tags',
  'defaults',
  'skip_hash_for_basic_auth',
  'default_lookup_tags',
  'consumer_group_policy_overrides',
  'include_plugin_definitions',
];

interface Reader {
  readonly issues: ConfigIssue[];
  readonly refuse: (path: ConfigPath, message: string) => void;
}

/** @param value of `_info`; absent: a file that says nothing */
export function readInfo(value: unknown): {
  readonly info: DeckInfo;
  readonly issues: readonly ConfigIssue[];
} {
  const issues: ConfigIssue[] = [];
  const refuse = (path: ConfigPath, message: string): void => {
    issues.push({ code: 'SB1422', path: ['_info', ...path], message });
  };
  const reader = { issues, refuse };
  if (value !== undefined && !isFields(value)) refuse([], 'expected a record');
  const fields = isFields(value) ? value : {};
  const info: DeckInfo = {
    selectTags: readTags(fields['select_tags'] ?? undefined, reader),
    defaults: readDefaults(fields['defaults'] ?? undefined, reader),
    hasDigests: readFlag(fields['skip_hash_for_basic_auth'] ?? undefined, reader),
  };
  refuseOthers(fields, reader);
  return { info, issues };
}

function readTags(written: unknown, { refuse }: Reader): readonly string[] {
  const value = typeTexts(written, {});
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((tag) => typeof tag === 'string')) return value;
  refuse(['select_tags'], 'expected an array of strings');
  return [];
}

function readFlag(value: unknown, { refuse }: Reader): boolean {
  if (value !== undefined && typeof value !== 'boolean') {
    refuse(['skip_hash_for_basic_auth'], 'expected a boolean');
  }
  return value === true;
}

function readDefaults(value: unknown, { refuse }: Reader): ReadonlyMap<EntityKind, Fields> {
  const defaults = new Map<EntityKind, Fields>();
  if (value === undefined) return defaults;
  if (!isFields(value)) {
    refuse(['defaults'], 'expected a record');
    return defaults;
  }
  for (const [name, fields] of Object.entries(value)) {
    const kind = KIND_OF.get(name);
    if (kind === undefined) {
      refuse(['defaults', name], `expected one of: ${[...KIND_OF.keys()].join(', ')}`);
      continue;
    }
    const typed = typeTexts(fields, entitySchema(kind));
    if (isFields(typed)) defaults.set(kind, typed);
    else if (fields !== null) refuse(['defaults', name], 'expected a record');
  }
  return defaults;
}

function refuseOthers(fields: Fields, { issues }: Reader): void {
  for (const name of Object.keys(fields)) {
    if (MEMBERS.includes(name)) continue;
    const near = nearest(name, MEMBERS);
    issues.push({
      code: 'SB1422',
      path: ['_info', name],
      message: 'unknown field',
      ...(near !== undefined && { hint: `did you mean '${near}'?` }),
    });
  }
}
