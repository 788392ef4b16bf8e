/** What Kong has and this version does not run: refused by name, never loaded and ignored. */
import type { FieldProblem } from './checks/field-checks.ts';
import type { FieldIssue, Fields } from './checks/field-issue.ts';
import { ENTERPRISE_HINTS } from './enterprise.ts';
import { BUNDLED_SCHEMAS, PLUGIN_NAMES, type PluginSchemas } from './schemas.ts';
import { isVaultReference } from './secrets.ts';
import type { ConfigPath } from '../errors.ts';
import type { EntityKind } from './types.ts';

interface UnsupportedRule {
  readonly code: string;
  readonly kind: EntityKind;
  readonly path: ConfigPath;
  /** The value at `path`, defaults filled in. */
  readonly when: (value: unknown) => boolean;
  readonly message: string;
}

const STREAM_PROTOCOLS: readonly unknown[] = ['tcp', 'tls', 'udp', 'tls_passthrough'];

const isStream = (value: unknown): boolean => STREAM_PROTOCOLS.includes(value);
const isNotNull = (value: unknown): boolean => value !== null && value !== undefined;

const STREAM_MESSAGE =
  "the stream protocols 'tcp', 'tls', 'udp' and 'tls_passthrough' are not supported by this version; use 'http' or 'https'";

const streamMatcher = (field: string): UnsupportedRule => ({
  code: 'SB1403',
  kind: 'routes',
  path: [field],
  when: isNotNull,
  message: `'${field}' matches streams, which are not supported by this version; remove it`,
});

/** Kong reads no vault here either and takes the text literally: a secret that anybody can guess. */
const literalSecret = (kind: EntityKind, field: string): UnsupportedRule => ({
  code: 'SB1501',
  kind,
  path: [field],
  when: isVaultReference,
  message: `vault references are not resolved in '${field}': the text itself would be the secret; write the value`,
});

const RULES: readonly UnsupportedRule[] = [
  { code: 'SB1403', kind: 'services', path: ['protocol'], when: isStream, message: STREAM_MESSAGE },
  {
    code: 'SB1403',
    kind: 'routes',
    path: ['protocols'],
    when: (value) => Array.isArray(value) && value.some(isStream),
    message: STREAM_MESSAGE,
  },
  streamMatcher('sources'),
  streamMatcher('destinations'),
  literalSecret('jwt_secrets', 'secret'),
  literalSecret('keyauth_credentials', 'key'),
  literalSecret('basicauth_credentials', 'password'),
  literalSecret('hmacauth_credentials', 'secret'),
];

/**
 * What this version cannot run of a valid entity. Meant for documents without any other issue, so
 * that plain mistakes are answered as Kong answers them.
 * @param entity with its defaults (`applyDefaults`)
 */
export function unsupportedIssues(kind: EntityKind, entity: Fields): FieldIssue[] {
  return RULES.filter((rule) => rule.kind === kind && rule.when(valueAt(entity, rule.path))).map(
    ({ code, path, message }) => ({ code, path, message }),
  );
}

function valueAt(entity: Fields, path: ConfigPath): unknown {
  let value: unknown = entity;
  for (const step of path)
    value = typeof value === 'object' ? Reflect.get(value ?? {}, step) : undefined;
  return value;
}

/** Every plugin that comes with Kong 3.9; those with a schema are in this build. */
export const KONG_PLUGINS: ReadonlySet<string> = new Set(
  `acl acme ai-prompt-decorator ai-prompt-guard ai-prompt-template ai-proxy ai-request-transformer
  ai-response-transformer aws-lambda azure-functions basic-auth bot-detection correlation-id cors datadog
  file-log grpc-gateway grpc-web hmac-auth http-log ip-restriction jwt key-auth ldap-auth loggly oauth2
  opentelemetry post-function pre-function prometheus proxy-cache rate-limiting redirect
  request-size-limiting request-termination request-transformer response-ratelimiting
  response-transformer session standard-webhooks statsd syslog tcp-log udp-log zipkin`.split(/\s+/),
);

export interface KnownPlugins {
  /** Names that the settings enable; absent: every plugin. */
  readonly enabledPlugins?: ReadonlySet<string> | undefined;
  /** Absent: the plugins of this build. */
  readonly plugins?: PluginSchemas | undefined;
}

/** Why a plugin of that name cannot be used, if so. */
export function pluginNameProblem(
  name: string,
  { enabledPlugins, plugins = BUNDLED_SCHEMAS }: KnownPlugins = {},
): FieldProblem | undefined {
  if (plugins.has(name) && (enabledPlugins?.has(name) ?? true)) return undefined;
  if (KONG_PLUGINS.has(name) && !plugins.has(name)) {
    const list = PLUGIN_NAMES.join(', ');
    return {
      code: 'SB1401',
      message: `plugin '${name}' is not supported by this version, which has: ${list}; remove the entry`,
    };
  }
  return {
    code: 'SB1402',
    message: `plugin '${name}' not enabled; add it to the 'plugins' configuration property`,
  };
}

const NOT_HERE = 'is not supported by this version; remove it';

/** Hints for fields that are `unknown field` here and mean something in another Kong or in decK. */
const UNKNOWN_FIELD_HINTS: ReadonlyMap<string, string> = new Map([
  ['routes.expression', `the expressions router ${NOT_HERE} and use 'paths', 'hosts', 'headers'`],
  ['routes.priority', `the expressions router ${NOT_HERE} or use 'regex_priority'`],
  ['consumers.groups', 'a list of records: groups: [{ name: <consumer group> }]'],
  ['consumer_groups.consumers', 'a list of records: consumers: [{ username: <consumer> }]'],
  ['plugins._config', "decK's _config names an entry of _plugin_configs, and there is none"],
  ...[
    'workspaces parameters clustering_data_planes filter_chains',
    'oauth2_credentials oauth2_tokens oauth2_authorization_codes acme_storage ratelimiting_metrics sessions',
  ]
    .join(' ')
    .split(' ')
    .map((name): [string, string] => [`document.${name}`, `'${name}' ${NOT_HERE}`]),
  ...ENTERPRISE_HINTS,
]);

/** @param owner an entity kind, or `document` */
export const unknownFieldHint = (owner: string, field: string): string | undefined =>
  UNKNOWN_FIELD_HINTS.get(`${owner}.${field}`);
