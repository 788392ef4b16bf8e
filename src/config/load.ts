/** Document → Config: the one way in, whatever the document came as. */
import { createHash } from 'node:crypto';
import type { ConfigIssue, ConfigPath, SourceRange } from '../errors.ts';
import type { CheckRegex } from './checks/regex.ts';
import type { Fields } from './checks/field-issue.ts';
import { deepFreeze } from './deep-freeze.ts';
import { rememberEntities, type EarlierEntities } from './earlier.ts';
import { applyDefaults, expandShorthands } from './defaults.ts';
import { assignIds } from './ids.ts';
import { issueOf, listEntries, membershipItems, type Item } from './items.ts';
import { readDocument, type DocumentSource, type ReadDocument } from './read.ts';
import type { ReferenceSources } from './references-in-text.ts';
import { brokenReferences, createFinder, duplicateFields, duplicateKeys } from './references.ts';
import { createRefusal, ISSUES_MAX } from './refusal.ts';
import { furtherIssues } from './further-issues.ts';
import { resolveEntity } from './resolve.ts';
import { ENTITY_KINDS, type PluginSchemas } from './schemas.ts';
import type { Config, EntityKind } from './types.ts';
import { unsupportedIssues } from './unsupported.ts';
import { validateDocument, validateEntity } from './validate.ts';

export type { DocumentSource } from './read.ts';

export interface LoadOptions {
  /** Names of the enabled plugins. */
  readonly plugins: readonly string[];
  /** Of every plugin that there is, enabled or not; absent: those of this build. */
  readonly schemas?: PluginSchemas | undefined;
  /** Milliseconds since the epoch: `created_at`, `updated_at`, `loadedAt`. */
  readonly now: number;
  /** The router's check of a regular expression. */
  readonly checkPathRegex?: CheckRegex | undefined;
  /** What references in the operator's files stand for; absent: they are plain text. */
  readonly references?: ReferenceSources | undefined;
  /** What the config before had and the document does not say; absent: such values are new. */
  readonly earlier?: EarlierEntities | undefined;
}

/** Where an entity is written. */
export interface EntityPlace {
  /** Which text of the source, counted from 0. */
  readonly file: number;
  /** In the document of that text. */
  readonly path: ConfigPath;
}

export interface LoadedConfig {
  readonly config: Config;
  /** False when passwords in the document are digests already. */
  readonly transform: boolean;
  /** Where an entity's field was written; absent for documents that were no text. */
  locate(entityId: string, below: ConfigPath): SourceRange | undefined;
  /** The entity's path in the document; empty for an unknown id. */
  pathOf(entityId: string): ConfigPath;
  /** The entity's fields as the document gives them, before defaults; `undefined` for an unknown id. */
  writtenOf(entityId: string): Readonly<Record<string, unknown>> | undefined;
  placeOf(kind: EntityKind, entityId: string): EntityPlace | undefined;
  /** The id of the entity that is written there. */
  idAt(place: EntityPlace): string | undefined;
  /**
   * For the load of a document that follows this one.
   * @param changed ids of entities that have a new `updated_at`; absent: all have
   */
  earlier(changed?: ReadonlySet<string>): EarlierEntities;
}

const NO_HASH = '0'.repeat(32);

/**
 * Reads, checks and resolves a document. Throws ConfigError with all the problems of the first stage
 * that finds some (text, fields and rules, what this build does not run, references and uniqueness)
 * and, as `further`, those that the later stages see in what is sound.
 */
export function loadConfig(source: DocumentSource, options: LoadOptions): LoadedConfig {
  const { schemas } = options;
  const read = readDocument(source, options.references, schemas);
  const { document } = read;
  const refuse = createRefusal(read, schemas);
  const { items: entries, issues } = checkEntries(document, options);
  const items = [...entries, ...membershipItems(entries)];
  assignIds(items, options.earlier);
  const find = createFinder(items);
  const resolveOptions = {
    find,
    now: options.now,
    transform: read.transform,
    earlier: options.earlier,
    plugins: schemas,
  };
  if (issues.length > ISSUES_MAX) refuse(issues, []);
  if (issues.length > 0) refuse(issues, furtherIssues(items, issues, resolveOptions));
  const filled = new Map(items.map((item) => [item, fillItem(item, schemas)]));
  const relations = (): ConfigIssue[] => [
    ...brokenReferences(items, find),
    ...duplicateKeys(items),
  ];
  const unsupported = [...filled].flatMap(([item, fields]) => unsupportedOf(item, fields));
  if (unsupported.length > 0) refuse(unsupported, relations());
  const unrelated = relations();
  if (unrelated.length > 0) refuse(unrelated, []);
  const entities = [...filled].map(
    ([item, fields]) => [item, resolveEntity(item, fields, resolveOptions)] as const,
  );
  const duplicates = duplicateFields(entities);
  if (duplicates.length > 0) refuse(duplicates, []);
  const config = buildConfig(entities, read.identity, options.now);
  return {
    config,
    transform: read.transform,
    ...placesOf(items, read),
    earlier: (changed) => rememberEntities(entities, changed),
  };
}

