/**
 * decK's dialect: what its files say beyond the entities is worked into them, so that the rest of the
 * program meets a document of Kong's. The shape is that of decK 1.6x (`_format_version` 1.1 and 3.0).
 */
import type { ConfigIssue, ConfigPath } from '../../errors.ts';
import { isFields, type Fields } from '../checks/field-issue.ts';
import { expandShorthands } from '../defaults.ts';
import { typeTexts } from '../interpolate.ts';
import { entitySchema, memberSchema, pluginSchema, type PluginSchemas } from '../schemas.ts';
import { nearest } from '../suggest.ts';
import type { EntityKind } from '../types.ts';
import { mapEntities } from './entities.ts';
import { readInfo, type DeckInfo } from './info.ts';

export interface ExpandedDocument {
  readonly document: Fields;
  readonly issues: readonly ConfigIssue[];
  /** True for basic auth passwords that are digests already (`skip_hash_for_basic_auth`). */
  readonly hasDigests: boolean;
}

/** Members of a document that only decK knows. */
export const DECK_MEMBERS = ['_info', '_workspace', '_konnect', '_plugin_configs'] as const;

/** A document without a word of decK's is given back as it is. */
export function expandDeck(document: Fields, plugins?: PluginSchemas): ExpandedDocument {
  if (!DECK_MEMBERS.some((name) => Object.hasOwn(document, name))) {
    return { document, issues: [], hasDigests: false };
  }
  const { _info, _workspace, _konnect, _plugin_configs, ...rest } = document;
  const { info, issues: infoIssues } = readInfo(_info ?? undefined);
  const issues: ConfigIssue[] = [
    ...infoIssues,
    ...(isText(_workspace) ? [] : [malformed(['_workspace'], 'expected a string')]),
    ...(isRecord(_konnect) ? [] : [malformed(['_konnect'], 'expected a record')]),
    ...(isRecord(_plugin_configs) ? [] : [malformed(['_plugin_configs'], 'expected a record')]),
  ];
  const configs = isFields(_plugin_configs) ? _plugin_configs : {};
  const expanded = mapEntities(rest, (kind, entity, path) => {
    if (kind === 'services') issues.push(...urlClashes(entity, path));
    const whole =
      kind === 'plugins' ? withConfig(entity, configs, { path, issues, plugins }) : entity;
    return withTags(kind, withEntityDefaults(kind, whole, info), info);
  });
  return { document: expanded, issues, hasDigests: info.hasDigests };
}

const isText = (value: unknown): boolean =>
  value === undefined || value === null || typeof value === 'string';
const isRecord = (value: unknown): boolean =>
  value === undefined || value === null || isFields(value);

const malformed = (path: ConfigPath, message: string): ConfigIssue => ({
  code: 'SB1422',
  path,
  message,
});

interface Place {
  readonly path: ConfigPath;
  readonly issues: ConfigIssue[];
  readonly plugins: PluginSchemas | undefined;
}

/** A plugin's `_config` names shared settings; the plugin's own win, at every level. */
function withConfig(entity: Fields, configs: Fields, { path, issues, plugins }: Place): Fields {
  if (!Object.hasOwn(entity, '_config')) return entity;
  const { _config: name, ...plugin } = entity;
  if (typeof name !== 'string') {
    issues.push(malformed([...path, '_config'], 'expected a string'));
    return plugin;
  }
  const schema = pluginSchema(String(plugin['name']), plugins) ?? {};
  const shared = Object.hasOwn(configs, name) ? typeTexts(configs[name], schema) : undefined;
  if (!isFields(shared)) {
    const near = nearest(name, Object.keys(configs));
    issues.push({
      code: 'SB1421',
      path: [...path, '_config'],
      message: `_plugin_configs has no '${name}'`,
      ...(near !== undefined && { suggestion: near, hint: `did you mean '${near}'?` }),
    });
    return plugin;
  }
  const { config } = plugin;
  // What is no record stays, to be refused as such.
  return isRecord(config)
    ? { ...plugin, config: merge(isFields(config) ? config : {}, shared) }
    : plugin;
}

/** The members of `base` where `own` has none; records are merged, lists are not. */
function merge(own: Fields, base: unknown): Fields {
  if (!isFields(base)) return own;
  const merged = new Map(Object.entries(own));
  for (const [name, value] of Object.entries(base)) {
    const given = merged.get(name);
    if (!merged.has(name)) merged.set(name, value);
    else if (isFields(given)) merged.set(name, merge(given, value));
  }
  return Object.fromEntries(merged);
}

function withEntityDefaults(kind: EntityKind, entity: Fields, { defaults }: DeckInfo): Fields {
  const base = defaults.get(kind);
  return base === undefined ? entity : merge(entity, base);
}

function withTags(kind: EntityKind, entity: Fields, { selectTags }: DeckInfo): Fields {
  if (selectTags.length === 0) return entity;
  if (memberSchema(entitySchema(kind), 'tags') === undefined) return entity;
  const { tags } = entity;
  if (tags !== undefined && tags !== null && !Array.isArray(tags)) return entity;
  return { ...entity, tags: [...new Set<unknown>([...(tags ?? []), ...selectTags])] };
}

const URL_PARTS = ['protocol', 'host', 'port', 'path'] as const;

/** In Kong `url` wins over its parts, in decK the parts win: where they differ, nobody can tell. */
function urlClashes(entity: Fields, path: ConfigPath): ConfigIssue[] {
  const { url, ...rest } = entity;
  if (typeof url !== 'string') return [];
  const meant = expandShorthands('services', { url });
  return URL_PARTS.filter((part) => {
    const given = rest[part] ?? undefined;
    return given !== undefined && given !== (meant[part] ?? undefined);
  }).map((part) => ({
    code: 'SB1423',
    path: [...path, part],
    message: `'${part}' and 'url' say different things: decK takes '${part}', Kong takes 'url'`,
  }));
}
