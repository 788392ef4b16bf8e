/** Plugins, entities and fields of Kong Enterprise by name, and what to do here instead. */
import { PLUGIN_NAMES } from './schemas.ts';

/** Another plugin that does the same or most of it, or a sentence; '' where there is nothing. */
const PLUGINS: ReadonlyMap<string, string> = new Map([
  ['rate-limiting-advanced', 'rate-limiting'],
  ['request-transformer-advanced', 'request-transformer'],
  ['response-transformer-advanced', 'response-transformer'],
  ['proxy-cache-advanced', 'proxy-cache'],
  ['graphql-rate-limiting-advanced', 'rate-limiting'],
  ['graphql-proxy-cache-advanced', 'proxy-cache'],
  ['ldap-auth-advanced', 'ldap-auth'],
  ['key-auth-enc', 'key-auth'],
  ['vault-auth', 'key-auth'],
  ['openid-connect', 'jwt'],
  ['oauth2-introspection', 'jwt'],
  ['jwt-signer', 'jwt'],
  ['statsd-advanced', 'statsd'],
  ['ai-proxy-advanced', 'ai-proxy'],
  ['ai-rate-limiting-advanced', 'rate-limiting'],
  ['canary', 'write an upstream with weighted targets'],
  ['route-by-header', "write a route with 'headers'"],
  ['forward-proxy', "name the proxy as the service's host"],
  ['upstream-timeout', 'set the timeouts of the service'],
  ['tls-handshake-modifier', ''],
  ['tls-metadata-headers', ''],
  ...`ace ai-a2a-proxy ai-aws-guardrails ai-azure-content-safety ai-gcp-model-armor ai-lakera-guard
  ai-llm-as-judge ai-mcp-oauth2 ai-mcp-proxy ai-prompt-compressor ai-rag-injector ai-sanitizer
  ai-semantic-cache ai-semantic-prompt-guard ai-semantic-response-guard app-dynamics
  application-registration confluent confluent-consume datakit degraphql exit-transformer
  header-cert-auth injection-protection jq json-threat-protection jwe-decrypt kafka-consume kafka-log
  kafka-upstream konnect-application-auth metering-and-billing mocking mtls-auth oas-validation opa
  request-callout request-validator route-transformer-advanced saml service-protection solace-consume
  solace-log solace-upstream upstream-oauth websocket-size-limit websocket-validator
  xml-threat-protection`
    .split(/\s+/)
    .map((name): [string, string] => [name, '']),
]);

/** Plugins of Kong Enterprise, by name. */
export const ENTERPRISE_PLUGINS: readonly string[] = [...PLUGINS.keys()];

/** What to do about a plugin of Kong Enterprise; `undefined` for a name that is none or that this build has. */
export function enterpriseAdvice(name: string): string | undefined {
  const instead = PLUGINS.get(name);
  if (instead === undefined || PLUGIN_NAMES.includes(name)) return undefined;
  if (PLUGIN_NAMES.includes(instead)) return `use '${instead}', or remove the entry`;
  return instead.includes(' ') ? `${instead}, or remove the entry` : 'remove the entry';
}

/** By owner and field: hints where it is an `unknown field`. */
export const ENTERPRISE_HINTS: readonly (readonly [string, string])[] = [
  [
    'services.tls_sans',
    "Kong Enterprise's tls_sans is not supported; the service's host is checked",
  ],
  ['plugins.ordering', "Kong Enterprise's plugin ordering is not supported; priorities are Kong's"],
  [
    'plugins.condition',
    "Kong Enterprise's conditions are not supported; put the plugin on a route",
  ],
  [
    'plugins.partials',
    "Kong Enterprise's partials are not supported; write the settings under 'config', or share them with YAML anchors",
  ],
  [
    'upstreams.sticky_sessions_cookie',
    "Kong Enterprise's sticky sessions are not supported; use hash_on: cookie",
  ],
  [
    'upstreams.sticky_sessions_cookie_path',
    "Kong Enterprise's sticky sessions are not supported; use hash_on: cookie",
  ],
  [
    'consumers.mtls_auth_credentials',
    "mTLS credentials belong to Kong Enterprise's mtls-auth; remove them",
  ],
  ['services.filter_chains', 'WebAssembly filters are not supported; remove the list'],
  ['routes.filter_chains', 'WebAssembly filters are not supported; remove the list'],
  ...[
    'custom_entities',
    'custom_plugins',
    'cloned_plugins',
    'service_packages',
    'licenses',
    'rbac_roles',
    'partials',
    'consumer_group_plugins',
    'mtls_auth_credentials',
    'degraphql_routes',
    'graphql_ratelimiting_cost_decorations',
    'graphql_ratelimiting_advanced_cost_decoration',
    'event_hooks',
    'applications',
    'developers',
    'rbac_users',
    'rbac_endpoint_permissions',
  ].map(
    (name) =>
      [
        `document.${name}`,
        `'${name}' belong to Kong Enterprise or Konnect; remove the list`,
      ] as const,
  ),
];