const unsupportedOf = (item: Item, fields: Fields): ConfigIssue[] =>
  unsupportedIssues(item.kind, fields).map((issue) => issueOf(item, issue));

/** Lower-case hex md5 of a source text: equal to `config.hash` of what is loaded from it. */
export const configHash = (text: string): string => createHash('md5').update(text).digest('hex');

/** What runs before anything is loaded. @param now milliseconds since the epoch */
export function emptyConfig(now: number): Config {
  return buildConfig([], undefined, now);
}

function checkEntries(
  document: Fields,
  options: LoadOptions,
): { readonly items: readonly Item[]; readonly issues: readonly ConfigIssue[] } {
  const enabledPlugins = new Set(options.plugins);
  const entries = listEntries(document);
  const issues: ConfigIssue[] = validateDocument(document);
  for (const { kind, value, path, item } of entries) {
    if (issues.length > ISSUES_MAX) break;
    const found = validateEntity(kind, value, {
      enabledPlugins,
      plugins: options.schemas,
      checkRegex: options.checkPathRegex,
      nestedIn: item?.parent?.item.kind,
    });
    for (const issue of found) {
      issues.push(
        item === undefined ? { ...issue, path: [...path, ...issue.path] } : issueOf(item, issue),
      );
    }
  }
  return { items: entries.flatMap(({ item }) => item ?? []), issues };
}

/** Explicit nulls are unset, so that a parent's field or a default may stand in for them. */
const fillItem = ({ kind, given }: Item, schemas: PluginSchemas | undefined): Fields =>
  applyDefaults(kind, expandShorthands(kind, given), schemas);

function placesOf(
  items: readonly Item[],
  { locate, ownPath, fileOf }: ReadDocument,
): Omit<LoadedConfig, 'config' | 'transform' | 'earlier'> {
  const byItsId = new Map(items.map((item) => [item.id, item]));
  const placeOf = ({ path }: Item): EntityPlace => ({ file: fileOf(path), path: ownPath(path) });
  let byKind: ReadonlyMap<string, Item> | undefined;
  let byPlace: ReadonlyMap<string, Item> | undefined;
  return {
    placeOf(kind, entityId) {
      byKind ??= new Map(items.map((item) => [`${item.kind} ${item.id}`, item]));
      const item = byKind.get(`${kind} ${entityId}`);
      return item && placeOf(item);
    },
    idAt({ file, path }) {
      byPlace ??= new Map(items.map((item) => [placeKey(placeOf(item)), item]));
      return byPlace.get(placeKey({ file, path }))?.id;
    },
    pathOf: (entityId) => ownPath(byItsId.get(entityId)?.path ?? []),
    writtenOf: (entityId) => byItsId.get(entityId)?.given,
    locate: (entityId, below) => {
      const item = byItsId.get(entityId);
      return item && locate?.([...item.path, ...below]);
    },
  };
}

const placeKey = ({ file, path }: EntityPlace): string => `${file} ${path.join('\n')}`;

function buildConfig(
  pairs: readonly (readonly [Item, Fields])[],
  identity: string | undefined,
  now: number,
): Config {
  const lists = new Map(ENTITY_KINDS.map((kind): [string, Fields[]] => [kind, []]));
  for (const [{ kind }, entity] of pairs) lists.get(kind)?.push(entity);
  for (const list of lists.values()) list.sort(byId);
  const entities: object = Object.fromEntries(lists);
  if (!isComplete(entities)) throw new Error('an entity list is missing');
  const hash = pairs.length === 0 ? NO_HASH : configHash(identity ?? JSON.stringify(entities));
  return deepFreeze({ hash, loadedAt: Math.floor(now / 1000), entities });
}

/** The entities were checked against the schemas that their types are generated from. */
const isComplete = (entities: object): entities is Config['entities'] =>
  ENTITY_KINDS.every((kind) => Object.hasOwn(entities, kind));

function byId(a: Fields, b: Fields): number {
  const [left, right] = [String(a['id']), String(b['id'])];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
